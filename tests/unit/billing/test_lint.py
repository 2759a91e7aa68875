"""The linter: each rule finds what it is for, at its place, and is silent about a sound tariff."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from billing.tariffs import lint
from billing.tariffs.lint.words import TEXTS
from tests.unit.billing.papers import component, element, tariff

ENERGY = component("ENERGY", 4, 25)
PARKING = component("PARKING_TIME", 6, 25)
FEE = component("FLAT", 5, 25)
TIME = component("TIME", 60, 25)
SOUND = tariff(
    element(ENERGY, start_time="06:00", end_time="22:00"),
    element(component("ENERGY", 2, 25), PARKING, FEE),
    element(component("TIME", 1, 25), reservation="RESERVATION"),
    type="REGULAR",
    tariff_alt_text=[{"language": "sv", "text": "Öppet 24 timmar, 2 platser"}],
    min_price={"excl_vat": 4, "incl_vat": 5},
    max_price={"excl_vat": 400, "incl_vat": 500},
)
FIRST = "$.elements[0]"
HELD = "elements.0.restrictions"
SECOND = "$.elements[1].price_components"
RULES = f"{FIRST}.restrictions"
PART = "elements.0.price_components.0"
PRICED = f"{FIRST}.price_components[0]"
TEXT = "tariff_alt_text"
TEXT_PATH = "$.tariff_alt_text[0].text"


VALUES = (
    "allowed nearest key what least most currency price vat dimension low high earlier when"
    " seconds"
)


def found(document: object, **options: Any) -> list[tuple[str, str, str]]:
    told = lint.lint_tariff(document, **options)
    return [(each.level.value, each.rule, each.path) for each in told]


def said(text: str) -> list[dict[str, str]]:
    return [{"language": "en", "text": text}]


def _with(where: str, value: Any) -> dict[str, Any]:
    """Return the sound tariff with one value changed; None takes it away."""
    document = copy.deepcopy(SOUND)
    place: Any = document
    *path, last = [int(step) if step.isdigit() else step for step in where.split(".")]
    for step in path:
        place = place[step]
    place[last] = value
    return document


def test_a_sound_tariff_has_nothing_to_say() -> None:
    assert found(SOUND) == []


@pytest.mark.parametrize(
    ("where", "value", "rule", "path"),
    [
        ("currancy", "SEK", "unknown_key", "$.currancy"),
        ("elements.0.restriction", {}, "unknown_key", f"{FIRST}.restriction"),
        (HELD + ".dayOfWeek", [], "misspelled_key", f"{RULES}.dayOfWeek"),
        (HELD + ".min_kWh", 1, "misspelled_key", f"{RULES}.min_kWh"),
        ("elements", None, "required_field.elements", "$"),
        ("currency", None, "required_field.currency", "$"),
        ("elements.0.price_components", [], "value.list", f"{FIRST}.price_components"),
        ("elements.0", 5, "value.object", FIRST),
        ("id", 5, "value.text", "$.id"),
        (PART + ".price", "4", "value.number", f"{PRICED}.price"),
        (PART + ".price", -4, "negative_price", f"{PRICED}.price"),
        (PART + ".vat", -1, "value.count", f"{PRICED}.vat"),
        (PART + ".step_size", Decimal("0.5"), "value.whole", f"{PRICED}.step_size"),
        (PART + ".step_size", 0, "step_zero", f"{PRICED}.step_size"),
        (PART + ".type", "KWH", "value.choice", f"{PRICED}.type"),
        (HELD + ".start_time", "24:00", "value.clock", f"{RULES}.start_time"),
        (HELD + ".start_date", "2026-02-30", "value.day", f"{RULES}.start_date"),
        (HELD + ".day_of_week", ["MON"], "value.choice", f"{RULES}.day_of_week[0]"),
        (HELD + ".day_of_week", [], "empty_weekdays", f"{RULES}.day_of_week"),
        (HELD + ".max_kwh", 0, "range_never", f"{RULES}.max_kwh"),
        ("start_date_time", "soon", "value.instant", "$.start_date_time"),
        ("min_price", {"excl_vat": 500}, "min_above_max", "$.min_price"),
        ("min_price", {"excl_vat": 2, "incl_vat": 1}, "limit_tax", "$.min_price"),
        ("min_price", {"excl": 2}, "misspelled_key", "$.min_price.excl"),
        ("currency", "DEM", "unknown_currency", "$.currency"),
        ("currency", "kr", "unknown_currency", "$.currency"),
        (TEXT, [{"lang": "sv", "text": ""}], "misspelled_key", "$.tariff_alt_text[0].lang"),
        ("energy_mix", {"is_green": True}, "misspelled_key", "$.energy_mix.is_green"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_an_error_at_its_place(
    where: str, value: Any, rule: str, path: str
) -> None:
    assert ("error", rule, path) in found(_with(where, value))


@pytest.mark.parametrize(
    ("where", "value", "rule", "path"),
    [
        ("country_code", None, "required_field.country_code", "$"),
        ("last_updated", None, "required_field.last_updated", "$"),
        ("party_id", "NORD", "length", "$.party_id"),
        (PART + ".vat", None, "missing_tax", PRICED),
        (PART + ".vat", 24, "unusual_tax", f"{PRICED}.vat"),
        ("elements.1.price_components.1.type", "ENERGY", "type_twice", f"{SECOND}[1]"),
        (HELD + ".end_time", "06:00", "whole_day", f"{RULES}.end_time"),
        ("min_price", {"before_taxes": 1}, "required_field.tax_included", "$"),
        (TEXT, said("4 kr per kWh"), "alt_text_price", TEXT_PATH),
        (TEXT, said("only 2,50 at night"), "alt_text_price", TEXT_PATH),
        (TEXT, said("parking SEK 6"), "alt_text_price", TEXT_PATH),
    ],
)  # fmt: skip
def test_what_is_odd_is_a_warning_at_its_place(
    where: str, value: Any, rule: str, path: str
) -> None:
    assert ("warning", rule, path) in found(_with(where, value))


def test_a_misspelled_key_is_told_with_the_right_one() -> None:
    document = _with("elements.0", {"price_components": [ENERGY], "restriction": {}})

    told = lint.lint_tariff(document)

    assert [each.text for each in told] == [
        "The key restriction is unknown and would be ignored. Write restrictions."
    ]


def test_every_fault_of_a_document_is_told_at_once() -> None:
    document = _with("elements.0.price_components.0", {"type": "ENERGY", "price": -1, "vta": 6})

    rules = [rule for _, rule, _ in found(document | {"currency": 7})]

    assert sorted(rules) == [
        "misspelled_key",
        "negative_price",
        "required_field.step_size",
        "value.text",
    ]


def test_a_price_with_an_unnamed_tax_inside_is_said() -> None:
    document = tariff(element(component("ENERGY", 4)), tax_included="YES")

    assert found(document) == [("warning", "tax_unknown", PRICED)]
    assert found(document | {"tax_included": "N/A"}) == []


@pytest.mark.parametrize(
    ("restrictions", "rule", "key"),
    [
        ({"start_date": "2026-05-01", "end_date": "2026-05-01"}, "dates_never", "end_date"),
        ({"min_kwh": 10, "max_kwh": 10}, "range_never", "max_kwh"),
        ({"min_power": 50, "max_power": 22}, "range_never", "max_power"),
        ({"min_duration": 60, "max_duration": 60}, "range_never", "max_duration"),
        ({"start_date": "2027-03-01"}, "dates_outside", "start_date"),
        ({"end_date": "2025-03-01"}, "dates_outside", "end_date"),
        (
            {"start_date": "2026-05-01", "end_date": "2026-05-03", "day_of_week": ["MONDAY"]},
            "weekday_never",
            "day_of_week",
        ),
    ],
)
def test_a_restriction_that_never_holds_is_an_error(
    restrictions: dict[str, Any], rule: str, key: str
) -> None:
    document = tariff(
        element(ENERGY, **restrictions),
        element(component("ENERGY", 2, 25)),
        start_date_time="2026-01-01T00:00:00Z",
        end_date_time="2027-01-01T00:00:00Z",
    )

    assert found(document) == [("error", rule, f"{RULES}.{key}")]


def test_a_tariff_that_ends_before_it_begins_is_an_error() -> None:
    document = SOUND | {
        "start_date_time": "2026-05-01T00:00:00Z",
        "end_date_time": "2026-05-01T00:00:00Z",
    }

    assert found(document) == [("error", "validity", "$.end_date_time")]


def test_a_grace_by_duration_is_a_trap() -> None:
    document = tariff(
        element(ENERGY, component("PARKING_TIME", 0, 25), max_duration=1800),
        element(ENERGY, PARKING, min_duration=1800),
    )

    where = "$.elements[1].restrictions.min_duration"
    assert found(document) == [("warning", "grace_period_parking_time", where)]


def test_every_rule_has_words_that_can_be_filled() -> None:
    values = dict.fromkeys(VALUES.split(), "x")

    assert [rule for rule, text in TEXTS.items() if not (text % values).endswith(".")] == []


@pytest.mark.parametrize("document", [None, [], "tariff", Decimal(4), {}])
def test_what_is_no_tariff_at_all_is_an_error(document: object) -> None:
    assert found(document)[0][0] == "error"
    assert json.dumps([each.row for each in lint.lint_tariff(document)])
