"""Sharing a fuse: fair, at least the minimum, in turns, and never more than the fuse carries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.metering import sharing
from stations.metering.sharing import Fuse, Point

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
ALL = (0, 1, 2)


def car(key: int, **rest: Any) -> Point:
    given: dict[str, Any] = {
        "key": key,
        "phases": ALL,
        "max_a": 32,
        "default_a": 0,
        "can_steer": True,
    }
    return Point(**(given | rest))


def targets(fuse: Fuse, *points: Point) -> list[int]:
    made = sharing.plan(fuse, points, NOW)
    return [made.targets[point.key] for point in points]


def test_alone_a_car_gets_what_its_connector_can_give() -> None:
    assert targets(Fuse(63), car(1)) == [32]


def test_several_cars_share_alike_and_an_odd_ampere_goes_to_the_first() -> None:
    assert targets(Fuse(50), car(1), car(2), car(3)) == [17, 17, 16]


def test_what_one_connector_cannot_use_goes_to_the_others() -> None:
    assert targets(Fuse(50), car(1, max_a=10), car(2), car(3)) == [10, 20, 20]


def test_what_a_car_was_seen_not_to_want_goes_to_the_others() -> None:
    assert targets(Fuse(50), car(1, wants_a=8), car(2), car(3)) == [8, 21, 21]
    assert targets(Fuse(50), car(1, wants_a=2), car(2, max_a=60)) == [6, 44]


def test_below_the_minimum_nobody_charges_so_some_wait() -> None:
    fuse = Fuse(13)
    cars = [car(n, waits_since=NOW - timedelta(minutes=n)) for n in (1, 2, 3)]

    made = sharing.plan(fuse, cars, NOW)

    assert made.states == {3: "running", 2: "running", 1: "held"}
    assert made.targets == {3: 7, 2: 6, 1: 0}


def test_a_turn_goes_on_until_it_is_over_and_then_the_longest_wait_ends() -> None:
    young = car(1, confirmed_a=10, turn_since=NOW - timedelta(minutes=5), changed_at=LONG_AGO)
    waiting = car(2, waits_since=NOW - timedelta(minutes=20))

    assert targets(Fuse(10), young, waiting) == [10, 0]
    over = replace(young, turn_since=NOW - timedelta(minutes=16))
    assert targets(Fuse(10), over, waiting) == [0, 10]
    assert targets(Fuse(10), over) == [10]


def test_a_full_car_comes_last_and_gets_the_least() -> None:
    assert targets(Fuse(20), car(1, is_full=True), car(2)) == [6, 14]
    assert targets(Fuse(8), car(1, is_full=True), car(2)) == [0, 8]


def test_each_phase_is_reckoned_by_itself() -> None:
    one, two = car(1, phases=(0,)), car(2, phases=(1,))

    assert targets(Fuse(20), one, two) == [20, 20]
    assert targets(Fuse(20), one, two, car(3, phases=(0,))) == [10, 20, 10]
    assert targets(Fuse(20), car(4), one) == [10, 10]


def test_who_does_not_listen_keeps_what_it_may_draw() -> None:
    away = car(1, confirmed_a=20, can_steer=False)
    unlimited = car(2, default_a=32, can_steer=False)

    made = sharing.plan(Fuse(63), [away, unlimited, car(3)], NOW)

    assert made.targets == {1: 20, 2: 32, 3: 11}
    assert made.states[1] == "fixed"
    assert made.orders == {3: 11}


def test_nobody_is_raised_before_what_others_give_up_is_confirmed() -> None:
    rich = car(1, confirmed_a=32, turn_since=LONG_AGO, changed_at=LONG_AGO)
    new = car(2)
    fuse = Fuse(32)

    assert sharing.plan(fuse, [rich, new], NOW).orders == {1: 16}
    asked = replace(rich, pending_a=16)
    assert sharing.plan(fuse, [asked, new], NOW).orders == {}
    gave = sharing.after(asked, "accepted", NOW)
    assert sharing.plan(fuse, [gave, new], NOW).orders == {2: 16}
    kept = sharing.after(asked, "rejected", NOW)
    assert sharing.plan(fuse, [replace(kept, can_steer=False), new], NOW).orders == {}


def test_a_new_car_begins_with_what_is_free_at_once() -> None:
    rich = car(1, confirmed_a=20, pending_a=16, turn_since=LONG_AGO, changed_at=LONG_AGO)

    assert sharing.plan(Fuse(32), [rich, car(2)], NOW).orders == {2: 12}


def test_a_lost_answer_is_reckoned_with_the_higher_limit_and_asked_again() -> None:
    lost = sharing.after(car(1, confirmed_a=10, pending_a=16), "lost", NOW)

    assert lost.ceiling_a == 16
    assert sharing.plan(Fuse(16), [lost], NOW).orders == {1: 16}
    assert sharing.plan(Fuse(10), [lost], NOW).orders == {1: 10}
    assert sharing.after(replace(lost, pending_a=6), "unsent", NOW).ceiling_a == 16


def test_a_raise_waits_a_while_after_the_last_change_and_taking_does_not() -> None:
    just_now = car(1, confirmed_a=10, changed_at=NOW - timedelta(seconds=5))

    assert sharing.plan(Fuse(32), [just_now], NOW).orders == {}
    assert sharing.plan(Fuse(32), [replace(just_now, changed_at=LONG_AGO)], NOW).orders == {1: 32}
    assert sharing.plan(Fuse(8), [just_now], NOW).orders == {1: 8}


def test_a_default_is_lowered_always_and_raised_only_where_there_is_room() -> None:
    cars = [car(1, can_steer=False), car(2, confirmed_a=16)]

    assert sharing.fits_default(Fuse(22), cars, [1, 2], 6)
    assert not sharing.fits_default(Fuse(21), cars, [1, 2], 6)
    assert sharing.fits_default(Fuse(5), [car(1, default_a=32)], [1], 0)


def test_a_default_above_nothing_needs_a_fuse_three_times_as_big() -> None:
    assert sharing.safe_default(Fuse(36), [ALL, ALL]) == 6
    assert sharing.safe_default(Fuse(35), [ALL, ALL]) == 0
    assert sharing.safe_default(Fuse(18), [(0,), (1,)]) == 6
    assert sharing.safe_default(Fuse(18), []) == 0


@pytest.mark.parametrize(
    ("drawn", "before", "after"),
    [(10, None, 12), (14, None, None), (12, 12, 14), (14, 12, 12), (15, 12, None), (None, 12, 12)],
)
def test_a_car_s_wish_follows_what_it_draws(
    drawn: int | None, before: int | None, after: int | None
) -> None:
    point = car(1, confirmed_a=16, wants_a=before, changed_at=LONG_AGO)

    assert sharing.wanted(point, drawn, NOW) == after


def test_a_wish_is_not_judged_before_the_limit_is_followed_nor_without_one() -> None:
    point = car(1, confirmed_a=16, changed_at=NOW - timedelta(seconds=20))

    assert sharing.wanted(point, 6, NOW) is None
    assert sharing.wanted(replace(point, confirmed_a=None), 6, NOW) is None


def test_an_ended_session_takes_its_limit_with_it() -> None:
    point = car(1, confirmed_a=16, pending_a=10, turn_since=NOW, default_a=6)

    assert sharing.freed(point) == car(1, default_a=6)


points = st.lists(
    st.builds(
        car,
        key=st.integers(0, 10**6),
        phases=st.sampled_from([ALL, (0,), (1,), (2,)]),
        max_a=st.sampled_from([16, 32, 63]),
        default_a=st.sampled_from([0, 6]),
        confirmed_a=st.none() | st.integers(0, 32),
        pending_a=st.none() | st.integers(0, 32),
        can_steer=st.booleans(),
        is_full=st.booleans(),
        wants_a=st.none() | st.integers(0, 40),
        turn_since=st.none() | st.just(LONG_AGO) | st.just(NOW),
        changed_at=st.none() | st.just(LONG_AGO) | st.just(NOW),
    ),
    max_size=8,
    unique_by=lambda point: point.key,
)


@given(points, st.integers(1, 250))
def test_what_is_sent_never_lets_more_flow_than_the_fuse_carries(
    cars: list[Point], limit_a: int
) -> None:
    before = sharing.ceilings(cars)
    made = sharing.plan(Fuse(limit_a), cars, NOW)

    sent = [replace(one, pending_a=made.orders.get(one.key, one.pending_a)) for one in cars]
    after = sharing.ceilings(sent)

    for phase in range(3):
        assert after[phase] <= max(limit_a, before[phase])


@given(points, st.integers(1, 250))
def test_nobody_is_told_to_charge_below_the_minimum_and_no_ampere_lies_idle(
    cars: list[Point], limit_a: int
) -> None:
    fuse = Fuse(limit_a)
    made = sharing.plan(fuse, cars, NOW)
    used = [0, 0, 0]
    for one in cars:
        for phase in one.phases:
            used[phase] += made.targets[one.key]

    for one in cars:
        if one.can_steer and made.states[one.key] != sharing.HELD:
            assert made.targets[one.key] >= fuse.min_a
    if all(sharing.ceilings([c])[0] <= limit_a for c in cars):
        hungry = [
            one
            for one in cars
            if made.states[one.key] == sharing.RUNNING
            and one.wants_a is None
            and made.targets[one.key] < one.max_a
        ]
        for one in hungry:
            assert min(limit_a - used[phase] for phase in one.phases) < 1
