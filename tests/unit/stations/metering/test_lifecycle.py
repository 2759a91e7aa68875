"""A session's life in memory: starts, samples, parking, stops, events in any order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stations.metering import lifecycle
from stations.metering.facts import Place, Reading, TransactionFact
from stations.metering.lifecycle import SessionState

T0 = datetime(2026, 11, 22, 8, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def session(**changes: Any) -> SessionState:
    given: dict[str, Any] = {
        "operator_id": 1,
        "station_id": 1,
        "connector_id": 1,
        "transaction": "17",
        "started_at": T0,
        "received_at": T0,
        "meter_start_wh": 1000,
        "max_power_w": 11_000,
    }
    return SessionState(**(given | changes))


def reading(minutes: int, wh: int | None = None, context: str = "", **more: Any) -> Reading:
    return Reading(at(minutes), context, energy_wh=wh, **more)


def stop(found: SessionState, wh: int | None, minutes: int = 60) -> None:
    lifecycle.stop(
        found, register_wh=wh, ended_at=at(minutes), received_at=at(minutes), reason="Local"
    )


def event(phase: Any, number: int | None, minutes: int, **more: Any) -> TransactionFact:
    return TransactionFact(
        phase=phase, transaction="17", seq_no=number, occurred_at=at(minutes), **more
    )


def test_a_plain_session_is_completed_with_the_difference_of_its_registers():
    found = session()

    lifecycle.take_readings(found, (reading(30, 4000, power_w=6000, soc_percent=40),))
    stop(found, 6000)

    assert (found.state, found.energy_wh, found.flags) == ("completed", 5000, [])
    assert (found.last_register_wh, found.last_power_w, found.last_soc_percent) == (4000, 6000, 40)
    assert (found.completed_at, found.stop_reason) == (at(60), "Local")
    assert not found.needs_review


def test_a_momentary_zero_is_no_register():
    found = session()

    doubts = lifecycle.take_readings(found, (reading(10, 2000), reading(20, 0), reading(30, 3000)))

    assert doubts == ["register_dip"]
    assert found.last_register_wh == 3000


@pytest.mark.parametrize(
    ("wh", "doubt"), [(4_296_944_685, "register_jump"), (-1, "register_negative")]
)
def test_a_register_that_cannot_be_is_not_believed(wh, doubt):
    found = session()
    bad = reading(10, wh)

    assert lifecycle.take_readings(found, (bad,)) == [doubt]
    assert bad.flags == [doubt]
    assert found.last_register_wh is None


def test_a_late_sample_does_not_turn_the_register_back():
    found = session()

    doubts = lifecycle.take_readings(found, (reading(30, 4000, power_w=1), reading(20, 3000)))

    assert doubts == []
    assert (found.last_register_wh, found.last_meter_at) == (4000, at(30))


def test_the_begin_register_is_the_start_where_none_was_told():
    found = session(meter_start_wh=None)

    lifecycle.take_readings(found, (reading(0, 700, lifecycle.BEGIN), reading(1)))
    lifecycle.take_readings(found, (reading(0, 999, lifecycle.BEGIN),))

    assert found.meter_start_wh == 700


def test_parking_counts_while_the_vehicle_asks_for_no_power():
    found = session()

    for state, minutes in (
        ("Charging", 0),
        ("SuspendedEV", 10),
        ("Finishing", 12),
        ("Charging", 20),
        ("Preparing", 25),
        ("Idle", 30),
    ):
        lifecycle.note_state(found, state, at(minutes))
    stop(found, 6000, 60)

    assert found.parking_s == 40 * 60
    assert found.parking_since is None


def test_parking_never_begins_before_the_session_nor_after_its_end():
    found = session()

    lifecycle.note_state(found, "SuspendedEV", at(-60))
    stop(found, 6000, 60)
    lifecycle.note_state(found, "SuspendedEV", at(70))

    assert found.parking_s == 3600
    assert found.parking_since is None


def test_a_second_stop_changes_nothing():
    found = session()
    stop(found, 6000)

    stop(found, 9000, 90)

    assert (found.energy_wh, found.ended_at) == (5000, at(60))


def test_a_missing_stop_ends_at_the_last_sample_and_the_late_one_is_the_truth():
    found = session()
    lifecycle.take_readings(found, (reading(30, 4000),))

    lifecycle.close_without_stop(found, noticed_at=at(90), received_at=at(90), register_wh=None)

    assert (found.ended_at, found.energy_wh, found.needs_review) == (at(30), 3000, True)
    assert "stop_missing" in found.flags
    stop(found, 5000, 50)
    assert (found.ended_at, found.energy_wh, found.flags) == (at(50), 4000, [])
    assert not found.needs_review


def test_a_session_nobody_measured_is_flagged_not_billed():
    found = session()

    lifecycle.close_without_stop(found, noticed_at=at(9), received_at=at(9), register_wh=None)

    assert (found.state, found.energy_wh, found.needs_review) == ("flagged", None, True)


def test_an_end_before_the_start_is_flagged():
    found = session()

    stop(found, 6000, -10)

    assert found.state == "flagged"
    assert "ends_before_start" in found.flags


def test_an_open_session_is_not_settled():
    found = session()

    lifecycle.settle(found)

    assert found.is_open


def test_events_carry_power_remote_start_and_the_closing_register():
    found = session(meter_start_wh=None)

    lifecycle.apply_event(
        found,
        event(
            "started", 0, 0, readings=(reading(0), reading(0, 1000)), remote_start_id=9,
            charging_state="Charging", place=Place(1),
        ),
        at(0),
    )  # fmt: skip
    lifecycle.apply_event(found, event("updated", 1, 20, charging_state="SuspendedEV"), at(20))
    lifecycle.apply_event(
        found,
        event(
            "ended",
            2,
            30,
            readings=(reading(0, 1000, lifecycle.BEGIN), reading(29, 5000, lifecycle.END)),
            stopped_reason="EVDisconnected",
        ),
        at(30),
    )

    assert (found.meter_start_wh, found.meter_stop_wh, found.energy_wh) == (1000, 5000, 4000)
    assert (found.remote_start_id, found.last_seq_no) == (9, 2)
    assert (found.parking_s, found.stop_reason) == (600, "EVDisconnected")


def test_an_end_without_a_register_uses_the_last_sample_and_says_so():
    found = session()

    lifecycle.apply_event(found, event("updated", None, 20, readings=(reading(20, 3000),)), T0)
    lifecycle.apply_event(found, event("ended", None, 30), at(30))

    assert (found.energy_wh, found.flags) == (2000, ["stop_register_missing"])


def test_a_late_start_settles_what_was_flagged():
    found = session(meter_start_wh=None, started_at=at(30))
    lifecycle.mark(found, "start_missing")
    lifecycle.apply_event(found, event("ended", 3, 30, readings=(reading(30, 5000),)), at(30))
    assert found.state == "flagged"

    lifecycle.apply_event(found, event("started", 0, 0, readings=(reading(0, 1000),)), at(31))

    assert (found.state, found.energy_wh, found.flags) == ("completed", 4000, [])
    assert found.started_at == T0


def test_a_gap_in_the_numbers_is_flagged_and_needs_nobody():
    found = session()

    for number in (0, 1, 4, 2):
        lifecycle.apply_event(found, event("updated", number, number), at(number))

    assert found.flags == ["seq_gap"]
    assert (found.last_seq_no, found.needs_review) == (4, False)


def test_the_same_flag_twice_is_one_flag():
    found = session()

    lifecycle.mark(found, "clock_unset", "clock_unset")

    assert (found.flags, found.needs_review) == (["clock_unset"], True)


def test_evse_0_is_the_station():
    assert Place(0).is_station
    assert not Place(1).is_station
