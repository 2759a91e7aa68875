"""A trial opens the tickets production would: one for an incident, none for work under way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from faults import rules
from faults.engine.fleet import (
    AttendFact,
    ConnectFact,
    ConnectorPlace,
    Fleet,
    RepairFact,
    StationPlace,
)
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Rule, Snapshot, State
from stations.metering.facts import (
    BootFact,
    HeartbeatFact,
    NoticeFact,
    Place,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
)

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOST_WAKES = 2_000


def _fleet(**more: Any) -> Fleet:
    sockets = tuple(ConnectorPlace(evse=number) for number in (1, 2, 3))
    return Fleet([StationPlace(name="A", site="here", connectors=sockets)], **more)


def _fault(fleet: Fleet, evse: int, minute: float, code: str, word: str = "Faulted") -> None:
    at = T0 + minute * MINUTE
    status = StatusFact(place=Place(evse), status=word, occurred_at=at, error_code=code)
    fleet.take("A", at, [status])


def _beat(fleet: Fleet, since: int, until: int) -> None:
    for minute in range(since, until, 5):
        fleet.take("A", T0 + minute * MINUTE, [HeartbeatFact()])


def _tickets(fleet: Fleet) -> list[tuple[str, str]]:
    return [(one.place.scope, one.family) for one in fleet.tickets()]


def test_two_connectors_with_the_same_family_within_ten_minutes_are_one_ticket() -> None:
    fleet = _fleet()
    _fault(fleet, 1, 0, "ReaderFailure")
    _fault(fleet, 2, 4, "ReaderFailure")
    assert len(_tickets(fleet)) == 1
    (ticket,) = fleet.tickets()
    assert (ticket.place.scope, ticket.place.connector_id) == ("station", None)
    _fault(fleet, 1, 30, "NoError", "Available")
    assert ticket.closed_at is None
    _fault(fleet, 2, 40, "NoError", "Available")
    assert ticket.closed_at is not None


def test_a_third_connector_hours_later_has_a_ticket_of_its_own() -> None:
    fleet = _fleet()
    _fault(fleet, 1, 0, "ReaderFailure")
    _fault(fleet, 2, 4, "ReaderFailure")
    _beat(fleet, 5, 200)
    _fault(fleet, 3, 200, "ReaderFailure")
    assert [scope for scope, _ in _tickets(fleet)] == ["station", "connector"]


def test_a_safety_fault_keeps_the_ticket_of_its_connector() -> None:
    fleet = _fleet()
    _fault(fleet, 1, 0, "GroundFailure")
    _fault(fleet, 2, 1, "GroundFailure")
    _beat(fleet, 5, 30)
    still = [one for one in fleet.tickets() if one.closed_at is None]
    assert [(one.place.scope, one.severity) for one in still] == [("connector", 1)] * 2


def test_a_fault_of_a_shared_ticket_that_stands_after_the_repair_reopens_that_ticket() -> None:
    fleet = _fleet()
    _fault(fleet, 1, 0, "ReaderFailure")
    _fault(fleet, 2, 4, "ReaderFailure")
    _beat(fleet, 5, 60)
    fleet.take("A", T0 + 60 * MINUTE, [RepairFact()])
    _beat(fleet, 60, 90)
    (ticket,) = fleet.tickets()
    assert ticket.reopened == 1


def test_a_session_ended_by_the_emergency_stop_is_a_safety_ticket_a_person_must_close() -> None:
    fleet = _fleet()
    start = StartFact(place=Place(1), token=TokenFact("T"), register_wh=0, occurred_at=T0)
    number = fleet.take("A", T0, [start])
    at = T0 + 20 * MINUTE
    stop = StopFact(transaction=number, register_wh=900, occurred_at=at, reason="EmergencyStop")
    fleet.take("A", at, [stop])
    fleet.advance(at + timedelta(days=2))
    (ticket,) = [one for one in fleet.tickets() if one.code == "F08"]
    assert (ticket.severity, ticket.closed_at) == (1, None)


def _boots(fleet: Fleet, since: float, count: int) -> None:
    for number in range(count):
        at = T0 + (since + 3 * number) * MINUTE
        fleet.take("A", at, [ConnectFact(), BootFact(reason="Watchdog")])


def test_a_station_that_boots_while_somebody_is_there_is_no_ticket() -> None:
    left_alone, attended = _fleet(), _fleet()
    attended.take("A", T0, [AttendFact(T0 + timedelta(hours=2))])
    for fleet in (left_alone, attended):
        _boots(fleet, 1, 8)
    assert [one.code for one in left_alone.conditions()] == ["F03"]
    assert attended.conditions() == []


def test_a_station_that_boots_while_firmware_is_installed_is_no_ticket() -> None:
    fleet = _fleet()
    word = NoticeFact(kind="firmware_status", occurred_at=T0, detail={"status": "Installing"})
    fleet.take("A", T0, [word])
    _boots(fleet, 1, 8)
    assert fleet.conditions() == []


def _stuck(wakes: frozenset[Any], answer: Any) -> Rule:
    """Return a rule that names a moment of the past each time it is asked."""

    def check(snapshot: Snapshot, _: object, __: State) -> Result:
        result: Result = answer(snapshot)
        return result

    own = rules.BY_CODE["F11"]
    return Rule(
        code="F11",
        title="Stuck",
        severity=4,
        scopes=frozenset({"connector"}),
        family="silence",
        cause="charger",
        is_impairing=False,
        thresholds=own.thresholds,
        check=check,
        wakes=wakes,
    )


def _fires(snapshot: Snapshot) -> Firing:
    past = snapshot.as_of - 5 * MINUTE
    return Firing(state={}, evidence={}, began_at=past, seen_at=past, severity=4, check_at=past)


def _clears(snapshot: Snapshot) -> Clear:
    return Clear(state={"n": 1}, check_at=snapshot.as_of - MINUTE)


def _knows_not(snapshot: Snapshot) -> CannotKnow:
    return CannotKnow(state={"n": 1}, reason="", check_at=snapshot.as_of)


def _fires_first(snapshot: Snapshot) -> Result:
    """Fire for the first hour, with a moment between two hourly looks, then say nothing."""
    is_first = snapshot.as_of < T0 + 3 * 60 * MINUTE
    if is_first:
        soon = snapshot.as_of + 10 * MINUTE
        past = snapshot.as_of - MINUTE
        return Firing(
            state={}, evidence={}, began_at=past, seen_at=past, severity=4, check_at=soon
        )
    return _knows_not(snapshot)


@pytest.mark.parametrize("wakes", [frozenset({"usage"}), frozenset({"time", "usage"})])
@pytest.mark.parametrize("answer", [_fires, _clears, _knows_not, _fires_first])
def test_a_moment_that_has_passed_does_not_hold_the_clock_for_ever(
    monkeypatch: pytest.MonkeyPatch, wakes: frozenset[Any], answer: Any
) -> None:
    woken = 0
    wake = Fleet._wake

    def counted(fleet: Fleet, thing: Any, when: datetime) -> None:
        nonlocal woken
        woken += 1
        assert woken < MOST_WAKES, f"still at {when}"
        wake(fleet, thing, when)

    monkeypatch.setattr(Fleet, "_wake", counted)
    fleet = _fleet(asked=[_stuck(wakes, answer)])
    _fault(fleet, 1, 0, "NoError", "Available")
    fleet.advance(T0 + timedelta(days=1))
    assert fleet.now == T0 + timedelta(days=1)
