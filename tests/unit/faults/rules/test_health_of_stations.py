"""What is heard of a station beside its states: starts, jobs, clock, link, messages, attacks."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from faults import rules
from faults.rules.facts import Measures, Notice
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Snapshot, State
from tests.unit.faults.rules.scene import at, session, sign, snapshot

_ids = count(1)
HOUR = 60


def notice(minutes: float, kind: str, connector_id: int | None = None, **detail: Any) -> Notice:
    return Notice(
        id=next(_ids),
        kind=kind,
        connector_id=connector_id,
        detail=detail,
        occurred_at=at(minutes),
        received_at=at(minutes),
    )


def station(minutes: float, *notices: Notice, **known: Any) -> Snapshot:
    return snapshot(minutes, subject=None, notices=notices, **known)


def ask(code: str, seen: Snapshot, state: State | None = None) -> Result:
    rule = rules.BY_CODE[code]
    return rule.check(seen, rule.thresholds, state or {})


def boots(*minutes: float, **detail: Any) -> tuple[Notice, ...]:
    return tuple(notice(minute, "boot", **detail) for minute in minutes)


def test_three_starts_in_an_hour_are_a_loop_until_a_day_has_only_one() -> None:
    assert isinstance(ask("F03", station(30, *boots(0, 20))), Clear)
    loop = ask("F03", station(50, *boots(0, 20, 40)))
    assert isinstance(loop, Firing)
    assert (loop.severity, loop.began_at, loop.is_down) == (2, at(0), True)
    later = ask("F03", station(23 * HOUR), loop.state)
    assert isinstance(later, Firing)
    assert not later.is_down
    assert isinstance(ask("F03", station(24 * HOUR + 21), later.state), Clear)


def test_starts_that_somebody_wanted_are_none() -> None:
    assert isinstance(ask("F03", station(50, *boots(0, 20, 40, reason="RemoteReset"))), Clear)
    ordered = [
        one
        for minute in (0, 20, 40)
        for one in (notice(minute, "reset_ordered"), *boots(minute + 1))
    ]
    assert isinstance(ask("F03", station(50, *ordered)), Clear)
    installing = notice(0, "firmware_status", status="Installing")
    assert isinstance(ask("F03", station(50, installing, *boots(5, 10, 15))), Clear)
    assert isinstance(ask("F03", station(50, *boots(5, 10, 15), is_attended=True)), Clear)


def test_a_start_with_new_firmware_is_an_update() -> None:
    versions = [one for minute in (0, 10, 20) for one in boots(minute, firmware=f"1.{minute}")]
    assert isinstance(ask("F03", station(50, *versions)), Clear)


def test_a_failed_job_is_told_until_it_goes_well() -> None:
    failed = ask("F09", station(1, notice(0, "firmware_status", status="DownloadFailed")))
    assert isinstance(failed, Firing)
    assert failed.evidence["jobs"]["firmware"]["trouble"] == "DownloadFailed"
    well = ask("F09", station(90, notice(89, "firmware_status", status="Installed")), failed.state)
    assert isinstance(well, Clear)


def test_a_job_that_falls_silent_is_stuck_after_an_hour() -> None:
    begun = ask("F09", station(1, notice(0, "log_status", status="Uploading")))
    assert isinstance(begun, Clear)
    assert begun.check_at == at(HOUR)
    stuck = ask("F09", station(HOUR), begun.state)
    assert isinstance(stuck, Firing)
    assert stuck.evidence["jobs"]["log"]["trouble"] == "stuck"


def test_a_clock_is_judged_by_the_median_of_its_last_facts() -> None:
    def late(*seconds: int) -> Snapshot:
        return station(0, skews=tuple(timedelta(seconds=one) for one in seconds))

    assert isinstance(ask("F16", late(900, 900)), CannotKnow)
    assert isinstance(ask("F16", late(2, 2, 2, 2, 900, 900)), Clear)
    wrong = ask("F16", late(90, 95, 90, 88, 90))
    assert isinstance(wrong, Firing)
    assert wrong.severity == 5
    assert isinstance(ask("F16", late(30, 30, 30, 30, 30), wrong.state), Firing)
    assert isinstance(ask("F16", station(5), wrong.state), Firing)
    assert isinstance(ask("F16", late(3, 3, 3, 3, 3), wrong.state), Clear)
    ahead = ask("F16", late(-7200, -7200, -7200, -7200, -7200))
    assert isinstance(ahead, Firing)
    assert ahead.severity == 4


def test_a_session_whose_times_nobody_believed_is_a_wrong_clock() -> None:
    bad = session(10, 8000, flags=frozenset({"clock_unset"}))
    found = ask("F16", snapshot(11, sessions=(bad,)))
    assert isinstance(found, Firing)
    assert found.severity == 4
    good = tuple(session(minute, 8000) for minute in (60, 120))
    assert isinstance(ask("F16", snapshot(130, sessions=good), found.state), Clear)


def test_five_new_lines_in_an_hour_are_a_bad_link_until_six_hours_are_clean() -> None:
    lines = [notice(minute, "connected") for minute in (0, 10, 20, 30, 40)]
    bad = ask("F17", station(41, *lines))
    assert isinstance(bad, Firing)
    assert (bad.severity, bad.attribution) == (4, "network")
    assert isinstance(ask("F17", station(5 * HOUR), bad.state), Firing)
    assert isinstance(ask("F17", station(7 * HOUR), bad.state), Clear)


def test_a_line_that_comes_with_a_start_is_the_starts() -> None:
    both = [
        one
        for minute in (0, 10, 20, 30, 40)
        for one in (notice(minute, "connected"), notice(minute + 0.5, "boot"))
    ]
    assert isinstance(ask("F17", station(41, *both)), Clear)


def test_what_was_asked_in_vain_five_times_is_a_bad_link() -> None:
    failed = [notice(hour * HOUR, "call_failed") for hour in range(5)]
    assert isinstance(ask("F17", station(4 * HOUR + 1, *failed)), Firing)


@pytest.mark.parametrize("kind", ["call_failed", "call_slow"])
def test_a_few_calls_of_many_that_went_wrong_are_no_bad_link(kind: str) -> None:
    """One in twenty is the limit: of answers it is their 95th percentile."""
    wrong = [notice(hour * HOUR, kind) for hour in range(5)]
    of_many = replace(station(4 * HOUR + 1, *wrong), calls_sent=500)
    of_few = replace(of_many, calls_sent=60)

    assert isinstance(ask("F17", of_many), Clear)
    assert isinstance(ask("F17", of_few), Firing)


def test_three_sessions_with_gaps_in_a_day_are_lost_messages() -> None:
    gap = Measures(samples=20, usual_interval_s=60, longest_gap_s=900)
    slow = Measures(samples=20, usual_interval_s=900, longest_gap_s=1000)
    even = tuple(session(minute, 9000, measures=slow) for minute in (10, 20, 30))
    assert isinstance(ask("F18", snapshot(31, sessions=even)), Clear)
    bad = tuple(session(minute, 9000, measures=gap) for minute in (10, 20, 30))
    found = ask("F18", snapshot(31, sessions=bad))
    assert isinstance(found, Firing)
    assert isinstance(ask("F18", snapshot(24 * HOUR + 11), found.state), Clear)


def test_a_transaction_counts_once_however_many_of_its_numbers_are_missing() -> None:
    same = tuple(notice(minute, "seq_gap", 7, transaction="t1") for minute in (1, 2, 3))
    assert isinstance(ask("F18", snapshot(4, notices=same)), Clear)
    others = tuple(notice(m, "seq_gap", 7, transaction=f"t{m}") for m in (1, 2, 3))
    assert isinstance(ask("F18", snapshot(4, notices=others)), Firing)


def test_false_firmware_is_grave_and_a_mistyped_password_is_not_at_once() -> None:
    def told(*types: str) -> Result:
        events = [notice(n, "security_event", type=one) for n, one in enumerate(types)]
        return ask("F19", station(10, *events))

    grave = told("InvalidFirmwareSignature")
    assert isinstance(grave, Firing)
    assert grave.severity == 1
    plain = told("InvalidChargePointCertificate")
    assert isinstance(plain, Firing)
    assert plain.severity == 4
    assert isinstance(told("MaintenanceLoginFailed", "MaintenanceLoginFailed"), Clear)
    assert isinstance(told(*["MaintenanceLoginFailed"] * 3), Firing)
    assert isinstance(told("StartupOfTheDevice", "SettingSystemTime"), Clear)
    assert isinstance(ask("F19", station(8 * 24 * HOUR), plain.state), Clear)


def test_a_certificate_is_pressing_in_its_last_week_and_well_when_renewed() -> None:
    ends = ask("F19", station(1, notice(0, "certificate_ends")))
    assert isinstance(ends, Firing)
    assert ends.severity == 5
    pressing = ask("F19", station(24 * 24 * HOUR), ends.state)
    assert isinstance(pressing, Firing)
    assert pressing.severity == 4
    renewed = notice(24 * 24 * HOUR + 1, "certificate_renewed")
    assert isinstance(ask("F19", station(24 * 24 * HOUR + 2, renewed), pressing.state), Clear)


def test_a_hot_cabinet_is_told_after_five_minutes_and_over_when_it_was_cool_for_thirty() -> None:
    def warm(*pairs: tuple[float, float]) -> tuple[Notice, ...]:
        return tuple(notice(minute, "reading", 7, body_c=celsius) for minute, celsius in pairs)

    hot = ask("F04", snapshot(3, notices=warm((0, 72), (3, 74))))
    assert isinstance(hot, Firing)
    assert hot.severity == 5
    longer = ask("F04", snapshot(6, notices=warm((6, 75))), hot.state)
    assert isinstance(longer, Firing)
    assert (longer.severity, longer.evidence["highest_c"]) == (4, 75)
    cool = ask("F04", snapshot(10, notices=warm((10, 50))), longer.state)
    assert isinstance(cool, Firing)
    assert isinstance(ask("F04", snapshot(41), cool.state), Clear)


def test_degrees_that_no_cabinet_has_are_not_believed() -> None:
    fahrenheit = tuple(notice(minute, "reading", 7, body_c=160) for minute in (0, 6))
    assert isinstance(ask("F04", snapshot(7, notices=fahrenheit)), Clear)


def test_a_tampered_cabinet_is_grave_unless_somebody_of_ours_is_there() -> None:
    opened = notice(0, "security_event", type="TamperDetectionActivated")
    alarm = ask("F07", station(1, opened))
    assert isinstance(alarm, Firing)
    assert (alarm.severity, alarm.is_over) == (1, True)
    assert isinstance(ask("F07", station(1, opened, is_attended=True)), CannotKnow)


def test_the_codes_nobody_knows_are_counted_for_the_list() -> None:
    first = ask("F05", snapshot(1, signs=(sign(0, "Faulted", vendor_error_code="E-1"),)))
    again = snapshot(9, signs=(sign(8, "Faulted", "GroundFailure", vendor_error_code="E-1"),))
    second = ask("F05", again, first.state)
    assert second.state["seen"]["E-1"] == [2, at(1).isoformat(), at(9).isoformat()]
