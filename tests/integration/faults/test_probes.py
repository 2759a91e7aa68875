"""Asking at night: whom, when, what, and what the answers mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from faults import detection, probing
from faults.models import Fault
from stations import commands
from stations.models import Command, Connector, Observation, Session, Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db

# Three o'clock in Stockholm.
NIGHT = datetime(2026, 11, 3, 2, tzinfo=UTC)
LATER = timedelta(minutes=5)


@pytest.fixture
def made() -> Cast:
    """The cast with one idle socket alone on its station, online and free."""
    found = cast.make_cast()
    Station.objects.update(is_online=False)
    return found


@pytest.fixture
def socket(made: Cast) -> Connector:
    station, (connector,) = cast.make_station(made.location, "NORD-NIGHT-1")
    scene.hear(station, at=NIGHT)
    Connector.objects.filter(pk=connector.pk).update(status="Available")
    connector.refresh_from_db()
    return connector


def answer(state: str, **said: Any) -> None:
    """Answer whatever was asked in one way."""
    for command in Command.objects.exclude(state__in=Command.FINAL):
        Command.objects.filter(pk=command.pk).update(
            state=state,
            sent_at=command.created_at,
            finished_at=command.created_at,
            answer=said or None,
        )


def probe(at: datetime) -> None:
    assert probing.send_probes(as_of=at) == 1
    answer("timeout")
    assert probing.sweep_probes(as_of=at + LATER)[0] == 1


def test_an_idle_connector_is_asked_three_things_once_a_night(socket: Connector) -> None:
    assert probing.send_probes(as_of=NIGHT) == 1
    assert probing.send_probes(as_of=NIGHT + LATER) == 0
    answer("accepted")
    assert probing.send_probes(as_of=NIGHT + LATER) == 0

    asked = Command.objects.filter(station=socket.station).order_by("pk")
    assert [one.action for one in asked] == [
        commands.TRIGGER,
        commands.GET_CONFIGURATION,
        commands.UNLOCK,
    ]
    assert {one.origin for one in asked} == {f"probe:{socket.pk}"}
    assert all(one.requested_by is None for one in asked)
    assert probing.send_probes(as_of=NIGHT + timedelta(days=1)) == 1


def test_by_day_nobody_is_asked(socket: Connector) -> None:
    assert probing.send_probes(as_of=NIGHT + timedelta(hours=6)) == 0


def test_a_cable_that_is_fixed_has_no_lock_to_open(socket: Connector) -> None:
    Connector.objects.filter(pk=socket.pk).update(kind=Connector.Kind.TETHERED)
    probing.send_probes(as_of=NIGHT)

    assert not Command.objects.filter(action=commands.UNLOCK).exists()


@pytest.mark.parametrize("hours", [-1, -19])
def test_a_connector_in_use_or_used_today_needs_no_probe(
    socket: Connector, made: Cast, hours: int
) -> None:
    scene.charge(socket, made.astrids_token, at=NIGHT + timedelta(hours=hours))

    assert probing.send_probes(as_of=NIGHT) == 0


def test_nobody_is_asked_while_somebody_charges_at_the_station(made: Cast) -> None:
    station, (one, other) = cast.make_station(made.location, "NORD-NIGHT-2", count=2)
    scene.hear(station, at=NIGHT)
    Connector.objects.filter(pk=one.pk).update(status="Available")
    open_session = scene.charge(other, None, at=NIGHT - timedelta(days=2))
    Session.objects.filter(pk=open_session.pk).update(
        state="open", ended_at=None, energy_wh=None, completed_at=None
    )

    assert probing.send_probes(as_of=NIGHT) == 0


@pytest.mark.parametrize(
    "state", [{"is_online": False}, {"is_active": False}], ids=["offline", "retired"]
)
def test_a_station_that_cannot_answer_is_not_asked(
    socket: Connector, state: dict[str, bool]
) -> None:
    Station.objects.filter(pk=socket.station_id).update(**state)

    assert probing.send_probes(as_of=NIGHT) == 0


def test_they_are_asked_a_few_at_a_time(made: Cast) -> None:
    for number in range(5):
        station, (connector,) = cast.make_station(made.location, f"NORD-MANY-{number}")
        scene.hear(station, at=NIGHT)
        Connector.objects.filter(pk=connector.pk).update(status="Available")

    assert probing.send_probes(as_of=NIGHT, limit=3) == 3
    answer("accepted")
    assert probing.send_probes(as_of=NIGHT, limit=3) == 2


def test_two_silent_nights_open_a_ticket_and_an_answer_closes_it(socket: Connector) -> None:
    for night in (0, 1):
        at = NIGHT + timedelta(days=night)
        # a line that lives: one silent since yesterday is F01, which explains what failed
        scene.hear(socket.station, at=at)
        probe(at)
        detection.examine_station(station_id=socket.station_id, as_of=at + LATER)
    fault = Fault.objects.get(code="F13")
    assert (fault.state, fault.severity, fault.connector_id) == ("firing", 3, socket.pk)
    assert fault.ticket is not None

    at = NIGHT + timedelta(days=2)
    probing.send_probes(as_of=at)
    answer("accepted", status="Accepted")
    Connector.objects.filter(pk=socket.pk).update(status_received_at=at + timedelta(seconds=1))
    probing.sweep_probes(as_of=at + LATER)
    detection.examine_station(station_id=socket.station_id, as_of=at + LATER)
    fault.refresh_from_db()
    assert fault.state == "cleared"


def test_a_station_that_promises_its_state_and_does_not_tell_it_has_failed(
    socket: Connector,
) -> None:
    probing.send_probes(as_of=NIGHT)
    answer("accepted", status="Accepted")
    probing.sweep_probes(as_of=NIGHT + LATER)

    assert Observation.objects.get(kind="probe").detail == {
        "night": "2026-11-03",
        "asked": ["lock", "settings", "state"],
        "failed": ["state"],
    }


@pytest.mark.parametrize("state", ["expired", "unknown"])
def test_what_never_left_the_house_says_nothing_of_the_station(
    socket: Connector, state: str
) -> None:
    probing.send_probes(as_of=NIGHT)
    answer(state)

    assert probing.sweep_probes(as_of=NIGHT + LATER)[0] == 0
    assert not Observation.objects.filter(kind="probe").exists()


def test_a_station_that_knows_no_such_question_has_not_failed_it(socket: Connector) -> None:
    probing.send_probes(as_of=NIGHT)
    answer("rejected", status="NotSupported")
    probing.sweep_probes(as_of=NIGHT + LATER)

    assert not Observation.objects.filter(kind="probe").exists()


def test_answers_are_judged_once(socket: Connector) -> None:
    probe(NIGHT)

    assert probing.sweep_probes(as_of=NIGHT + 2 * LATER)[0] == 0
    assert Observation.objects.filter(kind="probe").count() == 1
