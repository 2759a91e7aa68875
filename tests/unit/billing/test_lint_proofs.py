"""What the linter proves about elements, the engine obeys in every session."""

from datetime import time
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.tariffs import lint, price
from billing.tariffs.bill import LineKind
from billing.tariffs.lint import boxes, coverage
from billing.tariffs.lint.told import Told
from billing.tariffs.model import Component, Dimension, Element, Restrictions, Tariff
from stations.metering.session_facts import SessionFacts
from tests.unit.billing.papers import component, element, tariff
from tests.unit.billing.test_price_properties import sessions

# Few bounds, so that elements often cover each other.
hours = st.sampled_from([6, 12, 22])
near = st.none() | st.sampled_from([5_000, 10_000, 20_000]).map(Fraction)
ages = st.none() | st.sampled_from([1800, 3600, 7200]).map(Fraction)


@st.composite
def close_elements(draw: st.DrawFn) -> Element:
    kind = draw(st.sampled_from([Dimension.ENERGY, Dimension.TIME]))
    has_hours = draw(st.booleans())
    start, end = draw(hours), draw(hours)
    rules = Restrictions(
        start_time=time(start) if has_hours else None,
        end_time=time(end) if has_hours else None,
        weekdays=draw(st.sampled_from([frozenset(), frozenset({5, 6}), frozenset(range(5))])),
        min_energy_wh=draw(near),
        max_energy_wh=draw(near),
        min_duration_s=draw(ages),
        max_duration_s=draw(ages),
    )
    price_of_it = Fraction(draw(st.integers(1, 9)))
    return Element((Component(kind, price_of_it, None, 1),), draw(st.sampled_from([rules, None])))


close_tariffs = st.lists(close_elements(), min_size=1, max_size=6).map(
    lambda made: Tariff("SEK", tuple(made))
)
often = settings(max_examples=150)


@often
@given(close_tariffs, sessions())
def test_what_the_linter_calls_unreachable_never_prices_anything(
    tariff: Tariff, facts: SessionFacts
) -> None:
    hidden = {(offer.element, offer.index) for offer, _ in coverage.hidden_offers(tariff)}

    used = {(line.element, line.component) for line in price.price_session(facts, tariff).lines}

    assert not used & hidden


@often
@given(close_tariffs, sessions())
def test_where_the_linter_finds_no_gap_all_energy_has_a_price(
    tariff: Tariff, facts: SessionFacts
) -> None:
    told = Told({}, tariff)
    gaps = {each.values["dimension"] for each in coverage.nothing_is_left_unpriced(told)}
    lines = price.price_session(facts, tariff).lines

    priced = sum((line.quantity for line in lines if line.kind is LineKind.ENERGY), Fraction(0))

    # Elements that never hold are an error of their own.
    ever = any(boxes.boxes_of(each.restrictions) for each in tariff.offers[Dimension.ENERGY])
    if ever and "ENERGY" not in gaps:
        assert priced * 1000 == facts.energy_wh


@often
@given(close_tariffs, sessions())
def test_a_tariff_without_what_is_unreachable_costs_the_same(
    tariff: Tariff, facts: SessionFacts
) -> None:
    hidden = {offer.element for offer, _ in coverage.hidden_offers(tariff)}
    kept = tuple(each for place, each in enumerate(tariff.elements) if place not in hidden)

    pruned = price.price_session(facts, Tariff("SEK", kept))

    assert pruned.total == price.price_session(facts, tariff).total


def test_a_weekday_that_never_comes_in_the_tariffs_time_is_no_gap() -> None:
    days = ["SUNDAY", "MONDAY", "TUESDAY"]
    document = tariff(
        element(component("ENERGY", 4, 25), day_of_week=days),
        start_date_time="2026-11-02T00:00:00Z",
        end_date_time="2026-11-02T12:00:00Z",
    )

    assert lint.lint_tariff(document) == []


def test_dates_are_not_outside_where_only_a_time_zone_parts_them() -> None:
    document = tariff(
        element(component("ENERGY", 4, 25), start_date="2027-01-01"),
        element(component("ENERGY", 2, 25)),
        end_date_time="2026-12-31T23:00:00Z",
    )

    assert lint.lint_tariff(document) == []
