from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.rules import demand

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
HOURS = st.integers(0, 5_000).map(lambda hours: MONDAY + timedelta(hours=hours))


def noons(days: int) -> list[datetime]:
    return [MONDAY + n * DAY + timedelta(hours=12) for n in range(days)]


def test_a_site_nobody_has_used_yet_is_thought_to_be_used_evenly() -> None:
    assert demand.profile((), "UTC") == pytest.approx(demand.EVEN)


def test_a_profile_leans_to_the_hours_in_which_drivers_come() -> None:
    weights = demand.profile(noons(700), "Europe/Stockholm")

    # noon in UTC is one o'clock in Stockholm in winter, two in summer
    assert weights[13] > 3 > 1 > weights[1]
    assert sum(weights) == pytest.approx(demand.HOURS)


def test_a_night_is_no_silence_where_drivers_come_at_noon() -> None:
    clock = demand.clock_of(demand.profile(noons(700), "UTC"), "UTC")
    night = clock.days(MONDAY, MONDAY + timedelta(hours=6))

    assert night < 0.1 < 0.5 < clock.days(MONDAY + DAY / 3, MONDAY + 2 * DAY / 3)


@given(HOURS, HOURS, st.lists(st.tuples(HOURS, st.none() | HOURS), max_size=4))
def test_time_by_use_never_runs_backwards_and_absence_only_shortens_it(one, other, away) -> None:
    clock = demand.clock_of(demand.profile(noons(90), "UTC"), "UTC")
    begin, end = min(one, other), max(one, other)
    whole = clock.days(begin, end)

    assert 0 <= clock.days(begin, end, away) <= whole + 1e-9
    assert clock.days(end, begin) == 0
    assert demand.real_least(whole, clock) <= end - begin + timedelta(seconds=1)


def test_a_week_is_seven_days_by_any_clock_and_what_overlaps_is_away_once() -> None:
    clock = demand.clock_of(demand.profile(noons(90), "UTC"), "UTC")
    week = MONDAY + 7 * DAY
    away = [(MONDAY - DAY, MONDAY + DAY), (MONDAY, MONDAY + 2 * DAY), (MONDAY + 3 * DAY, None)]

    assert clock.days(MONDAY, week) == pytest.approx(7)
    third = clock.days(MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    assert clock.days(MONDAY, week, away) == pytest.approx(third)
