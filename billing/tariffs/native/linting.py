"""The linter for our own tariffs: what it says of OCPI's part, and of the parts around it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from billing.tariffs import lint, reading
from billing.tariffs.lint.finding import Finding, Level, error, warning
from billing.tariffs.native.model import NativeTariff, PowerClass
from billing.tariffs.native.reading import KEYS, parse_native

ELEMENTS: Final = "$.elements["
# What a class does to the tariff's own prices on purpose.
MEANT: Final = frozenset({"overlap", "unreachable", "crossing"})


def lint_native(document: object) -> list[Finding]:
    """Return what is wrong or odd in one of our own tariffs, errors first, at its JSON path."""
    if not isinstance(document, Mapping):
        return [error("value.object", "$", allowed=", ".join(KEYS))]
    base = document.get("tariff")
    found = [] if _is_empty(base) else list(_moved(lint.lint_tariff(base), "$.tariff"))
    if any(each.level is Level.ERROR for each in found):
        return found
    try:
        tariff = parse_native(document)
    except reading.Refused as refusal:
        return [error("value.refused", refusal.where, what=refusal.what)]
    for number, each in enumerate(tariff.power_classes):
        found += _class(base, document["power_classes"][number], each, number)
    found += _untaxed(tariff)
    unique = {(each.rule, each.path): each for each in found}
    return sorted(unique.values(), key=lambda each: each.level is Level.WARNING)


def _is_empty(base: object) -> bool:
    """Return whether the tariff has no elements of its own, which other parts may make up for."""
    return isinstance(base, Mapping) and base.get("elements", []) == []


def _moved(found: Sequence[Finding], where: str) -> Iterator[Finding]:
    for each in found:
        yield replace(each, path=each.path.replace("$", where, 1))


def _class(base: Any, told: Any, power_class: PowerClass, number: int) -> Iterator[Finding]:
    """Yield what is wrong in the elements of a class, at connectors of its least power."""
    own = told["elements"]
    document = {**base, "elements": [*own, *base.get("elements", [])]}
    for each in lint.lint_tariff(document, power_w=power_class.from_w):
        if not each.path.startswith(ELEMENTS):
            continue
        place, _, rest = each.path.removeprefix(ELEMENTS).partition("]")
        if int(place) < len(own):
            yield replace(each, path=f"$.power_classes[{number}].elements[{place}]{rest}")
        elif each.rule not in MEANT:
            yield replace(each, path=f"$.tariff.elements[{int(place) - len(own)}]{rest}")


def _untaxed(tariff: NativeTariff) -> Iterator[Finding]:
    """Yield the parts that say no tax where the tariff's prices need one."""
    if tariff.base.tax_included.value == "N/A":
        return
    rule = "tax_unknown" if tariff.base.tax_included.value == "YES" else "missing_tax"
    if tariff.spot is not None and tariff.spot.vat is None:
        yield warning(rule, "$.spot")
    if tariff.idle_fee is not None and tariff.idle_fee.price and tariff.idle_fee.vat is None:
        yield warning(rule, "$.idle_fee")
