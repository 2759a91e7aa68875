"""A fleet in memory hears facts and opens, keeps and closes what production would."""

from datetime import UTC, datetime, timedelta

from faults.engine.fleet import (
    ConnectFact,
    ConnectorPlace,
    DisconnectFact,
    Fleet,
    RepairFact,
    StationPlace,
)
from stations.metering.facts import (
    BootFact,
    HeartbeatFact,
    MeterFact,
    Place,
    Reading,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
)

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _fleet(*names: str) -> Fleet:
    sockets = (ConnectorPlace(evse=1), ConnectorPlace(evse=2))
    return Fleet(
        StationPlace(name=name, site=f"site of {name}", connectors=sockets) for name in names
    )


def _status(word: str, at: datetime, *, evse: int = 1, code: str = "") -> StatusFact:
    return StatusFact(place=Place(evse), status=word, occurred_at=at, error_code=code)


def _session(
    fleet: Fleet, station: str, at: datetime, *, token: str, wh: int, minutes: int = 30
) -> None:
    start = StartFact(place=Place(1), token=TokenFact(token), register_wh=0, occurred_at=at)
    number = fleet.take(station, at, [start])
    end = at + minutes * MINUTE
    reading = Reading(end, energy_wh=wh, power_w=7000)
    fleet.take(station, end, [MeterFact(place=Place(1), transaction=number, readings=(reading,))])
    stop = StopFact(transaction=number, register_wh=wh, occurred_at=end, reason="Other")
    fleet.take(station, end, [stop])


def _codes(fleet: Fleet) -> list[str]:
    return [one.code for one in fleet.conditions()]


def test_a_closed_socket_is_a_fault_after_a_quarter_and_a_ticket_after_an_hour() -> None:
    fleet = _fleet("A", "B")
    for name in ("A", "B"):
        fleet.take(name, T0, [ConnectFact(), BootFact()])
    fleet.take("A", T0, [DisconnectFact()])
    for minute in range(0, 70, 5):
        fleet.take("B", T0 + minute * MINUTE, [HeartbeatFact()])
    (fault,) = fleet.conditions()
    (ticket,) = fleet.tickets()
    assert (fault.code, fleet.where(fault.place).station) == ("F01", "A")
    assert (fault.began_at, fault.opened_at) == (T0, T0 + 15 * MINUTE)
    assert ticket.opened_at == T0 + 60 * MINUTE


def test_a_clock_shows_in_what_is_said_of_the_connectors_alone() -> None:
    fleet = _fleet("A")
    fleet.take("A", T0, [ConnectFact(), BootFact()])
    for number in range(12):
        came_at = T0 + number * 5 * MINUTE
        word = "Preparing" if number % 2 else "Available"
        fleet.take("A", came_at, [_status(word, came_at - 4 * MINUTE)])

    assert _codes(fleet) == ["F16"]


def test_a_station_that_goes_on_talking_is_never_looked_at_for_silence() -> None:
    fleet = _fleet("A")
    for minute in range(0, 24 * 60, 5):
        fleet.take("A", T0 + minute * MINUTE, [HeartbeatFact()])
    assert fleet.conditions() == []


def test_a_session_without_energy_four_times_makes_one_ticket() -> None:
    fleet = _fleet("A")
    for number in range(4):
        at = T0 + number * 8 * MINUTE
        _session(fleet, "A", at, token=f"T{number}", wh=0, minutes=1)
    assert _codes(fleet) == ["F10"]
    assert [ticket.family for ticket in fleet.tickets()] == ["outcome"]


def test_the_same_start_sent_again_is_the_same_session() -> None:
    fleet = _fleet("A")
    start = StartFact(place=Place(1), token=TokenFact("T"), register_wh=5, occurred_at=T0)
    assert fleet.take("A", T0, [start]) == fleet.take("A", T0 + MINUTE, [start])


def test_a_safety_fault_that_ends_by_itself_waits_for_a_person() -> None:
    fleet = _fleet("A")
    fleet.take("A", T0, [_status("Faulted", T0, code="GroundFailure")])
    fleet.take("A", T0 + 6 * MINUTE, [_status("Available", T0 + 6 * MINUTE)])
    fleet.advance(T0 + timedelta(days=3))
    (fault,) = [one for one in fleet.conditions() if one.code == "F30"]
    assert fault.cleared_at is None
    fleet.take("A", T0 + timedelta(days=3), [RepairFact(evse=1)])
    fleet.take("A", T0 + timedelta(days=3), [_status("Available", T0 + timedelta(days=3))])
    fleet.advance(T0 + timedelta(days=4))
    assert fault.cleared_at is not None


def test_the_same_within_a_day_reopens_its_ticket() -> None:
    fleet = _fleet("A")
    for hour in (0, 3):
        at = T0 + timedelta(hours=hour)
        fleet.take("A", at, [_status("Faulted", at, code="ConnectorLockFailure")])
        after = at + timedelta(hours=1)
        fleet.take("A", after, [_status("Available", after, code="NoError")])
    (fault,) = [one for one in fleet.conditions() if one.code == "F26"]
    (ticket,) = [one for one in fleet.tickets() if one.code == "F26"]
    assert (fault.reopened, ticket.reopened) == (1, 1)
