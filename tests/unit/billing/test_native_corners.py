"""Corners of our own tariffs: two stays in one session, reservations, midnights, nested powers."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from billing.tariffs import cdr, price
from billing.tariffs.model import PriceLimit
from billing.tariffs.native import export
from billing.tariffs.native import price as native_price
from billing.tariffs.native.model import Given, IdleFee, NativeTariff, SpotPrice
from billing.tariffs.native.reading import parse_native
from billing.tariffs.ocpi_document import Identity, Version
from tests.unit.billing.native_scene import at, base, paid, rules_of, slots, stay
from tests.unit.billing.papers import NINE, component, element, period, session, tariff

STOCKHOLM = ZoneInfo("Europe/Stockholm")
IDENTITY = Identity("SE", "NOR", "1", "2026-01-01T00:00:00Z")
ENERGY = component("ENERGY", 2, 25)


def test_a_grace_is_given_once_a_session() -> None:
    native = NativeTariff(base=base(ENERGY), idle_fee=IdleFee(price=Fraction(60), grace_s=600))
    told = session(
        period(NINE, ENERGY=1, seconds=600),
        period(at(10), PARKING_TIME=1, seconds=900),
        period(at(25), ENERGY=1, seconds=900),
        period(at(40), PARKING_TIME=1, seconds=1200),
    )

    result = paid(native, cdr.parse_session(told))

    assert result.total.excl == 4 + 5 + 20


def test_energy_during_a_reservation_has_no_spot_price_either() -> None:
    told = session(
        period(NINE, RESERVATION_TIME="0.25", ENERGY=1, seconds=900),
        period(at(15), ENERGY=2, seconds=2700),
        reservation_outcome="USED",
    )

    result = paid(
        NativeTariff(base=base(), spot=SpotPrice()),
        cdr.parse_session(told),
        spot=slots(9, 1, 1, 1),
    )

    assert result.total.excl == 2


def test_an_expired_reservation_owes_no_minimum() -> None:
    native = NativeTariff(base=base(ENERGY, min_price={"excl_vat": 50}))
    facts = cdr.parse_session(session(period(NINE, RESERVATION_TIME=1)))

    priced = native_price.price_session(facts, native, Given(), fees_without_energy=True)

    assert priced.total.excl == 0


def test_a_minimum_is_asked_of_idling_under_its_cap() -> None:
    native = NativeTariff(
        base=base(ENERGY, min_price={"excl_vat": 50}),
        idle_fee=IdleFee(price=Fraction(60), cap=PriceLimit(Fraction(15))),
    )

    result = paid(native, stay(idle_min=60))

    assert result.total.excl == 50
    assert rules_of(result)[-1] == ["min_price"]


def test_spot_prices_over_midnight_are_elements_of_two_days() -> None:
    native = NativeTariff(base=base(), spot=SpotPrice(vat=Fraction(25)))
    late = datetime(2026, 11, 2, 22, tzinfo=UTC)
    prices = slots(*[3] * 8, start=late)

    told = export.export_tariff(
        native, IDENTITY, version=Version.V2_3_0, zone=STOCKHOLM, spot=prices
    )

    assert [each["restrictions"] for each in told.document["elements"]] == [
        {"start_time": "23:00", "start_date": "2026-11-02", "end_date": "2026-11-03"},
        {
            "start_time": "00:00",
            "end_time": "01:00",
            "start_date": "2026-11-03",
            "end_date": "2026-11-04",
        },
    ]
    facts = stay(start=late, charged_min=120, zone="Europe/Stockholm")
    assert price.price_session(facts, told.tariff).total == paid(native, facts, spot=prices).total


def test_a_class_told_by_the_power_that_flows_keeps_the_narrower_bound() -> None:
    native = parse_native(
        {
            "tariff": tariff(element(ENERGY)),
            "power_classes": [
                {
                    "min_kw": 50,
                    "max_kw": 200,
                    "elements": [
                        element(component("ENERGY", 6, 25), min_power=100, max_power=300),
                        element(component("ENERGY", 5, 25)),
                    ],
                }
            ],
        }
    )

    told = export.export_tariff(native, IDENTITY, version=Version.V2_2_1, zone=STOCKHOLM)

    assert [each.get("restrictions") for each in told.document["elements"]] == [
        {"min_power": Decimal(100), "max_power": Decimal(200)},
        {"min_power": Decimal(50), "max_power": Decimal(200)},
        None,
    ]
