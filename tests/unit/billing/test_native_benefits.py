"""What a driver is granted: off the list price, with who granted it, and never dearer."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tariffs.bill import Amount, LineKind
from billing.tariffs.native.benefits import (
    Benefit,
    DiscountPercent,
    DiscountPerKwh,
    FreeIdle,
    IncludedEnergy,
    PriceOverride,
    Waived,
    included_used,
)
from billing.tariffs.native.model import IdleFee, NativeTariff, SpotPrice
from tests.unit.billing.native_scene import at, base, paid, rules_of, slots, stay
from tests.unit.billing.papers import component

PRICES = NativeTariff(
    base=base(component("ENERGY", 4, 25), component("FLAT", 10, 6)),
    idle_fee=IdleFee(price=Fraction(60), vat=Fraction(25), grace_s=600),
)
LIST = 10 + 40
STAY = stay(idle_min=40)
IDLING = 30
PLAN = "plan:Nord 3"
FLAT = frozenset({LineKind.FLAT})
IDLE = frozenset({LineKind.PARKING_TIME})


def excl(*benefits: Benefit, native: NativeTariff = PRICES) -> Fraction | None:
    return paid(native, STAY, benefits=benefits).total.excl


@pytest.mark.parametrize(
    ("benefit", "saved"),
    [
        (PriceOverride(source=PLAN, price=Fraction(3)), 10),
        (PriceOverride(source=PLAN, price=Fraction(5)), 0),
        (PriceOverride(source=PLAN, price=Fraction(5), is_locked=True), -10),
        (DiscountPerKwh(source=PLAN, amount=Fraction("0.5")), 5),
        (DiscountPerKwh(source=PLAN, amount=Fraction(9)), 40),
        (DiscountPercent(source=PLAN, percent=Fraction(25)), 10),
        (DiscountPercent(source=PLAN, percent=Fraction(10), kinds=FLAT), 1),
        (DiscountPercent(source=PLAN, percent=Fraction(300)), 40),
        (IncludedEnergy(source=PLAN, energy_wh=Fraction(2500)), 10),
        (IncludedEnergy(source=PLAN, energy_wh=Fraction(99_000)), 40),
        (Waived(source=PLAN, kinds=FLAT), 10),
        (Waived(source=PLAN, kinds=IDLE | FLAT), 40),
        (FreeIdle(source=PLAN, seconds=600), 10),
        (FreeIdle(source=PLAN, seconds=6000), 30),
    ],
)
def test_each_benefit_saves_what_it_grants(benefit: Benefit, saved: int) -> None:
    assert excl(benefit) == LIST + IDLING - saved


def test_a_line_says_who_granted_what_and_the_code_that_was_used() -> None:
    campaign = DiscountPercent(
        source="campaign:Autumn", campaign_code="HÖST26", percent=Fraction(50)
    )
    result = paid(PRICES, STAY, benefits=(campaign, Waived(source=PLAN, kinds=FLAT)))

    fee, energy, _ = result.lines
    assert [cause.where for cause in energy.causes][1:] == ["campaign:Autumn (HÖST26)"]
    assert [cause.where for cause in fee.causes][1:] == [PLAN]
    assert rules_of(result)[:2] == [["element", "waived"], ["element", "discount_percent"]]


def test_included_energy_is_the_first_and_says_how_much_was_taken() -> None:
    granted = IncludedEnergy(source=PLAN, energy_wh=Fraction(2500))

    result = paid(PRICES, STAY, benefits=(granted,))

    free, rest = (line for line in result.lines if line.kind is LineKind.ENERGY)
    assert [free.quantity, free.price, free.ended_at] == [Fraction(5, 2), 0, at(15)]
    assert [rest.quantity, rest.price, rest.started_at] == [Fraction(15, 2), 4, at(15)]
    assert included_used(result.lines) == {PLAN: 2500}


def test_included_energy_of_two_grantors_is_taken_one_after_the_other() -> None:
    result = paid(
        PRICES,
        STAY,
        benefits=(
            IncludedEnergy(source="b", energy_wh=Fraction(8000)),
            IncludedEnergy(source="a", energy_wh=Fraction(4000)),
        ),
    )

    assert included_used(result.lines) == {"a": 4000, "b": 6000}


def test_included_energy_covers_what_a_step_adds() -> None:
    native = NativeTariff(base=base(component("ENERGY", 4, 25, 4000)))

    result = paid(
        native, stay(), benefits=(IncludedEnergy(source=PLAN, energy_wh=Fraction(11_000)),)
    )

    assert [[line.quantity, line.billed_quantity] for line in result.lines] == [[10, 11], [0, 1]]
    assert result.total.excl == 4


def test_included_energy_is_not_spent_where_energy_costs_nothing() -> None:
    native = NativeTariff(base=base(), spot=SpotPrice(least=None))

    result = paid(
        native,
        stay(kwh=8),
        spot=slots(-1, 0, 2, 2),
        benefits=(IncludedEnergy(source=PLAN, energy_wh=Fraction(3000)),),
    )

    assert included_used(result.lines) == {PLAN: 3000}
    assert result.total.excl == -2 + 2


def test_a_discount_holds_at_spot_prices_too() -> None:
    native = NativeTariff(base=base(), spot=SpotPrice())
    discount = DiscountPerKwh(source=PLAN, amount=Fraction(1))

    result = paid(native, stay(kwh=8), spot=slots("0.5", 1, 2, 3), benefits=(discount,))

    assert [line.price for line in result.lines] == [0, 0, 1, 2]


def test_a_minimum_takes_no_benefit_back() -> None:
    limited = replace(PRICES, base=base(component("ENERGY", 4, 25), min_price={"excl_vat": 50}))
    included = IncludedEnergy(source=PLAN, energy_wh=Fraction(10_000))

    result = paid(limited, stay(), benefits=(included,))

    assert paid(limited, stay()).total.excl == 50
    assert result.total.excl == 10
    assert rules_of(result) == [["element", "included"], ["min_price"]]


BENEFITS: list[Benefit] = [
    PriceOverride(source="one", price=Fraction(3)),
    DiscountPerKwh(source="two", amount=Fraction("0.5")),
    DiscountPercent(source="three", percent=Fraction(10)),
    IncludedEnergy(source="four", energy_wh=Fraction(1000)),
    Waived(source="five", kinds=FLAT),
]


def test_the_order_in_which_benefits_come_changes_nothing() -> None:
    totals = {excl(*order) for order in permutations(BENEFITS)}

    assert totals == {IDLING + 9 * Fraction("2.25")}


amounts = st.integers(0, 3000).map(lambda number: Fraction(number, 100))
benefits = st.one_of(
    st.builds(PriceOverride, source=st.just(PLAN), price=amounts),
    st.builds(DiscountPerKwh, source=st.just(PLAN), amount=amounts),
    st.builds(DiscountPercent, source=st.just(PLAN), percent=amounts),
    st.builds(IncludedEnergy, source=st.just(PLAN), energy_wh=amounts.map(lambda wh: wh * 1000)),
    st.builds(FreeIdle, source=st.just(PLAN), seconds=st.integers(0, 9000)),
    st.builds(
        Waived, source=st.just(PLAN), kinds=st.frozensets(st.sampled_from(LineKind), max_size=3)
    ),
)


@given(st.lists(benefits, max_size=4), benefits, st.integers(0, 40), st.integers(0, 90))
def test_one_more_benefit_never_costs_more_and_nothing_falls_below_nothing(
    granted: list[Benefit], more: Benefit, kwh: int, idle_min: int
) -> None:
    facts = stay(kwh=kwh, idle_min=idle_min)

    before = paid(PRICES, facts, benefits=tuple(granted))
    after = paid(PRICES, facts, benefits=(*granted, more))

    assert after.total.excl is not None
    assert before.total.excl is not None
    assert 0 <= after.total.excl <= before.total.excl
    assert after.total == sum((line.amount for line in after.lines), Amount())
    assert after.energy_wh == before.energy_wh == kwh * 1000
