"""Composite schedules: what several profiles together allow."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.metering import schedules
from stations.metering.schedules import Profile, Slice, Step, Window

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def flat(purpose: str, limit: int, **rest: Any) -> Profile:
    return Profile(purpose=purpose, steps=(Step(0, Decimal(limit)),), starts_at=NOON, **rest)


def window(**rest: Any) -> Window:
    given: dict[str, Any] = {"starts_at": NOON, "duration_s": 3600, "session_at": NOON}
    return Window(**(given | rest))


def limits(found: tuple[Slice, ...]) -> list[tuple[int, Any]]:
    return [(one.start_s, one.limit) for one in found]


def test_nothing_said_is_no_limit() -> None:
    assert schedules.compose([], window()) == (Slice(0, None),)


def test_a_session_s_profile_takes_the_default_s_place_even_if_it_allows_more() -> None:
    profiles = [flat("tx_default", 10), flat("tx", 16)]

    assert limits(schedules.compose(profiles, window())) == [(0, 16)]
    assert limits(schedules.compose(profiles, window(session_at=None))) == [(0, 10)]


def test_the_station_s_and_the_grid_s_limits_cut_what_a_session_may_have() -> None:
    profiles = [flat("tx", 16), flat("station_max", 12), flat("external", 8)]

    assert limits(schedules.compose(profiles[:2], window())) == [(0, 12)]
    assert limits(schedules.compose(profiles, window())) == [(0, 8)]


def test_the_highest_level_that_says_something_leads_and_a_lower_one_fills_its_gaps() -> None:
    high = flat("tx_default", 6, stack_level=2, duration_s=600)
    low = flat("tx_default", 20)

    assert limits(schedules.compose([low, high], window())) == [(0, 6), (600, 20)]


def test_of_one_level_the_evse_s_own_profile_leads() -> None:
    profiles = [flat("tx_default", 20, evse=0), flat("tx_default", 9, evse=1)]

    assert limits(schedules.compose(profiles, window())) == [(0, 9)]
    assert limits(schedules.compose(profiles, window(evse=2))) == [(0, 20)]


def test_a_relative_profile_begins_with_its_session() -> None:
    steps = (Step(0, Decimal(16)), Step(1800, Decimal(6)))
    profile = Profile(purpose="tx", kind="Relative", steps=steps)

    found = schedules.compose([profile], window(session_at=NOON - timedelta(minutes=20)))

    assert limits(found) == [(0, 16), (600, 6)]


def test_validity_opens_and_closes_a_profile() -> None:
    profile = flat(
        "tx_default",
        10,
        valid_from=NOON + timedelta(minutes=10),
        valid_to=NOON + timedelta(minutes=20),
    )

    assert limits(schedules.compose([profile], window())) == [(0, None), (600, 10), (1200, None)]


def test_watts_become_amperes_over_the_phases_named() -> None:
    three = Profile(purpose="tx", unit="W", steps=(Step(0, Decimal(11040)),), starts_at=NOON)
    one = Profile(purpose="tx", unit="W", steps=(Step(0, Decimal(3680), 1),), starts_at=NOON)

    assert limits(schedules.compose([three], window())) == [(0, 16)]
    assert limits(schedules.compose([one], window())) == [(0, 16)]
    assert limits(schedules.compose([one], window(unit="W"))) == [(0, 3680)]


def test_priority_charging_takes_the_place_of_the_session_s_profile() -> None:
    profiles = [flat("tx", 6), flat("priority", 32), flat("station_max", 25)]

    assert limits(schedules.compose(profiles, window())) == [(0, 6)]
    assert limits(schedules.compose(profiles, window(is_priority=True))) == [(0, 25)]


def test_a_daily_profile_comes_back_and_a_weekly_one_waits() -> None:
    steps = (Step(0, Decimal(6)), Step(7200, Decimal(16)))
    daily = Profile(
        purpose="tx_default",
        kind="Recurring",
        steps=steps,
        starts_at=NOON - timedelta(days=9),
    )
    weekly = Profile(
        purpose="tx_default",
        kind="Recurring",
        recurrency="Weekly",
        steps=steps,
        starts_at=NOON - timedelta(days=8),
        duration_s=3 * 3600,
    )
    day = window(duration_s=26 * 3600, session_at=None)

    assert limits(schedules.compose([daily], day)) == [(0, 6), (7200, 16), (86400, 6)]
    assert limits(schedules.compose([weekly], day)) == [(0, None)]


@pytest.mark.parametrize(("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_on_both_nights_the_clock_changes_a_local_daily_profile_begins_at_its_hour(
    date: str, hours: int
) -> None:
    night = datetime.fromisoformat(date).replace(tzinfo=STOCKHOLM)
    begins = night.replace(day=1, hour=22).astimezone(UTC)
    profile = Profile(
        purpose="tx_default",
        kind="Recurring",
        steps=(Step(0, Decimal(6)), Step(8 * 3600, Decimal(16))),
        starts_at=begins,
        zone=STOCKHOLM,
    )
    evening = (night - timedelta(days=1)).replace(hour=22).astimezone(UTC)
    found = schedules.compose(
        [profile], Window(starts_at=evening, duration_s=26 * 3600, session_at=None)
    )

    assert limits(found) == [(0, 6), (8 * 3600, 16), (hours * 3600, 6)]
    utc = schedules.compose(
        [Profile(purpose="tx_default", kind="Recurring", steps=profile.steps, starts_at=begins)],
        Window(starts_at=evening, duration_s=26 * 3600, session_at=None),
    )
    assert limits(utc) != limits(found)


def test_an_absolute_profile_without_a_start_begins_when_it_is_taken() -> None:
    steps = (Step(0, Decimal(6)), Step(600, Decimal(10)))

    found = schedules.compose([Profile(purpose="tx", steps=steps)], window())

    assert limits(found) == [(0, 6), (600, 10)]


def test_a_profile_of_the_future_says_nothing_yet() -> None:
    later = Profile(
        purpose="tx_default", steps=(Step(0, Decimal(6)),), starts_at=NOON + timedelta(minutes=30)
    )
    other = Profile(purpose="tx", kind="Relative", steps=(Step(0, Decimal(8)),))

    found = schedules.compose([later], window())
    assert limits(found) == [(0, None), (1800, 6)]
    ahead = window(session_at=NOON + timedelta(minutes=40))
    assert limits(schedules.compose([later, other], ahead)) == [(0, None), (1800, 6), (2400, 8)]


def test_the_first_step_may_begin_late() -> None:
    profile = Profile(purpose="tx", steps=(Step(60, Decimal(8)),), starts_at=NOON)

    assert limits(schedules.compose([profile], window())) == [(0, None), (60, 8)]


steps = st.lists(
    st.tuples(st.integers(0, 7200), st.integers(0, 63), st.sampled_from([None, 1, 3])),
    min_size=1,
    max_size=4,
).map(lambda rows: tuple(Step(a, Decimal(b), c) for a, b, c in sorted(rows, key=lambda r: r[0])))
instants = st.integers(-3 * 86400, 2 * 86400).map(lambda s: NOON + timedelta(seconds=s))
profiles = st.builds(
    Profile,
    purpose=st.sampled_from(["station_max", "tx_default", "tx", "external", "priority"]),
    steps=steps,
    evse=st.sampled_from([0, 1]),
    stack_level=st.integers(0, 3),
    kind=st.sampled_from(["Absolute", "Recurring", "Relative"]),
    recurrency=st.sampled_from(["Daily", "Weekly"]),
    unit=st.sampled_from(["A", "W"]),
    starts_at=st.none() | instants,
    duration_s=st.none() | st.integers(1, 90_000),
    valid_from=st.none() | instants,
    valid_to=st.none() | instants,
    zone=st.sampled_from([None, STOCKHOLM]),
)
windows = st.builds(
    window,
    duration_s=st.integers(1, 2 * 86400),
    session_at=st.none() | instants,
    is_priority=st.booleans(),
)


@given(st.lists(profiles, max_size=5), windows, st.integers(0, 2 * 86400))
def test_the_slices_say_at_every_instant_what_holds_then(
    given_profiles: list[Profile], asked: Window, second: int
) -> None:
    second = second % asked.duration_s
    instant = asked.starts_at + timedelta(seconds=second)

    found = schedules.compose(given_profiles, asked)

    held = [one for one in found if one.start_s <= second][-1]
    assert (held.limit, held.phases) == schedules.limit_at(given_profiles, asked, instant)
    assert found[0].start_s == 0
    assert all(a.start_s < b.start_s for a, b in pairwise(found))


@given(st.lists(profiles, max_size=5), windows, profiles)
def test_one_limit_more_of_the_station_never_gives_more(
    given_profiles: list[Profile], asked: Window, extra: Profile
) -> None:
    lone = [p for p in given_profiles if p.purpose not in ("station_max", "external")]
    cut = schedules.Profile(purpose="station_max", steps=extra.steps, kind="Relative")

    before = schedules.limit_at(lone, asked, asked.starts_at)[0]
    after = schedules.limit_at([*lone, cut], asked, asked.starts_at)[0]

    assert before is None or (after is not None and after <= before)
