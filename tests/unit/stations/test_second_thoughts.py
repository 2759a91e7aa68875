"""What a station says twice, late or anew moves nothing that may be billed already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stations.metering import lifecycle, registers
from stations.metering.facts import Place, Reading, StartFact, TokenFact, TransactionFact
from stations.metering.lifecycle import SessionState
from stations.sessions import starts

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def session(**changes: Any) -> SessionState:
    given: dict[str, Any] = {
        "id": 1,
        "operator_id": 1,
        "station_id": 1,
        "connector_id": 1,
        "transaction": "t-1",
        "started_at": AT,
        "received_at": AT,
        "meter_start_wh": 1000,
        "id_tag": "Astrid01",
    }
    return SessionState(**given | changes)


def event(phase: Any, number: int, minutes: int, wh: int | None = None) -> TransactionFact:
    at = AT + timedelta(minutes=minutes)
    readings = () if wh is None else (Reading(at, energy_wh=wh),)
    return TransactionFact(
        phase=phase, transaction="t-1", seq_no=number, occurred_at=at, readings=readings
    )


def ended() -> SessionState:
    row = session()
    lifecycle.apply_event(row, event("ended", 5, 60, 9000), AT + timedelta(hours=1))
    assert (row.state, row.energy_wh) == ("completed", 8000)
    return row


def test_a_second_start_after_the_end_does_not_move_the_first() -> None:
    row = ended()

    lifecycle.apply_event(row, event("started", 6, 30, 4000), AT + timedelta(hours=2))

    assert (row.started_at, row.meter_start_wh, row.energy_wh) == (AT, 1000, 8000)
    assert "start_repeated" in row.flags
    assert row.needs_review


def test_the_same_start_again_is_no_second_one() -> None:
    row = session()

    lifecycle.apply_event(row, event("started", 1, 0), AT)

    assert row.flags == []


def test_a_start_that_comes_after_other_events_is_the_start() -> None:
    row = session(flags=["start_missing"], meter_start_wh=None)

    lifecycle.apply_event(row, event("started", 0, -10, 500), AT)

    assert (row.started_at, row.meter_start_wh) == (AT - timedelta(minutes=10), 500)
    assert "start_missing" not in row.flags


def test_what_comes_after_the_gaps_were_accepted_is_looked_at_and_not_billed() -> None:
    row = ended()
    lifecycle.mark(row, lifecycle.GAPS_ACCEPTED)

    lifecycle.apply_event(row, event("updated", 3, 40, 6000), AT + timedelta(hours=2))

    assert row.needs_review
    assert "late_event" in row.flags
    assert row.energy_wh == 8000


def start(**changes: Any) -> StartFact:
    given: dict[str, Any] = {
        "place": Place(1),
        "token": TokenFact("ASTRID01"),
        "register_wh": 1000,
        "occurred_at": AT + timedelta(minutes=1),
    }
    return StartFact(**given | changes)


def test_a_start_asked_for_anew_is_the_same_session() -> None:
    row = session()

    assert starts.find_resent([row], start(), AT + timedelta(minutes=1)) is row


@pytest.mark.parametrize(
    ("row", "fact", "minutes"),
    [
        (session(), start(token=TokenFact("BO")), 1),
        (session(), start(register_wh=1001), 1),
        (session(last_meter_at=AT), start(), 1),
        (session(), start(), 20),
    ],
)
def test_another_start_is_another_session(
    row: SessionState, fact: StartFact, minutes: int
) -> None:
    assert starts.find_resent([row], fact, AT + timedelta(minutes=minutes)) is None


def test_a_household_socket_carries_no_50_kwh_an_hour() -> None:
    most = registers.STANDARD_MAX_POWER_W
    hour, none = timedelta(hours=1), timedelta(0)

    assert registers.most_wh(most["DOMESTIC_F"], hour, none) < 5_000
    assert registers.most_wh(None, hour, none) > 1_000_000
