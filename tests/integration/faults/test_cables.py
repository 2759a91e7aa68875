"""The life of a cable: what sessions do to it, when it is worn, and how it is replaced."""

from datetime import timedelta
from math import exp
from random import Random

import pytest

from chargenet.core.models import AuditEntry
from faults import cables, detection
from faults.models import CableLife, CableReading, Fault
from stations import cables as fittings
from stations.cables import CableRefused
from stations.models import Cable, CableFitting, MeterValue, Session, Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
TAU_S = 540.0


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def charge_warm(made: Cast, number: int, theta: float) -> Session:
    """Charge for twenty minutes at 200 A over contacts of this θ."""
    at = NOON + timedelta(hours=3 * number)
    session = scene.charge(
        made.tethered, made.bos_token, at=at, duration=minutes(20), reason="Local"
    )
    fitting = CableFitting.objects.get(connector=made.tethered, removed_at__isnull=True)
    Session.objects.filter(pk=session.pk).update(cable_id=fitting.cable_id)
    MeterValue.objects.bulk_create(
        [
            MeterValue(
                id=100 * number + minute,
                operator_id=made.operator.pk,
                station_id=made.dc_station.pk,
                connector_id=made.tethered.pk,
                session_id=session.pk,
                occurred_at=at + minutes(minute),
                received_at=at + minutes(minute),
                current_a=200 if minute else 0,
                temperature_c=round(15 + theta * 40_000 * (1 - exp(-60 * minute / TAU_S)), 1),
            )
            for minute in range(21)
        ]
    )
    return session


def look(made: Cast, number: int) -> None:
    at = NOON + timedelta(hours=3 * number) + minutes(25)
    detection.examine_station(station_id=made.dc_station.pk, as_of=at)


def wear(made: Cast, first: int, count: int, theta: float) -> None:
    dice = Random(first)
    for number in range(first, first + count):
        charge_warm(made, number, theta * exp(dice.gauss(0, 0.03)))
    look(made, first + count - 1)


def test_sessions_leave_their_heat_and_a_worn_contact_leads_the_list(made: Cast) -> None:
    wear(made, 0, 22, 5e-4)
    life = CableLife.objects.get(cable=made.cable)
    assert (life.sessions, life.energy_wh) == (22, 22 * 12_000)
    assert life.times_base == pytest.approx(1.0, abs=0.1)
    assert CableReading.objects.filter(cable=made.cable, theta__isnull=False).count() == 22
    sound = life.risk

    wear(made, 22, 7, 1.1e-3)
    fault = Fault.objects.get(code="F22")
    assert (fault.state, fault.cable, fault.severity) == ("firing", made.cable, 3)
    life.refresh_from_db()
    assert life.times_base == pytest.approx(2.2, rel=0.1)
    assert life.risk > 80 > sound
    assert life.reasons[0]["word"] == "contact"


def test_a_new_cable_clears_the_fault_and_learns_its_own_usual(made: Cast) -> None:
    wear(made, 0, 20, 5e-4)
    wear(made, 20, 7, 1.1e-3)
    later = NOON + timedelta(days=5)
    new = cables.replace_cable(
        connector=made.tethered,
        serial_number=" K-0002 ",
        why="worn",
        actor_id=made.dag.pk,
        as_of=later,
    )
    assert (new.serial_number, new.type) == ("K-0002", made.cable.type)
    old = CableLife.objects.get(cable=made.cable)
    assert (old.retired_at, old.retired_why, old.connector, old.risk) == (later, "worn", None, 0)
    assert CableLife.objects.get(cable=new).connector == made.tethered
    assert Station.objects.get(pk=made.dc_station.pk).check_after == later
    detection.examine_station(station_id=made.dc_station.pk, as_of=later + minutes(1))
    assert Fault.objects.get(code="F22").state == "cleared"
    told = list(AuditEntry.objects.order_by("pk").values_list("action", "user_id"))
    assert told == [("cable_removed", made.dag.pk), ("cable_fitted", made.dag.pk)]
    wear(made, 60, 5, 1.1e-3)
    assert CableLife.objects.get(cable=new).times_base is None


def test_the_same_replacement_twice_is_done_once(made: Cast) -> None:
    for _ in range(2):
        fittings.replace_cable(
            connector=made.tethered, serial_number="K-0002", actor_id=None, as_of=NOON
        )
    assert CableFitting.objects.filter(connector=made.tethered).count() == 2
    assert Cable.objects.filter(serial_number="K-0002").count() == 1


def test_what_cannot_be_fitted_is_refused_and_changes_nothing(made: Cast) -> None:
    _, (other,) = cast.make_station(made.location, "NORD-DC-2", kind="tethered")
    fittings.replace_cable(connector=other, serial_number="K-0009", actor_id=None, as_of=NOON)
    for place, serial, word in (
        (made.tethered, "  ", "serial_number"),
        (made.socket, "K-0002", "socket"),
        (made.tethered, "K-0009", "fitted_elsewhere"),
    ):
        with pytest.raises(CableRefused, match=word):
            fittings.replace_cable(
                connector=place, serial_number=serial, actor_id=None, as_of=NOON
            )
    fitted = CableFitting.objects.get(connector=made.tethered, removed_at__isnull=True)
    assert fitted.cable == made.cable


def test_a_sweep_finds_cables_nobody_has_weighed_and_counts_the_same_again(made: Cast) -> None:
    wear(made, 0, 3, 5e-4)
    before = CableLife.objects.get(cable=made.cable)
    CableLife.objects.all().delete()
    cables.sweep_lives(as_of=NOON + timedelta(days=2))
    after = CableLife.objects.get(cable=made.cable)
    assert (after.sessions, after.energy_wh) == (before.sessions, before.energy_wh) == (3, 36_000)
    assert after.hottest_c == before.hottest_c
    assert after.connector == made.tethered


def test_an_overheated_cable_leads_the_list_at_once(made: Cast) -> None:
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON)
    scene.say(made.tethered, "Faulted", at=NOON, code="OtherError", vendor="CX019")
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON + minutes(1))
    cables.sweep_lives(as_of=NOON + minutes(2))
    life = CableLife.objects.get(cable=made.cable)
    assert life.risk >= 90
    assert "danger" in {one["word"] for one in life.reasons}
