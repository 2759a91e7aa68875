"""A person asks what a change of thresholds would have found: a worker plays it, once."""

import inspect
from datetime import datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from chargenet.core.models import AuditEntry
from faults import detection, rules, tasks, trials
from faults.engine import inhibition
from faults.models import RuleSetting, RuleTrial
from faults.rules.thresholds import ThresholdsRefused
from faults.trials import playing
from faults.tuning import Where
from stations.models import Location, Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def ask(made: Cast, *, at: datetime = NOON + 3 * HOUR, **more: object) -> RuleTrial:
    asked = {"values": {"fires_after": 7200}, "days": 7, **more}
    place = {name: asked.pop(name) for name in ("location_id", "station_model") if name in asked}
    return trials.ask_trial(
        where=Where(operator_id=made.operator.pk, **place),  # type: ignore[arg-type]
        code="F02",
        actor_id=made.cilla.pk,
        as_of=at,
        **asked,  # type: ignore[arg-type]
    )


def trouble(made: Cast) -> None:
    """An hour of it at one connector, found when it happened."""
    Station.objects.update(is_online=True, connected_at=NOON - HOUR, last_seen_at=NOON)
    scene.say(made.tethered, "Faulted", at=NOON, code="InternalError")
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON + minutes(3))
    scene.say(made.tethered, "Available", at=NOON + HOUR, code="NoError")


def run(trial: RuleTrial, at: datetime = NOON + 3 * HOUR) -> RuleTrial:
    trials.run_trial(trial_id=trial.pk, as_of=at)
    trial.refresh_from_db()
    return trial


def test_what_would_be_gone_stands_beside_what_was_found(made: Cast) -> None:
    trouble(made)
    trial = run(ask(made))

    found = trial.result
    assert trial.state == "done"
    assert (found["in_truth"], found["before"], found["after"]) == (1, 1, 0)
    assert (found["new_count"], found["gone_count"]) == (0, 1)
    assert found["gone"][0]["station"] == made.dc_station.identity
    assert AuditEntry.objects.get(action="rule.try").details["values"] == {"fires_after": 7200}


def test_a_trial_of_a_model_or_a_site_hears_no_other_station(made: Cast) -> None:
    trouble(made)
    Station.objects.filter(pk=made.dc_station.pk).update(model="DC-1")
    elsewhere = Location.objects.create(operator=made.operator, name="Elsewhere")

    here = run(ask(made, station_model="DC-1")).result
    there = run(ask(made, location_id=elsewhere.pk)).result

    assert (here["in_truth"], here["before"]) == (1, 1)
    assert (there["in_truth"], there["before"]) == (0, 0)


def test_what_is_set_for_the_place_is_what_it_is_compared_with(made: Cast) -> None:
    trouble(made)
    RuleSetting.objects.create(
        operator=made.operator,
        code="F02",
        location=made.location,
        values={"fires_after": 9000},
        updated_at=NOON,
    )
    found = run(ask(made, location_id=made.location.pk, values={"fires_after": 60})).result

    assert (found["before"], found["after"]) == (0, 1)


def test_an_operator_has_one_trial_at_a_time(made: Cast) -> None:
    trial = ask(made)
    with pytest.raises(trials.TrialUnderWay):
        ask(made)

    run(trial)
    assert ask(made).state == "waiting"


def test_a_value_that_cannot_be_is_refused_before_anything_is_tried(made: Cast) -> None:
    with pytest.raises(ThresholdsRefused):
        ask(made, values={"fires_after": -1})
    assert not RuleTrial.objects.exists()


def test_too_much_is_told_and_not_tried(made: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble(made)
    monkeypatch.setattr("faults.trials.playing.MOST_ROWS", 1)
    trial = run(ask(made))

    assert (trial.state, trial.problem, trial.result) == ("failed", "too_much", {})


def test_one_that_takes_too_long_is_given_up(made: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(**_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("faults.trials.playing.try_thresholds", slow)
    trial = ask(made)
    tasks.run_trial.run(trial_id=trial.pk)
    trial.refresh_from_db()

    assert (trial.state, trial.problem) == ("failed", "too_slow")


def test_a_lost_nudge_is_found_and_a_lost_worker_ends_its_trial(made: Cast) -> None:
    trial = ask(made)
    assert trials.sweep_trials(as_of=NOON + 4 * HOUR) == [trial.pk]
    RuleTrial.objects.update(state="running", started_at=NOON)
    assert trials.sweep_trials(as_of=NOON + minutes(9)) == []
    trial.refresh_from_db()
    assert trial.state == "running"

    trials.sweep_trials(as_of=NOON + minutes(11))
    trial.refresh_from_db()
    assert (trial.state, trial.problem) == ("failed", "lost")


def test_a_nudge_that_comes_twice_plays_once(made: Cast) -> None:
    trouble(made)
    trial = run(ask(made))
    before = trial.result
    RuleTrial.objects.update(result={})

    assert run(trial).result == {}
    assert before


def test_what_hears_samples_is_played_with_them() -> None:
    for rule in rules.RULES:
        text = inspect.getsource(inspect.getmodule(rule.check) or rules)
        if ".measures" in text or "series." in text:
            assert rule.code in playing.SAMPLED


def test_a_trial_asks_the_rule_and_what_may_explain_it() -> None:
    asked = {rule.code for rule in playing.asked_with(["F11"])}

    assert asked == {"F01", "F06", "F08", "F11", "F13", "F40"}
    assert set(inhibition.ORDER) - set(rules.WIDE_BY_CODE) <= asked
