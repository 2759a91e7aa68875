"""Periods joined before they are priced: fewer of them, and every line as it was."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.tariffs import joining, price, splitting
from billing.tariffs.joining import Bounds
from billing.tariffs.model import Component, Dimension, Element, Restrictions, Tariff
from stations.metering.session_facts import Period, SessionFacts

ZERO = Fraction(0)
BEGIN = datetime(2026, 3, 28, 21, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE = timedelta(minutes=1)
lengths = st.sampled_from([0, 1, 60, 900, 1800, 3600, 7200])


def _some(*values: int) -> st.SearchStrategy[Fraction | None]:
    return st.sampled_from([None, *map(Fraction, values)])


# Bounds that the sessions below meet, cross and end at.
rules = st.builds(
    Restrictions,
    start_time=st.sampled_from([None, time(22), time(2, 30), time(6)]),
    end_time=st.sampled_from([None, time(22), time(2, 30), time(6)]),
    weekdays=st.sampled_from([frozenset[int](), frozenset({5})]),
    min_energy_wh=_some(1, 500, 20_000, 20_500),
    max_energy_wh=_some(1, 500, 20_000, 20_500),
    min_duration_s=_some(900, 1800, 3660),
    max_duration_s=_some(900, 1800, 3660),
    min_power_w=_some(5000),
)
components = st.builds(
    Component,
    st.sampled_from(Dimension),
    st.integers(1, 9).map(Fraction),
    st.just(Fraction(25)),
    st.sampled_from([0, 1, 700]),
)
elements = st.builds(
    Element, st.lists(components, min_size=1, max_size=2).map(tuple), st.none() | rules
)
tariffs = st.builds(Tariff, st.just("SEK"), st.lists(elements, min_size=1, max_size=3).map(tuple))


@st.composite
def told_often(draw: st.DrawFn) -> SessionFacts:
    """Return a session of many periods over a night on which the clock is changed."""
    at, periods = BEGIN + draw(st.integers(0, 600)) * MINUTE, []
    started_at = at
    reserved = draw(st.sampled_from([0, 0, 900]))
    for number in range(draw(st.integers(1, 12))):
        length = draw(lengths)
        kind = 2 if reserved and number == 0 else draw(st.sampled_from([0, 0, 0, 1]))
        seconds = [0, 0, 0]
        seconds[kind] = length
        periods.append(
            Period(
                at,
                at + timedelta(seconds=length),
                None if kind == 2 else draw(st.sampled_from([None, 0, 1, 500, 20_000])),
                seconds[0],
                seconds[1],
                seconds[2],
                min_power_w=draw(st.sampled_from([None, 3000, 11_000])),
            )
        )
        at = periods[-1].ended_at + timedelta(seconds=draw(st.sampled_from([0, 0, 0, 60])))
    return SessionFacts(
        time_zone=STOCKHOLM, started_at=started_at, ended_at=at, periods=tuple(periods)
    )


def _apart(
    periods: Iterable[Period], _bounds: Bounds, _began_at: datetime
) -> Iterator[tuple[Period, datetime]]:
    return ((period, period.ended_at) for period in periods)


@settings(max_examples=200)
@given(tariffs, told_often())
def test_joining_changes_no_line_of_any_price(made: Tariff, facts: SessionFacts) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(joining, "joined", _apart)
        apart = price.price_session(facts, made)

    assert price.price_session(facts, made) == apart


def _minutes(count: int, **fields: int) -> tuple[Period, ...]:
    return tuple(
        Period(BEGIN + n * MINUTE, BEGIN + (n + 1) * MINUTE, 100, 60, **fields)
        for n in range(count)
    )


def test_an_hour_told_by_the_minute_is_one_period_where_nothing_is_asked_of_the_clock() -> None:
    ((only, first_ended_at),) = joining.joined(_minutes(60), Bounds(), BEGIN)

    assert first_ended_at == BEGIN + MINUTE
    assert (only.energy_wh, only.charging_s, only.ended_at) == (6000, 3600, BEGIN + 60 * MINUTE)


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(strikes=[BEGIN + 30 * MINUTE]),
        Bounds(ages=[Fraction(1800)]),
        Bounds(energies=[Fraction(3000)]),
    ],
)
def test_what_lies_on_both_sides_of_a_bound_is_not_joined(bounds: Bounds) -> None:
    found = list(joining.joined(_minutes(60), bounds, BEGIN))

    assert [each.energy_wh for each, _ in found] == [3000, 3000]


def test_a_tariff_that_asks_for_power_keeps_apart_what_had_another() -> None:
    slow, fast = _minutes(2, max_power_w=3000), _minutes(4, max_power_w=11_000)[2:]
    element = Element(
        (Component(Dimension.ENERGY, Fraction(1), None, 0),),
        Restrictions(min_power_w=Fraction(5000)),
    )
    facts = SessionFacts(
        time_zone=STOCKHOLM,
        started_at=BEGIN,
        ended_at=BEGIN + 4 * MINUTE,
        periods=(*slow, *fast),
    )

    segments = splitting.split_session(facts, Tariff("SEK", (element,)))

    assert [segment.energy_wh for segment in segments] == [200, 200]
