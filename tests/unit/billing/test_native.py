"""Our own tariffs: idle fee, spot, power classes, caps; each line says which rule made it."""

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import pytest

from billing.tariffs import ocpi, reading
from billing.tariffs.bill import Amount, LineKind
from billing.tariffs.model import PriceLimit
from billing.tariffs.native.model import IdleFee, NativeTariff, PowerClass, SpotPrice
from stations.metering.session_facts import Held, HeldBy
from tests.unit.billing.native_scene import at, base, paid, rules_of, slots, stay
from tests.unit.billing.papers import NINE, component, element

TWO_A_KWH = base(component("ENERGY", 2, 25))
FEE = IdleFee(price=Fraction(60), vat=Fraction(25), grace_s=600)
IDLING = NativeTariff(base=TWO_A_KWH, idle_fee=FEE)
HOURLY = NativeTariff(base=base(), spot=SpotPrice(vat=Fraction(25)))


def test_a_plain_tariff_costs_what_it_costs_in_ocpi_and_says_its_element() -> None:
    result = paid(NativeTariff(base=TWO_A_KWH))

    assert result.total.excl == 20
    assert result.lines[0].causes[0].where == "$.tariff.elements[0].price_components[0]"


def test_an_idle_fee_begins_when_its_grace_is_over() -> None:
    result = paid(IDLING, stay(idle_min=40))

    idle = result.lines[1]
    assert [idle.amount.excl, idle.started_at, idle.ended_at] == [30, at(70), at(100)]
    assert [idle.kind, idle.unit] == [LineKind.PARKING_TIME, "h"]
    assert rules_of(result) == [["element"], ["idle_fee"]]


def test_standing_within_the_grace_costs_nothing() -> None:
    assert paid(IDLING, stay(idle_min=10)).total.excl == 20


@pytest.mark.parametrize("by", list(HeldBy))
def test_time_held_back_is_no_idling_and_eats_no_grace(by: HeldBy) -> None:
    result = paid(IDLING, stay(idle_min=40), Held(at(60), at(80), by))

    assert result.total.excl == 20 + 10
    assert result.lines[-1].started_at == at(90)


def test_an_idle_fee_has_a_cap_for_the_session() -> None:
    native = NativeTariff(
        base=TWO_A_KWH,
        idle_fee=IdleFee(price=Fraction(60), cap=PriceLimit(Fraction(15), Fraction(18))),
    )

    result = paid(native, stay(idle_min=40))

    assert result.lines[1].amount == Amount(Fraction(15), Fraction(18))
    assert rules_of(result)[1] == ["idle_fee", "idle_cap"]
    assert paid(native, stay(idle_min=10)).lines[1].amount.excl == 10


def test_an_idle_fee_runs_in_its_hours_on_the_wall_and_its_grace_before_them() -> None:
    fee = IdleFee(price=Fraction(60), grace_s=600, start_time=time(7), end_time=time(22))
    native = NativeTariff(base=TWO_A_KWH, idle_fee=fee)
    start = datetime(2026, 11, 2, 3, tzinfo=UTC)

    result = paid(native, stay(start=start, idle_min=150, zone="Europe/Stockholm"))

    # 04:00 to 05:00 charging, until 07:30 standing: the fee runs from 07:00.
    assert result.lines[1].quantity == Fraction(1, 2)
    assert result.lines[1].started_at == datetime(2026, 11, 2, 6, tzinfo=UTC)


def test_an_idle_fee_over_a_clock_change_counts_real_hours() -> None:
    fee = IdleFee(price=Fraction(60), start_time=time(1), end_time=time(4))
    native = NativeTariff(base=TWO_A_KWH, idle_fee=fee)
    autumn = datetime(2026, 10, 24, 20, tzinfo=UTC)

    result = paid(native, stay(start=autumn, idle_min=600, zone="Europe/Stockholm"))

    assert sum(line.quantity for line in result.lines[1:]) == 4


def test_spot_prices_hold_per_quarter_of_an_hour() -> None:
    native = NativeTariff(
        base=base(),
        spot=SpotPrice(markup=Fraction("0.1"), grid_fee=Fraction("0.4"), vat=Fraction(25)),
    )

    result = paid(native, stay(kwh=8), spot=slots(1, 2, 3, 4))

    assert [line.price for line in result.lines] == [
        Fraction(n) + Fraction("0.5") for n in (1, 2, 3, 4)
    ]
    assert [line.quantity for line in result.lines] == [2, 2, 2, 2]
    assert result.total == Amount(Fraction(24), Fraction(30))
    assert result.lines[1].causes[0].detail == "2026-11-02T09:15:00Z: 2 + 0.1 + 0.4"


def test_a_session_that_begins_within_a_slot_pays_that_slot() -> None:
    result = paid(HOURLY, stay(kwh=2, start=at(10), charged_min=20), spot=slots(1, 3))

    assert [[line.quantity, line.price] for line in result.lines] == [
        [Fraction(1, 2), 1],
        [Fraction(3, 2), 3],
    ]
    assert result.lines[0].ended_at == result.lines[1].started_at == at(15)


@pytest.mark.parametrize("given", [{}, {"spot": slots(1, 2)}])
def test_a_missing_slot_is_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(reading.Refused) as refusal:
        paid(HOURLY, stay(), **given)

    missing = "09:00:00Z" if not given else "09:30:00Z, 2026-11-02T09:45:00Z"
    assert f"no spot price for 2026-11-02T{missing}" in refusal.value.what
    assert "Hold the session" in refusal.value.advice


def test_slots_without_energy_need_no_price() -> None:
    assert paid(HOURLY, stay(charged_min=15, idle_min=90), spot=slots(3)).total.excl == 30


@pytest.mark.parametrize(
    ("least", "price"), [(Fraction(0), 0), (Fraction("0.2"), "0.2"), (None, "-0.5")]
)
def test_a_spot_price_below_its_least_is_raised_to_it(least: Fraction | None, price: Any) -> None:
    native = NativeTariff(base=base(), spot=SpotPrice(least=least, markup=Fraction("0.5")))

    result = paid(native, stay(charged_min=15), spot=slots(-1))

    assert result.lines[0].price == Fraction(str(price))


def test_a_spot_price_gets_its_tax_where_prices_hold_it() -> None:
    native = NativeTariff(
        base=base(tax_included="YES"), spot=SpotPrice(markup=Fraction("0.5"), vat=Fraction(25))
    )

    result = paid(native, stay(charged_min=15), spot=slots(2))

    assert [result.lines[0].price, result.total.incl, result.total.excl] == [3, 30, 24]


@pytest.mark.parametrize(
    "day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)]
)
def test_both_nights_of_the_clock_change_have_a_price_for_every_real_quarter(
    day: datetime,
) -> None:
    start = day - timedelta(hours=2)
    native = NativeTariff(base=base(), spot=SpotPrice())

    result = paid(
        native,
        stay(kwh=24, start=start, charged_min=360, zone="Europe/Stockholm"),
        spot=slots(*range(24), start=start),
    )

    assert result.total.excl == sum(range(24))


SLOW = PowerClass(from_w=Fraction(0), below_w=Fraction(22_000), elements=())
CLASSES = NativeTariff(
    base=TWO_A_KWH,
    power_classes=(
        SLOW,
        PowerClass(
            from_w=Fraction(50_000),
            below_w=None,
            elements=ocpi.parse_elements([element(component("ENERGY", 5, 25))], "$")[0],
        ),
    ),
)


@pytest.mark.parametrize(
    ("power_w", "total", "where"),
    [
        (11_000, 20, "$.tariff.elements[0]"),
        (22_000, 20, "$.tariff.elements[0]"),
        (50_000, 50, "$.power_classes[1].elements[0]"),
        (400_000, 50, "$.power_classes[1].elements[0]"),
    ],
)
def test_the_connectors_power_chooses_the_class(power_w: int, total: int, where: str) -> None:
    result = paid(CLASSES, connector_power_w=power_w)

    assert result.total.excl == total
    assert result.lines[0].causes[0].where == f"{where}.price_components[0]"


def test_a_power_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(reading.Refused, match="how powerful the connector is"):
        paid(CLASSES)


def test_caps_of_session_and_day_hold_together() -> None:
    native = NativeTariff(
        base=TWO_A_KWH,
        max_per_session=PriceLimit(Fraction(18), Fraction(20)),
        max_per_day=PriceLimit(Fraction(40), Fraction(50)),
    )

    alone = paid(native)
    later = paid(native, spent_today=Amount(Fraction(30), Fraction("37.5")))
    full = paid(native, spent_today=Amount(Fraction(45), Fraction(60)))

    assert alone.total == Amount(Fraction(18), Fraction(20))
    assert later.total == Amount(Fraction(10), Fraction("12.5"))
    assert full.total == Amount()
    assert rules_of(later) == [["element", "session_cap", "day_cap"]]
    assert rules_of(alone) == [["element", "session_cap"]]


def test_a_minimum_is_a_line_for_what_lacks_to_it() -> None:
    limit = {"excl_vat": 30, "incl_vat": 40}
    native = NativeTariff(base=base(component("ENERGY", 2, 25), min_price=limit))

    result = paid(native)

    assert result.total == Amount(Fraction(30), Fraction(40))
    assert rules_of(result) == [["element"], ["min_price"]]
    assert result.lines[1].amount == Amount(Fraction(10), Fraction(15))


def test_a_minimum_of_something_free_is_the_minimum() -> None:
    native = NativeTariff(base=base(component("ENERGY", 0, 25), min_price={"excl_vat": 4}))

    assert paid(native).total == Amount(Fraction(4), Fraction(5))
    assert paid(native, stay(kwh=0)).total == Amount()


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ({"spot": SpotPrice()}, "$.spot"),
        ({"idle_fee": FEE, "base": base(component("PARKING_TIME", 1))}, "$.idle_fee"),
        ({"power_classes": (SLOW, SLOW)}, "$.power_classes[1]"),
        (
            {"power_classes": (PowerClass(from_w=Fraction(5), below_w=Fraction(5), elements=()),)},
            "$.power_classes[0]",
        ),
    ],
)
def test_two_prices_for_the_same_are_refused_by_name(parts: dict[str, Any], where: str) -> None:
    with pytest.raises(reading.Refused) as refusal:
        NativeTariff(**{"base": TWO_A_KWH} | parts)

    assert refusal.value.where == where


def test_nine_o_clock_is_the_start_of_a_slot() -> None:
    assert slots(1) == {NINE: 1}
