"""Our own tariffs on paper: read strictly, written with their rules, said in OCPI with losses."""

import json
from dataclasses import replace
from datetime import time
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from billing.tariffs import lint, ocpi, price, reading
from billing.tariffs.model import Dimension, Element, Restrictions, Tariff
from billing.tariffs.native import export, writing
from billing.tariffs.native.model import IdleFee, NativeTariff, SpotPrice
from billing.tariffs.native.reading import parse_native
from billing.tariffs.ocpi_document import Identity, Version, tariff_document
from tests.unit.billing.native_scene import base, paid, slots, stay
from tests.unit.billing.papers import component, element, tariff
from tests.unit.billing.test_price_properties import tariffs

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ENERGY = component("ENERGY", 4, 25)
IDENTITY = Identity("SE", "NOR", "1", "2026-01-01T00:00:00Z")
WHOLE: dict[str, Any] = {
    "tariff": tariff(element(component("FLAT", 5, 25))),
    "idle_fee": {
        "price_per_minute": Decimal("0.5"),
        "vat": 25,
        "grace_s": 900,
        "cap": {"excl_vat": 100},
        "start_time": "07:00",
        "end_time": "00:00",
    },
    "spot": {"markup": Decimal("0.1"), "grid_fee": Decimal("0.3"), "vat": 25, "least": 0},
    "max_per_session": {"excl_vat": 300, "incl_vat": 375},
    "max_per_day": {"excl_vat": 500},
}
CLASSES: dict[str, Any] = {
    "tariff": tariff(element(ENERGY)),
    "power_classes": [
        {"max_kw": 22, "elements": [element(component("ENERGY", 2, 25))]},
        {"min_kw": 50, "elements": [element(component("ENERGY", 6, 25), min_power=100)]},
    ],
}


def test_a_whole_tariff_is_read() -> None:
    read = parse_native(WHOLE)

    assert read.idle_fee is not None
    assert [read.idle_fee.price, read.idle_fee.grace_s, read.idle_fee.end_time] == [30, 900, None]
    assert read.spot == SpotPrice(
        markup=Fraction("0.1"), grid_fee=Fraction("0.3"), vat=Fraction(25), least=Fraction(0)
    )
    assert read.max_per_day is not None
    assert [each.from_w for each in parse_native(CLASSES).power_classes] == [0, 50_000]


@pytest.mark.parametrize(
    ("document", "where", "what"),
    [
        (WHOLE | {"idle": {}}, "$.idle", "unknown key 'idle'"),
        ({}, "$", "'tariff' is missing"),
        ({"tariff": tariff()}, "$.tariff.elements", "nothing is priced"),
        (
            WHOLE | {"tariff": tariff(element(ENERGY))},
            "$.spot",
            "ENERGY has a price in the elements",
        ),
        (WHOLE | {"idle_fee": {"grace_s": 5}}, "$.idle_fee", "'price_per_minute' is missing"),
        (
            WHOLE | {"idle_fee": {"price_per_minute": -1}},
            "$.idle_fee.price_per_minute",
            "negative",
        ),
        (WHOLE | {"spot": {"markup": "1"}}, "$.spot.markup", "a text where a number"),
        (WHOLE | {"spot": {"may_be_negative": 1}}, "$.spot.may_be_negative", "no true or false"),
        (WHOLE | {"spot": {"may_be_negative": True, "least": 0}}, "$.spot.least", "has a least"),
        (WHOLE | {"max_per_day": {"excl": 1}}, "$.max_per_day.excl", "unknown key"),
        (CLASSES | {"power_classes": [{"elements": []}]}, "$.power_classes[0].elements", "empty"),
        (
            CLASSES | {"power_classes": CLASSES["power_classes"] * 2},
            "$.power_classes[2]",
            "crosses",
        ),
    ],
)
def test_what_a_tariff_must_not_say_is_refused_by_path(
    document: Any, where: str, what: str
) -> None:
    with pytest.raises(reading.Refused) as refusal:
        parse_native(document)

    assert refusal.value.where == where
    assert what in refusal.value.what


def test_a_spot_price_may_fall_below_0_where_the_tariff_says_so() -> None:
    read = parse_native(WHOLE | {"spot": {"may_be_negative": True}})

    assert read.spot == SpotPrice(least=None)


def test_a_priced_session_is_written_with_the_rules_of_each_line() -> None:
    result = paid(parse_native(WHOLE), stay(idle_min=60), spot=slots(1, 1, 1, 1))

    told = json.loads(json.dumps(writing.priced_session(result)))

    assert told["lines"][1]["rules"] == [
        {"rule": "spot", "where": "$.spot", "detail": "2026-11-02T09:00:00Z: 1 + 0.1 + 0.3"}
    ]
    assert told["lines"][-1]["rules"][0]["rule"] == "idle_fee"


@given(tariffs())
def test_a_tariff_written_in_ocpi_reads_as_it_was(made: Tariff) -> None:
    for version in Version:
        written = tariff_document(made, IDENTITY, version)

        read = ocpi.parse_tariff(reading.parse_json(json.dumps(written, default=_number)))

        assert read.elements == tuple(map(_as_read, made.elements))
        assert read.tax_included is made.tax_included


def _as_read(made: Element) -> Element:
    """Return an element as a document says it: no rules, and the end of the day, are left out."""
    rules = made.restrictions
    if rules is not None and rules.end_time == time(0):
        rules = replace(rules, end_time=None)
    return replace(made, restrictions=None if rules == Restrictions() else rules)


def _number(value: Decimal) -> float | int:
    return int(value) if value == int(value) else float(value)


def _losses(native: NativeTariff, **options: Any) -> list[str]:
    told = export.export_tariff(
        native, IDENTITY, version=Version.V2_2_1, zone=STOCKHOLM, **options
    )
    errors = [each for each in lint.lint_tariff(told.document) if each.level is lint.Level.ERROR]
    assert errors == []
    assert all(each.text.endswith(".") for each in told.lost)
    return [each.where for each in told.lost]


def test_what_ocpi_can_say_is_exported_without_loss() -> None:
    native = NativeTariff(
        base=base(ENERGY, max_price={"excl_vat": 90}),
        idle_fee=IdleFee(price=Fraction(30), vat=Fraction(25)),
        max_per_session=parse_native(WHOLE).max_per_session,
    )
    told = export.export_tariff(native, IDENTITY, version=Version.V2_3_0, zone=STOCKHOLM)

    assert told.lost == ()
    assert told.document["max_price"] == {"before_taxes": 90, "after_taxes": 375}
    facts = stay(idle_min=30)
    assert price.price_session(facts, told.tariff).total == paid(native, facts).total


def test_what_ocpi_cannot_say_is_named() -> None:
    assert _losses(parse_native(WHOLE)) == [
        "$.spot",
        "$.idle_fee.grace_s",
        "$.idle_fee.cap",
        "$.max_per_day",
    ]
    assert _losses(parse_native(CLASSES)) == ["$.power_classes[0]", "$.power_classes[1]"]
    assert _losses(parse_native(CLASSES), connector_power_w=11_000) == ["$.power_classes"]


def test_spot_prices_become_elements_that_cost_the_same_while_they_last() -> None:
    native = NativeTariff(base=base(), spot=SpotPrice(markup=Fraction("0.5"), vat=Fraction(25)))
    prices = slots(1, 1, 2, 3, 3, 3)
    told = export.export_tariff(
        native, IDENTITY, version=Version.V2_2_1, zone=STOCKHOLM, spot=prices
    )
    facts = stay(charged_min=90, kwh=30, zone="Europe/Stockholm")

    assert [each.where for each in told.lost] == ["$.spot"]
    assert len(told.tariff.elements) == 3
    assert price.price_session(facts, told.tariff).total == paid(native, facts, spot=prices).total


def test_an_hour_that_comes_twice_is_named_and_so_is_a_price_below_nothing() -> None:
    native = NativeTariff(base=base(), spot=SpotPrice(least=None))
    autumn = stay().started_at.replace(month=10, day=25, hour=0)
    prices = slots(*range(1, 9), -1, start=autumn)

    told = export.export_tariff(
        native, IDENTITY, version=Version.V2_2_1, zone=STOCKHOLM, spot=prices
    )

    assert [each.template for each in told.lost] == [
        export.SPOT_ENDS,
        export.NEGATIVE,
        export.DOUBLE_HOUR,
    ]
    assert all(each.component.price >= 0 for each in told.tariff.offers[Dimension.ENERGY])
