"""Faults of plug and cable, beside what the station says of them: who met them, and when."""

from datetime import timedelta
from typing import Any

from faults import rules
from faults.rules.facts import OpenSession, TokenElsewhere
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Snapshot, State
from tests.unit.faults.rules.scene import at, event, session, sign, snapshot
from tests.unit.faults.rules.test_health_of_stations import notice


def ask(code: str, seen: Snapshot, state: State | None = None) -> Result:
    rule = rules.BY_CODE[code]
    return rule.check(seen, rule.thresholds, state or {})


def under_way(token: str, minutes: float, **known: Any) -> dict[int, OpenSession]:
    return {7: OpenSession(id=1, token=token, started_at=at(minutes), **known)}


def trip(minutes: float, *, lasts: float | None = 1) -> tuple[Any, ...]:
    first = (sign(minutes, "Faulted", "GroundFailure"),)
    return first if lasts is None else (*first, sign(minutes + lasts, "Available"))


def test_a_ground_fault_that_resets_itself_once_is_remembered_and_no_more() -> None:
    once = ask("F30", snapshot(3, signs=trip(0)))
    assert isinstance(once, Clear)
    twice = ask("F30", snapshot(6003, signs=trip(6000)), once.state)
    assert isinstance(twice, Firing)
    assert (twice.severity, twice.is_over) == (1, True)
    week = ask("F30", snapshot(7 * 1440 + 3, signs=trip(7 * 1440 + 1)), once.state)
    assert isinstance(week, Clear)


def test_a_ground_fault_that_stays_is_grave_after_five_minutes() -> None:
    first = ask("F30", snapshot(1, signs=trip(0, lasts=None)))
    assert isinstance(first, Firing)
    assert (first.severity, first.check_at) == (3, at(5))
    later = ask("F30", snapshot(5), first.state)
    assert isinstance(later, Firing)
    assert later.severity == 1


def test_a_ground_fault_that_stood_unseen_still_waits_for_a_person() -> None:
    in_one = ask("F30", snapshot(30, signs=trip(0, lasts=20)))
    assert isinstance(in_one, Firing)
    assert (in_one.severity, in_one.is_over) == (1, True)
    first = ask("F30", snapshot(1, signs=trip(0, lasts=None)))
    in_two = ask("F30", snapshot(30, signs=(sign(20, "Available"),)), first.state)
    assert isinstance(in_two, Firing)
    assert (in_two.severity, in_two.is_over) == (1, True)


def test_one_vehicle_that_trips_it_here_and_elsewhere_is_to_blame() -> None:
    known = {
        "open_sessions": under_way("a", 0),
        "tokens_elsewhere": {"a": TokenElsewhere(failed_stations=1)},
    }
    once = ask("F30", snapshot(3, signs=trip(1), **known))
    twice = ask("F30", snapshot(33, signs=trip(31), **known), once.state)
    assert isinstance(twice, Firing)
    assert (twice.severity, twice.attribution) == (5, "vehicle")


def test_one_driver_again_and_again_is_not_a_bad_plug_but_three_drivers_are() -> None:
    def met(*drivers: str) -> Result:
        state: State = {}
        for number, driver in enumerate(drivers):
            minute = number * 30
            result = ask(
                "F27",
                snapshot(
                    minute + 1,
                    signs=(sign(minute, "SuspendedEVSE", "EVCommunicationError"),),
                    open_sessions=under_way(driver, minute - 1),
                ),
                state,
            )
            state = result.state
        return result

    assert isinstance(met("a", "a", "a"), Clear)
    found = met("a", "b", "c")
    assert isinstance(found, Firing)
    assert (found.severity, found.is_down, found.evidence["drivers"]) == (3, False, 3)


def test_three_good_sessions_show_that_the_plug_is_well() -> None:
    signs = tuple(sign(minute, "SuspendedEVSE", "EVCommunicationError") for minute in (0, 10, 20))
    found = ask("F27", snapshot(21, signs=signs))
    assert isinstance(found, Firing)
    good = tuple(session(minute, 9000) for minute in (100, 200, 300))
    assert isinstance(ask("F27", snapshot(301, sessions=good), found.state), Clear)


def test_a_failed_test_of_the_cable_counts_when_three_drivers_met_it() -> None:
    def failed(*minutes: float) -> Result:
        events = [event(m, "EVSE", tech_code="CX011", id=int(m) + 1) for m in minutes]
        over = [event(m + 1, "EVSE", tech_code="CX011", is_cleared=True) for m in minutes]
        return ask("F28", snapshot(60, events=(*events, *over)))

    assert isinstance(failed(0, 20), Clear)
    found = failed(0, 20, 40)
    assert isinstance(found, Firing)
    assert found.severity == 3


def test_a_live_chassis_counts_at_once() -> None:
    found = ask("F28", snapshot(1, events=(event(0, "EVSE", tech_code="CX022"),)))
    assert isinstance(found, Firing)
    assert found.severity == 1


def test_a_plug_that_does_not_come_free_twice_is_broken() -> None:
    once = notice(0, "unlock", 7, status="UnlockFailed")
    first = ask("F26", snapshot(1, notices=(once,), statuses={7: "Available"}))
    assert isinstance(first, Clear)
    again = notice(5, "unlock", 7, status="UnlockFailed")
    second = ask("F26", snapshot(6, notices=(again,), statuses={7: "Available"}), first.state)
    assert isinstance(second, Firing)
    assert second.severity == 3
    free = notice(9, "unlock", 7, status="Unlocked")
    assert isinstance(ask("F26", snapshot(10, notices=(free,)), second.state), Clear)


def test_a_driver_whose_plug_stays_locked_after_the_session_is_stuck() -> None:
    failed = notice(2, "unlock", 7, status="UnlockFailed")
    known = {"statuses": {7: "Finishing"}, "sessions": (session(0, 9000),)}
    soon = ask("F26", snapshot(3, notices=(failed,), **known))
    assert isinstance(soon, Clear)
    assert soon.check_at == at(5)
    stuck = ask("F26", snapshot(5, statuses={7: "Finishing"}), soon.state)
    assert isinstance(stuck, Firing)
    assert stuck.severity == 2
    charging = snapshot(5, statuses={7: "Finishing"}, open_sessions=under_way("b", 4))
    assert isinstance(ask("F26", charging, soon.state), Clear)


def test_sensors_of_two_idle_cables_that_fall_silent_are_a_theft() -> None:
    lost = (sign(0, "Available", vendor_error_code="CX023"),)
    idle = {"statuses": {7: "Available"}}
    alone = ask("F32", snapshot(1, signs=lost, **idle))
    assert isinstance(alone, Firing)
    assert alone.severity == 5
    both = snapshot(3, **idle, open_codes={8: frozenset({"F32"}), 7: frozenset({"F32"})})
    theft = ask("F32", both, alone.state)
    assert isinstance(theft, Firing)
    assert theft.severity == 1
    well = snapshot(9, signs=(sign(8, "Available"),), **idle)
    assert isinstance(ask("F32", well, alone.state), Clear)


def test_a_sensor_that_falls_silent_while_somebody_charges_is_no_theft() -> None:
    lost = (sign(0, "Charging", vendor_error_code="CX023"),)
    seen = snapshot(1, signs=lost, statuses={7: "Charging"}, open_sessions=under_way("a", 0))
    assert isinstance(ask("F32", seen), Clear)


def test_power_without_a_register_is_a_meter_that_cannot_be_read() -> None:
    drawing = {"power_w": 11_000, "last_meter_at": at(10)}
    early = ask("F33", snapshot(10, open_sessions=under_way("a", 0, **drawing)))
    assert isinstance(early, Clear | CannotKnow)
    assert early.check_at == at(15)
    late = ask("F33", snapshot(16, open_sessions=under_way("a", 0, **drawing)))
    assert isinstance(late, Firing)
    assert late.severity == 3
    good = session(90, 9000, meter_start_wh=0, meter_stop_wh=9000)
    assert isinstance(ask("F33", snapshot(91, sessions=(good,)), late.state), Clear)
    told = under_way("a", 0, **drawing, energy_wh=400)
    assert not isinstance(ask("F33", snapshot(16, open_sessions=told)), Firing)


def test_a_ground_fault_that_ended_a_session_is_a_trip() -> None:
    ended = [session(minute, 100, stop_reason="GroundFault") for minute in (10, 2000)]
    once = ask("F30", snapshot(11, sessions=(ended[0],)))
    assert isinstance(once, Clear)
    twice = ask("F30", snapshot(2001, sessions=(ended[1],)), once.state)
    assert isinstance(twice, Firing)
    assert twice.seen_at - twice.began_at == timedelta(0)
