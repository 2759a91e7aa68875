"""The linter for our own tariffs, and the words for their rules."""

from typing import Any

import pytest

from billing.tariffs.bill import Rule
from billing.tariffs.native.linting import lint_native
from billing.tariffs.native.words import RULES
from tests.unit.billing.papers import component, element, tariff

ENERGY = component("ENERGY", 4, 25)
FEE = component("FLAT", 5, 25)
ODD = tariff(element(FEE | {"step": 1}))
PRICED = "$.tariff.elements[0].price_components[0]"
SOUND: dict[str, Any] = {
    "tariff": tariff(element(FEE)),
    "spot": {"vat": 25},
    "idle_fee": {"price_per_minute": 1, "vat": 25},
}
FAST = {"min_kw": 50, "elements": [element(ENERGY, FEE)]}
SLOW = {"max_kw": 50, "elements": [element(ENERGY, FEE)]}
CLASSED: dict[str, Any] = {
    "tariff": tariff(element(ENERGY), type="AD_HOC_PAYMENT"),
    "power_classes": [SLOW, FAST],
}


def found(document: object) -> list[tuple[str, str, str]]:
    return [(each.level.value, each.rule, each.path) for each in lint_native(document)]


@pytest.mark.parametrize("document", [SOUND, SOUND | {"tariff": tariff()}])
def test_a_sound_tariff_has_nothing_to_say(document: Any) -> None:
    assert found(document) == []


@pytest.mark.parametrize(
    ("document", "level", "rule", "path"),
    [
        ([], "error", "value.object", "$"),
        ({}, "error", "value.object", "$.tariff"),
        (SOUND | {"tariff": ODD}, "error", "unknown_key", f"{PRICED}.step"),
        (SOUND | {"idle": {}}, "error", "value.refused", "$.idle"),
        (SOUND | {"tariff": tariff(element(ENERGY))}, "error", "value.refused", "$.spot"),
        (SOUND | {"spot": {}}, "warning", "missing_tax", "$.spot"),
        (SOUND | {"idle_fee": {"price_per_minute": 1}}, "warning", "missing_tax", "$.idle_fee"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(
    document: Any, level: str, rule: str, path: str
) -> None:
    assert (level, rule, path) in found(document)


def test_the_power_of_a_class_says_whether_an_ad_hoc_price_may_have_a_fee() -> None:
    assert [each for each in found(CLASSED) if each[0] == "error"] == [
        ("error", "afir_component", "$.power_classes[1].elements[0].price_components[1]")
    ]


def test_a_class_may_take_the_place_of_the_tariffs_own_prices() -> None:
    document = {"tariff": tariff(element(ENERGY)), "power_classes": [SLOW]}

    assert found(document) == []


def test_every_rule_of_a_price_has_its_words() -> None:
    assert set(RULES) == set(Rule)
