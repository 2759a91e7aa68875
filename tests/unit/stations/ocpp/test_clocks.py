"""A clock that counts from 1970: what it counts is put where it belongs, once that is known."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stations.metering import lifecycle
from stations.metering.facts import (
    ClockFact,
    Facts,
    MeterFact,
    StartFact,
    StationView,
    StatusFact,
    StopFact,
    TransactionFact,
)
from stations.metering.lifecycle import SessionState
from stations.ocpp import routing
from stations.ocpp.framing import Call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UP = datetime(1970, 1, 1, tzinfo=UTC)


def counted(minutes: int) -> str:
    return (UP + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def heard(
    view: StationView, action: str, payload: dict[str, Any], later: timedelta = timedelta(0)
) -> Facts:
    found = routing.understand(Call("m", action, payload), view, NOW + later)
    assert isinstance(found, routing.Understood)
    return found.facts


def view(version: str = "1.6") -> StationView:
    return StationView(1, 1, "AE0001", version)


def start(minutes: int) -> dict[str, Any]:
    return {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": counted(minutes)}


def stop(minutes: int, *samples: int) -> dict[str, Any]:
    data = [
        {"timestamp": counted(at), "sampledValue": [{"value": str(at * 100)}]} for at in samples
    ]
    return {
        "transactionId": 7,
        "meterStop": 6000,
        "timestamp": counted(minutes),
        "transactionData": data,
    }


def test_a_live_frame_says_how_far_the_clock_is_off() -> None:
    station = view()
    live = {"connectorId": 0, "status": "Available", "errorCode": "NoError"}
    heard(station, "StatusNotification", live | {"timestamp": counted(185)})

    facts = heard(station, "StartTransaction", start(5), timedelta(seconds=2))

    fact = facts.facts[0]
    assert isinstance(fact, StartFact)
    assert fact.occurred_at == NOW - timedelta(minutes=180)
    assert "clock_repaired" in facts.flags
    assert "clock_unset" not in facts.flags


def test_samples_within_a_frame_keep_their_distances() -> None:
    (fact, *_) = heard(view(), "StopTransaction", stop(65, 5, 35)).facts

    assert isinstance(fact, StopFact)
    assert fact.occurred_at == NOW
    assert [r.occurred_at for r in fact.readings] == [
        NOW - timedelta(minutes=60),
        NOW - timedelta(minutes=30),
    ]


def test_a_queue_that_is_flushed_moves_the_start_by_what_its_stop_shows() -> None:
    station = view()
    begun = heard(station, "StartTransaction", start(5))
    facts = heard(station, "StopTransaction", stop(65), timedelta(seconds=1))

    assert "clock_unset" in begun.flags
    moved = facts.facts[-1]
    assert isinstance(moved, ClockFact)
    session = SessionState(
        operator_id=1,
        station_id=1,
        connector_id=1,
        transaction="7",
        started_at=NOW,
        received_at=NOW,
        flags=["clock_unset"],
    )
    lifecycle.move_start(session, moved.shift, moved.since)
    assert session.started_at == NOW + timedelta(seconds=1) - timedelta(minutes=60)
    assert (session.flags, session.needs_review) == (["clock_repaired"], True)


def test_a_session_of_another_connection_is_not_moved() -> None:
    session = SessionState(
        operator_id=1,
        station_id=1,
        connector_id=1,
        transaction="7",
        started_at=NOW,
        received_at=NOW - timedelta(days=1),
        flags=["clock_unset"],
    )

    lifecycle.move_start(session, timedelta(hours=1), NOW)

    assert session.started_at == NOW


def test_the_key_of_a_frame_does_not_depend_on_what_is_known_of_the_clock() -> None:
    station = view()
    first = heard(station, "StartTransaction", start(5))
    heard(station, "StopTransaction", stop(65), timedelta(seconds=1))

    again = heard(station, "StartTransaction", start(5), timedelta(seconds=2))

    assert again.key == first.key


def test_a_zero_is_no_running_clock() -> None:
    station = view()
    for zero in ("1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2014-01-01T00:00:00Z"):
        facts = heard(station, "StopTransaction", stop(0) | {"timestamp": zero})
        fact = facts.facts[0]
        assert isinstance(fact, StopFact)
        assert fact.occurred_at == NOW

    assert station.clock_offset is None


def test_a_station_with_a_clock_is_left_alone() -> None:
    station = view("2.0.1")
    event = {
        "eventType": "Started",
        "timestamp": "2026-11-22T11:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t"},
    }

    (fact,) = heard(station, "TransactionEvent", event).facts

    assert isinstance(fact, TransactionFact)
    assert fact.occurred_at == NOW - timedelta(hours=1)
    assert station.clock_offset is None


def test_samples_outside_a_session_are_put_right_too() -> None:
    station = view()
    values = [{"timestamp": counted(at), "sampledValue": [{"value": "1"}]} for at in (10, 25)]

    (fact,) = heard(station, "MeterValues", {"connectorId": 1, "meterValue": values}).facts

    assert isinstance(fact, MeterFact)
    assert [r.occurred_at for r in fact.readings] == [NOW - timedelta(minutes=15), NOW]


def test_a_state_reported_late_is_put_before_what_followed() -> None:
    station = view()
    states = [
        {"connectorId": 1, "status": word, "errorCode": "NoError", "timestamp": counted(at)}
        for word, at in (("Charging", 90), ("Preparing", 30))
    ]

    facts = [heard(station, "StatusNotification", state).facts[0] for state in states]

    times = [fact.occurred_at for fact in facts if isinstance(fact, StatusFact)]
    assert times == [NOW, NOW - timedelta(minutes=60)]
