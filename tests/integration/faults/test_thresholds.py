"""Thresholds are rows: everywhere, for a model, at a site; the narrower wins, each is audited."""

from datetime import timedelta

import pytest

from chargenet.core.models import AuditEntry
from faults import detection, queries, rules, tuning
from faults.models import Fault, RuleSetting
from faults.rules.thresholds import ThresholdsRefused
from faults.tuning import Where
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def fires_after(made: Cast, *, model: str = "") -> timedelta:
    station = made.ac_station
    holds = queries.tuning_of(station.operator_id, station.location_id, model)
    found: timedelta = holds.thresholds(rules.BY_CODE["F01"]).fires_after
    return found


def set_f01(made: Cast, seconds: float, **where: object) -> None:
    tuning.set_thresholds(
        where=Where(operator_id=made.ac_station.operator_id, **where),  # type: ignore[arg-type]
        code="F01",
        values={"fires_after": seconds},
        actor_id=made.cilla.pk,
        as_of=NOON,
    )


def test_the_narrower_setting_wins(made: Cast) -> None:
    assert fires_after(made) == minutes(15)
    set_f01(made, 600)
    assert fires_after(made, model="M1") == minutes(10)
    set_f01(made, 300, station_model="M1")
    assert (fires_after(made), fires_after(made, model="M1")) == (minutes(10), minutes(5))
    set_f01(made, 60, location_id=made.ac_station.location_id)
    assert fires_after(made, model="M1") == minutes(1)


def test_a_setting_decides_when_a_station_is_offline(made: Cast) -> None:
    scene.hear(made.ac_station, at=NOON, is_online=False)
    set_f01(made, 24 * 3600)
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(30))
    assert Fault.objects.get().state == "pending"

    tuning.reset_thresholds(
        where=Where(operator_id=made.ac_station.operator_id),
        code="F01",
        actor_id=made.cilla.pk,
        as_of=NOON + minutes(31),
    )

    assert detection.sweep_silent(as_of=NOON + minutes(31)) >= 1
    assert Fault.objects.get().state == "firing"
    actions = AuditEntry.objects.filter(object_type="rulesetting").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["rule.set", "rule.reset"]


def test_a_rule_that_is_switched_off_is_not_asked_and_lets_go(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    assert Fault.objects.get().state == "firing"

    tuning.set_thresholds(
        where=Where(operator_id=made.ac_station.operator_id),
        code="F36",
        values={},
        is_active=False,
        actor_id=made.cilla.pk,
        as_of=NOON + minutes(2),
    )
    detection.sweep_silent(as_of=NOON + minutes(2))

    assert Fault.objects.get().state == "cleared"
    scene.say(made.socket, "Faulted", at=NOON + minutes(3), code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(4))
    assert Fault.objects.get().state == "cleared"


@pytest.mark.parametrize(
    ("values", "path"),
    [({"fire_after": 5}, "F01.fire_after"), ({"fires_after": -1}, "F01.fires_after")],
)
def test_a_value_no_rule_can_be_set_to_is_refused_by_its_name(
    made: Cast, values: dict[str, float], path: str
) -> None:
    with pytest.raises(ThresholdsRefused) as refused:
        tuning.set_thresholds(
            where=Where(operator_id=made.ac_station.operator_id),
            code="F01",
            values=values,
            actor_id=None,
            as_of=NOON,
        )

    assert refused.value.path == path
    assert not RuleSetting.objects.exists()


def test_no_rule_of_that_name_is_refused(made: Cast) -> None:
    with pytest.raises(tuning.RuleUnknown):
        tuning.set_thresholds(
            where=Where(operator_id=made.ac_station.operator_id),
            code="F99",
            values={},
            actor_id=None,
            as_of=NOON,
        )


def test_a_stored_value_that_no_longer_fits_leaves_the_rule_its_own(made: Cast) -> None:
    RuleSetting.objects.create(
        operator_id=made.ac_station.operator_id,
        code="F01",
        values={"gone": 1},
        updated_at=NOON,
    )

    holds = queries.tuning_of(made.ac_station.operator_id, None, "")

    assert fires_after(made) == minutes(15)
    assert list(holds.refused) == ["F01"]
