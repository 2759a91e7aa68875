"""A change of thresholds is tried on what was told, and nothing is changed by it."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chargenet.command import NotDone
from faults import trials
from faults.models import Fault, RuleSetting, RuleState, Ticket
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
LATER = {"F02": {"fires_after": 7200}}


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def _an_hour_of_trouble(made: Cast) -> None:
    scene.say(made.tethered, "Faulted", at=NOON, code="InternalError")
    scene.say(made.tethered, "Available", at=NOON + minutes(60), code="NoError")


def _tried(made: Cast, changed: dict[str, dict[str, Any]]) -> dict[str, trials.Comparison]:
    found = trials.try_thresholds(
        operator_id=made.dc_station.operator_id,
        changed=changed,
        begin=NOON - timedelta(hours=1),
        end=NOON + timedelta(hours=3),
    )
    return {one.code: one for one in found}


def test_what_would_fire_no_more_is_shown_as_gone(made: Cast) -> None:
    _an_hour_of_trouble(made)
    found = _tried(made, LATER)["F02"]
    assert (found.before, found.after, found.same, found.new) == (1, 0, 0, [])
    assert found.gone[0]["station"] == made.dc_station.identity


def test_what_fires_all_the_same_is_the_same(made: Cast) -> None:
    _an_hour_of_trouble(made)
    found = _tried(made, {"F02": {"fires_after": 600}})["F02"]
    assert (found.before, found.after, found.same) == (1, 1, 1)


def test_a_setting_that_holds_is_the_before(made: Cast) -> None:
    _an_hour_of_trouble(made)
    RuleSetting.objects.create(
        operator_id=made.dc_station.operator_id,
        code="F02",
        values={"fires_after": 7200},
        updated_at=NOON,
    )
    found = _tried(made, {"F02": {"fires_after": 0}})["F02"]
    assert (found.before, found.after, len(found.new)) == (0, 1, 1)


def test_sessions_are_heard_again(made: Cast) -> None:
    for number, token in enumerate([made.astrids_token, made.bos_token] * 3):
        scene.fail(made.tethered, token, at=NOON + minutes(number * 10))
    found = _tried(made, {"F10": {"fire_above": 100.0, "run_of_failures": 50}})["F10"]
    assert (found.before, found.after) == (1, 0)


def test_a_trial_changes_nothing(made: Cast) -> None:
    _an_hour_of_trouble(made)
    _tried(made, LATER)
    for model in (Fault, Ticket, RuleState, RuleSetting):
        assert not model.objects.exists()


def test_nobody_waits_for_a_year(made: Cast) -> None:
    with pytest.raises(trials.TooMuch):
        trials.try_thresholds(
            operator_id=made.dc_station.operator_id,
            changed=LATER,
            begin=NOON,
            end=NOON + timedelta(days=365),
        )


def _command(tmp_path: Path, new: object, *args: str) -> Any:
    path = tmp_path / "new.json"
    path.write_text(json.dumps(new))
    out = io.StringIO()
    call_command("backtest_rules", *args, thresholds=str(path), stdout=out)
    return json.loads(out.getvalue())


def test_the_command_tries_days(made: Cast, tmp_path: Path) -> None:
    _an_hour_of_trouble(made)
    day = str(NOON.date())
    slug = made.dc_station.operator.slug
    said = _command(
        tmp_path, LATER, f"--from={day}", f"--to={day}", f"--operator={slug}", "--rule=F02"
    )
    (rule,) = said["rules"]
    assert (rule["code"], rule["before"], rule["after"], len(rule["gone"])) == ("F02", 1, 0, 1)


def test_the_command_tries_a_recording(tmp_path: Path) -> None:
    row = {"ts": "2026-03-01T08:00:00Z", "cp": "CP", "proto": "ocpp1.6", "dir": "cp->cs"}
    word = {"connectorId": 1, "status": "Faulted", "errorCode": "InternalError"}
    rows = [
        {**row, "msg": [2, "1", "StatusNotification", word]},
        {**row, "ts": "2026-03-01T08:10:00Z", "msg": [2, "2", "Heartbeat", {}]},
    ]
    path = tmp_path / "talk.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in rows))
    (rule,) = _command(tmp_path, LATER, str(path), "--rule=F02")["rules"]
    assert (rule["before"], rule["after"]) == (1, 0)


@pytest.mark.parametrize(
    ("args", "new", "named"),
    [
        ((), LATER, "--from"),
        (("--from=2026-01-02", "--to=2026-01-01"), LATER, "--to"),
        (("--from=x", "--to=2026-01-01"), LATER, "--from"),
        (("--rule=F99", "--from=2026-01-01", "--to=2026-01-01"), LATER, "F99"),
        (("nowhere.jsonl",), {"F02": {"patience": 1}}, "F02.patience"),
        (("nowhere.jsonl",), [], "no JSON object"),
        (("nowhere.jsonl",), LATER, "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_tried_is_refused_by_name(
    tmp_path: Path, args: tuple[str, ...], new: object, named: str
) -> None:
    with pytest.raises(NotDone) as refused:
        _command(tmp_path, new, *args)
    assert named in str(refused.value)
