"""What must hold for every tariff and every session."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from billing.tariffs import price
from billing.tariffs.bill import Amount, LineKind
from billing.tariffs.instants import clock_changes, seconds_between
from billing.tariffs.model import (
    Component,
    Dimension,
    Element,
    PriceLimit,
    Restrictions,
    Tariff,
    TaxIncluded,
)
from stations.metering.session_facts import Period, SessionFacts

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Stockholm", "America/New_York")]
EPOCH = datetime(2026, 3, 27, tzinfo=UTC)

amounts = st.integers(0, 5000).map(lambda cents: Fraction(cents, 1000))
rates = st.sampled_from([None, Fraction(0), Fraction(6), Fraction(25)])
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))
bounds = st.none() | st.integers(0, 20_000).map(Fraction)


@st.composite
def components(draw: st.DrawFn) -> Component:
    kind = draw(st.sampled_from(Dimension))
    return Component(kind, draw(amounts), draw(rates), draw(st.integers(0, 2000)))


restrictions = st.builds(
    Restrictions,
    start_time=st.none() | clocks,
    end_time=st.none() | clocks,
    weekdays=st.frozensets(st.integers(0, 6)),
    min_energy_wh=bounds,
    max_energy_wh=bounds,
    min_duration_s=bounds,
    max_duration_s=bounds,
)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    elements = st.builds(
        Element,
        st.lists(components(), min_size=1, max_size=3).map(tuple),
        st.none() | restrictions,
    )
    made: list[Element] = draw(st.lists(elements, min_size=1, max_size=4))
    tax = draw(st.sampled_from([TaxIncluded.NO, TaxIncluded.NOT_APPLICABLE]))
    return Tariff("SEK", tuple(made), tax)


@st.composite
def sessions(draw: st.DrawFn) -> SessionFacts:
    at = EPOCH + timedelta(minutes=draw(st.integers(0, 5 * 24 * 60)))
    started_at, periods = at, []
    for _ in range(draw(st.integers(1, 3))):
        length = draw(st.integers(1, 20_000))
        is_parking = draw(st.booleans())
        periods.append(
            Period(
                started_at=at,
                ended_at=at + timedelta(seconds=length),
                energy_wh=draw(st.integers(0, 30_000)),
                charging_s=0 if is_parking else length,
                parking_s=length if is_parking else 0,
            )
        )
        at = periods[-1].ended_at
    return SessionFacts(
        time_zone=draw(st.sampled_from(ZONES)),
        started_at=started_at,
        ended_at=at,
        periods=tuple(periods),
    )


@given(tariffs(), sessions())
def test_lines_sum_to_the_total_and_tax_is_never_negative(
    tariff: Tariff, facts: SessionFacts
) -> None:
    result = price.price_session(facts, tariff)

    assert result.total == sum((line.amount for line in result.lines), Amount())
    assert result.total.excl is not None
    assert result.total.incl is not None
    assert 0 <= result.total.excl <= result.total.incl
    assert sum((each for each in result.totals_by_vat().values()), Amount()) == result.total


@given(tariffs(), sessions(), st.integers(0, 2), st.integers(1, 9999))
def test_splitting_a_period_anywhere_changes_nothing(
    tariff: Tariff, facts: SessionFacts, place: int, share: int
) -> None:
    place %= len(facts.periods)
    whole = facts.periods[place]
    seconds = int(seconds_between(whole.started_at, whole.ended_at)) * share // 10_000
    assume(seconds > 0)
    cut = whole.started_at + timedelta(seconds=seconds)
    part = Fraction(seconds) / seconds_between(whole.started_at, whole.ended_at)
    left, right = (
        replace(
            whole,
            started_at=begin,
            ended_at=end,
            energy_wh=Fraction(whole.energy_wh or 0) * size,
            charging_s=whole.charging_s * size,
            parking_s=whole.parking_s * size,
        )
        for begin, end, size in (
            (whole.started_at, cut, part),
            (cut, whole.ended_at, 1 - part),
        )
    )
    periods = (*facts.periods[:place], left, right, *facts.periods[place + 1 :])

    split = price.price_session(replace(facts, periods=periods), tariff)

    assert split.total == price.price_session(facts, tariff).total


@given(st.lists(components(), min_size=1, max_size=4), sessions(), st.integers(1, 30_000))
def test_more_energy_never_costs_less(
    priced: list[Component], facts: SessionFacts, more_wh: int
) -> None:
    tariff = Tariff("SEK", (Element(tuple(priced)),))
    first = facts.periods[0]
    fuller = replace(first, energy_wh=Fraction(first.energy_wh or 0) + more_wh)

    more = price.price_session(replace(facts, periods=(fuller, *facts.periods[1:])), tariff)

    less = price.price_session(facts, tariff)
    assert more.total.excl is not None
    assert less.total.excl is not None
    assert more.total.excl >= less.total.excl


@given(tariffs(), sessions())
def test_a_step_bills_at_least_what_was_used_and_less_than_one_step_more(
    tariff: Tariff, facts: SessionFacts
) -> None:
    result = price.price_session(facts, tariff)

    units = {LineKind.ENERGY: 1000, LineKind.TIME: 3600, LineKind.PARKING_TIME: 3600}
    for kind, per_unit in units.items():
        lines = [line for line in result.lines if line.kind is kind]
        if not lines:
            continue
        added = sum((line.billed_quantity - line.quantity for line in lines), Fraction(0))
        last = max(lines, key=lambda line: line.started_at)
        assert last.element is not None
        assert last.component is not None
        step = tariff.elements[last.element].components[last.component].step_size
        assert 0 <= added * per_unit < max(step, 1)


@given(tariffs(), sessions(), amounts, amounts)
def test_the_total_stays_between_its_limits(
    tariff: Tariff, facts: SessionFacts, one: Fraction, other: Fraction
) -> None:
    assume(facts.energy_wh > 0)
    low, high = sorted((one, other))
    limited = replace(
        tariff, min_price=PriceLimit(low, low * 2), max_price=PriceLimit(high, high * 2)
    )

    total = price.price_session(facts, limited).total

    assert total.excl is not None
    assert total.incl is not None
    assert low <= total.excl <= high
    assert low * 2 <= total.incl <= high * 2
    assert total.excl <= total.incl


@given(tariffs(), sessions())
def test_elements_that_never_hold_change_nothing(tariff: Tariff, facts: SessionFacts) -> None:
    never = Element(
        tuple(Component(kind, Fraction(9), None, 7) for kind in Dimension),
        Restrictions(max_duration_s=Fraction(0)),
    )

    more = price.price_session(facts, replace(tariff, elements=(never, *tariff.elements)))

    assert more.total == price.price_session(facts, tariff).total


@given(st.lists(components(), min_size=1, max_size=4), sessions())
def test_without_a_clock_in_the_tariff_the_zone_does_not_matter(
    priced: list[Component], facts: SessionFacts
) -> None:
    tariff = Tariff("SEK", (Element(tuple(priced)),))

    totals = {price.price_session(replace(facts, time_zone=zone), tariff).total for zone in ZONES}

    assert len(totals) == 1


@given(st.sampled_from(ZONES), st.integers(0, 365))
def test_a_local_day_has_its_own_hours_and_midnights_bound_it(zone: ZoneInfo, day: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=zone) + timedelta(days=day)
    start, end = begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)

    strikes = clock_changes(start - timedelta(hours=1), end + timedelta(hours=1), zone, [])

    assert {start, end} <= set(strikes)
    assert len(strikes) == (2 if end - start == timedelta(days=1) else 3)
