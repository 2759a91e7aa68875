"""More that must hold for every tariff and session: time, order, scale, and our own tariffs."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.tariffs import price
from billing.tariffs.model import Component, Dimension, Element, PriceLimit, Restrictions, Tariff
from billing.tariffs.native import price as native_price
from billing.tariffs.native.model import SLOT, Given, IdleFee, NativeTariff, SpotPrice
from billing.tariffs.native.spot import spot_lines
from stations.metering.session_facts import Period, SessionFacts
from tests.unit.billing.test_price_properties import (
    ZONES,
    amounts,
    components,
    rates,
    sessions,
    tariffs,
)

TAX = Tariff("SEK", ()).tax_included
many = settings(max_examples=500 if os.environ.get("CHARGENET_LONG") == "1" else 30)


def excl(facts: SessionFacts, tariff: Tariff) -> Fraction:
    total = price.price_session(facts, tariff).total.excl
    assert total is not None
    return total


@many
@given(st.lists(components(), min_size=1, max_size=4), sessions(), st.integers(1, 20_000))
def test_more_time_never_costs_less(
    priced: list[Component], facts: SessionFacts, more_s: int
) -> None:
    tariff = Tariff("SEK", (Element(tuple(priced)),))
    last = facts.periods[-1]
    end = last.ended_at + timedelta(seconds=more_s)
    is_parking = bool(last.parking_s)
    longer = replace(
        last,
        ended_at=end,
        charging_s=last.charging_s + (0 if is_parking else more_s),
        parking_s=last.parking_s + (more_s if is_parking else 0),
    )

    more = excl(replace(facts, ended_at=end, periods=(*facts.periods[:-1], longer)), tariff)

    assert more >= excl(facts, tariff)


@many
@given(tariffs(), sessions(), st.randoms(use_true_random=False))
def test_the_order_of_elements_that_share_no_dimension_changes_nothing(
    tariff: Tariff, facts: SessionFacts, random: st.DataObject
) -> None:
    """Each dimension keeps its own order, which is what OCPI asks; between them none matters."""
    groups: dict[Dimension, list[Element]] = {}
    for element in tariff.elements:
        for component in element.components:
            single = Element((component,), element.restrictions)
            groups.setdefault(component.dimension, []).append(single)
    order = list(groups)
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis hands in a Random
    apart = tuple(element for dimension in order for element in groups[dimension])

    assert excl(facts, replace(tariff, elements=apart)) == excl(facts, tariff)


@many
@given(tariffs(), sessions())
def test_elements_that_never_hold_together_may_stand_in_any_order(
    tariff: Tariff, facts: SessionFacts
) -> None:
    weekdays = [Restrictions(weekdays=frozenset({day})) for day in range(7)]
    apart = [
        Element(element.components, rules)
        for element, rules in zip(tariff.elements, weekdays, strict=False)
    ]

    forward = replace(tariff, elements=tuple(apart))
    backward = replace(tariff, elements=tuple(reversed(apart)))

    assert excl(facts, forward) == excl(facts, backward)


@many
@given(tariffs(), sessions(), st.integers(0, 9))
def test_a_tariff_of_so_many_times_the_price_costs_so_many_times_as_much(
    tariff: Tariff, facts: SessionFacts, factor: int
) -> None:
    dearer = replace(
        tariff,
        elements=tuple(
            replace(
                element,
                components=tuple(
                    replace(each, price=each.price * factor) for each in element.components
                ),
            )
            for element in tariff.elements
        ),
    )

    assert excl(facts, dearer) == factor * excl(facts, tariff)


@many
@given(tariffs(), sessions())
def test_pricing_again_gives_the_same_to_the_last_digit(
    tariff: Tariff, facts: SessionFacts
) -> None:
    assert price.price_session(facts, tariff) == price.price_session(facts, tariff)


@many
@given(tariffs(), sessions(), amounts, amounts)
def test_our_own_tariff_with_nothing_of_its_own_costs_what_ocpi_says(
    tariff: Tariff, facts: SessionFacts, one: Fraction, other: Fraction
) -> None:
    low, high = sorted((one, other))
    limited = replace(tariff, min_price=PriceLimit(low), max_price=PriceLimit(high, high * 2))

    ours = native_price.price_session(facts, NativeTariff(base=limited), Given())

    theirs = price.price_session(facts, limited)
    assert ours.total.excl == theirs.total.excl
    assert (ours.energy_wh, ours.parking_s, ours.warnings) == (
        theirs.energy_wh,
        theirs.parking_s,
        theirs.warnings,
    )
    assert all(line.causes for line in ours.lines)


@many
@given(sessions(), rates, st.integers(0, 3000), amounts, amounts)
def test_an_idle_fee_stays_under_its_cap_and_falls_with_its_grace(
    facts: SessionFacts, vat: Fraction | None, grace_s: int, hourly: Fraction, cap: Fraction
) -> None:
    fee = IdleFee(price=hourly, vat=vat, grace_s=grace_s, cap=PriceLimit(cap, cap * 2))
    strict = replace(fee, grace_s=0, cap=None)
    costs = [
        native_price.price_session(
            facts, NativeTariff(base=Tariff("SEK", ()), idle_fee=each), Given()
        )
        for each in (fee, strict)
    ]

    kind, harsh = (each.total for each in costs)
    assert kind.excl is not None
    assert kind.incl is not None
    assert harsh.excl is not None
    assert kind.excl <= min(cap, harsh.excl)
    assert kind.incl <= cap * 2
    assert harsh.excl == hourly * sum(each.parking_s for each in facts.periods) / 3600


@many
@given(sessions(), st.integers(-500, 3000))
def test_one_price_in_every_slot_is_one_price_for_all(facts: SessionFacts, cents: int) -> None:
    whole = facts.ended_at - facts.started_at
    start = facts.started_at - timedelta(minutes=15)
    first = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    number = whole // SLOT + 4
    prices = {first + place * SLOT: Fraction(cents, 100) for place in range(number)}

    lines = spot_lines(facts, SpotPrice(least=None), prices, TAX)

    assert sum(line.quantity for line in lines) * 1000 == facts.energy_wh
    assert sum(line.quantity * line.price for line in lines) == (
        facts.energy_wh / 1000 * Fraction(cents, 100)
    )
    assert all(line.ended_at - line.started_at <= SLOT for line in lines)


@many
@given(st.sampled_from(ZONES), st.integers(0, 364))
def test_a_local_day_has_as_many_price_slots_as_it_has_quarters(zone, day: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=zone) + timedelta(days=day)
    start, end = begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)
    quarters = (end - start) // SLOT
    facts = SessionFacts(
        time_zone=zone,
        started_at=start,
        ended_at=end,
        periods=(Period(started_at=start, ended_at=end, energy_wh=quarters * 1000),),
    )
    prices = {start + place * SLOT: Fraction(place) for place in range(quarters)}

    lines = spot_lines(facts, SpotPrice(), prices, TAX)

    assert [line.quantity for line in lines] == [1] * quarters
    assert quarters in {92, 96, 100}
