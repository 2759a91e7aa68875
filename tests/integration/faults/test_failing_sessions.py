"""Sessions fail at a connector that says it is well."""

import pytest

from faults import detection
from faults.models import Downtime, Fault, RuleState, Ticket
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def look(made: Cast, minute: float) -> None:
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON + minutes(minute))


def test_sessions_that_fail_become_a_ticket_and_three_good_ones_close_it(made: Cast) -> None:
    for hour in range(6):
        scene.charge(made.tethered, made.astrids_token, at=NOON - minutes(60 * (10 - hour)))
    look(made, -1)
    tokens = [made.astrids_token, made.bos_token]
    for number in range(4):
        scene.fail(made.tethered, tokens[number % 2], at=NOON + minutes(number * 10))
        look(made, number * 10 + 2)

    fault = Fault.objects.get()
    assert (fault.code, fault.severity, fault.state) == ("F10", 3, "firing")
    assert fault.cable == made.cable, "the cable may be to blame"
    assert fault.began_at == NOON
    assert Downtime.objects.get().started_at == NOON
    assert made.astrids_token.uid not in str(fault.evidence)
    for number in range(3):
        scene.charge(made.tethered, made.bos_token, at=NOON + minutes(60 + number * 60))
        look(made, 60 + number * 60 + 41)

    fault.refresh_from_db()
    assert fault.state == "cleared"
    assert Ticket.objects.get().state == "closed"


def test_each_session_is_counted_once_however_often_we_look(made: Cast) -> None:
    scene.fail(made.tethered, made.astrids_token, at=NOON)
    for minute in range(2, 9):
        look(made, minute)
    memory = RuleState.objects.get(code="F10").state
    assert memory["failures_in_a_row"] == 1
    assert not Fault.objects.exists()


def test_a_car_that_fails_everywhere_accuses_no_connector(made: Cast) -> None:
    sites = [cast.make_station(made.location, f"NORD-AC-{n}")[1][0] for n in (2, 3)]
    for socket in sites:
        scene.fail(socket, made.astrids_token, at=NOON - minutes(60))
    for number in range(8):
        scene.fail(made.tethered, made.astrids_token, at=NOON + minutes(number * 10))
    look(made, 99)
    assert set(Fault.objects.values_list("code", flat=True)) == {"F39"}
    assert not Ticket.objects.exists()


def test_history_that_was_imported_accuses_nobody(made: Cast) -> None:
    for number in range(8):
        session = scene.fail(made.tethered, None, at=NOON + minutes(number * 10))
        session.source = "import"
        session.save(update_fields=["source"])
    look(made, 99)
    assert not Fault.objects.exists()


def test_more_facts_than_are_taken_at_a_time_are_all_taken(made: Cast, monkeypatch) -> None:
    monkeypatch.setattr("faults.queries.outcomes.AT_A_TIME", 3)
    for number in range(10):
        scene.charge(made.tethered, None, at=NOON + minutes(number * 60))
    look(made, 700)
    assert round(RuleState.objects.get(code="F10").state["counted"]) == 10
