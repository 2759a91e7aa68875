"""Rules of Regulation (EU) 2023/1804 (AFIR), art. 5: what a price without a contract may hold."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from billing.tariffs.lint.finding import Finding, error, warning
from billing.tariffs.lint.told import Told
from billing.tariffs.model import Dimension, Element, Tariff

AD_HOC: Final = "AD_HOC_PAYMENT"
FAST_W: Final = 50_000
FORBIDDEN: Final = (Dimension.TIME, Dimension.FLAT)
# Per kWh, per minute, per session: the order in which they are shown.
ORDER: Final = {
    Dimension.ENERGY: 0,
    Dimension.TIME: 1,
    Dimension.PARKING_TIME: 1,
    Dimension.FLAT: 2,
}


def lint_ad_hoc(told: Told, power_w: Fraction | int | None) -> Iterator[Finding]:
    """Yield what an ad hoc price may not hold; power is the charging point's, None if unknown.

    A tariff without a type is for everybody, so it is an ad hoc price where a place is known.
    """
    kind = told.document.get("type")
    if kind != AD_HOC and not (kind is None and power_w is not None):
        return
    yield from _components(told.tariff, power_w)
    yield from _order(told.tariff)


def _components(tariff: Tariff, power_w: Fraction | int | None) -> Iterator[Finding]:
    is_fast = power_w is not None and power_w >= FAST_W
    for number, element in enumerate(tariff.elements):
        if _is_slow(element) or (power_w is not None and not is_fast) or _is_reserved(element):
            continue
        for index, component in enumerate(element.components):
            if component.dimension not in FORBIDDEN or not component.price:
                continue
            path = f"$.elements[{number}].price_components[{index}]"
            name = component.dimension.value
            if is_fast or _needs_fast(element):
                yield error("afir_component", path, dimension=name)
            else:
                yield warning("afir_component_maybe", path, dimension=name)
    if is_fast and not tariff.offers[Dimension.ENERGY]:
        yield error("afir_energy", "$.elements")


def _is_slow(element: Element) -> bool:
    rules = element.restrictions
    return rules is not None and rules.max_power_w is not None and rules.max_power_w <= FAST_W


def _needs_fast(element: Element) -> bool:
    rules = element.restrictions
    return rules is not None and rules.min_power_w is not None and rules.min_power_w >= FAST_W


def _is_reserved(element: Element) -> bool:
    return element.restrictions is not None and element.restrictions.reservation is not None


def _order(tariff: Tariff) -> Iterator[Finding]:
    """Yield a component that stands behind one that is shown after it, within one element."""
    for number, element in enumerate(tariff.elements):
        latest = 0
        for index, component in enumerate(element.components):
            place = ORDER[component.dimension]
            if place < latest:
                path = f"$.elements[{number}].price_components[{index}]"
                yield warning("afir_order", path, dimension=component.dimension.value)
            latest = max(latest, place)
