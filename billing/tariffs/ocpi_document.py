"""Writing a tariff as an OCPI document, in the form of 2.2.1 or of 2.3.0."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Final

from billing.tariffs.model import Component, Element, PriceLimit, Restrictions, Tariff, TaxIncluded
from billing.tariffs.ocpi import WEEKDAYS
from billing.tariffs.writing import decimal_text, instant_text

THOUSAND: Final = 1000
# The names of the model, those of the document, and how many of ours make one of its units.
NUMBERS: Final = (
    ("min_energy_wh", "min_kwh", THOUSAND),
    ("max_energy_wh", "max_kwh", THOUSAND),
    ("min_current_a", "min_current", 1),
    ("max_current_a", "max_current", 1),
    ("min_power_w", "min_power", THOUSAND),
    ("max_power_w", "max_power", THOUSAND),
    ("min_duration_s", "min_duration", 1),
    ("max_duration_s", "max_duration", 1),
)


class Version(Enum):
    """The forms of OCPI we write."""

    V2_2_1 = "2.2.1"
    V2_3_0 = "2.3.0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose tariff it is and which: what OCPI wants beside the prices."""

    country_code: str
    party_id: str
    id: str
    last_updated: str


def tariff_document(tariff: Tariff, identity: Identity, version: Version) -> dict[str, Any]:
    """Return a tariff as JSON values, numbers as Decimal; endless decimals end at twelve."""
    told: dict[str, Any] = {
        "country_code": identity.country_code,
        "party_id": identity.party_id,
        "id": identity.id,
        "currency": tariff.currency,
    }
    for key, limit in (("min_price", tariff.min_price), ("max_price", tariff.max_price)):
        if limit is not None:
            told[key] = _limit(limit, version)
    told["elements"] = [_element(element) for element in tariff.elements]
    if version is Version.V2_3_0 or tariff.tax_included is not TaxIncluded.NO:
        told["tax_included"] = tariff.tax_included.value
    for key, instant in (("start_date_time", tariff.starts_at), ("end_date_time", tariff.ends_at)):
        if instant is not None:
            told[key] = instant_text(instant)
    return told | {"last_updated": identity.last_updated}


def number(value: Fraction | int) -> Decimal:
    """Return a number as a document holds it."""
    return Decimal(decimal_text(Fraction(value)))


def _limit(limit: PriceLimit, version: Version) -> dict[str, Decimal]:
    is_new = version is Version.V2_3_0
    names = ("before_taxes", "after_taxes") if is_new else ("excl_vat", "incl_vat")
    sides = zip(names, (limit.excl, limit.incl), strict=True)
    return {name: number(side) for name, side in sides if side is not None}


def _element(element: Element) -> dict[str, Any]:
    told: dict[str, Any] = {"price_components": [_component(each) for each in element.components]}
    rules = {} if element.restrictions is None else _restrictions(element.restrictions)
    return told | {"restrictions": rules} if rules else told


def _component(component: Component) -> dict[str, Any]:
    told: dict[str, Any] = {"type": component.dimension.value, "price": number(component.price)}
    if component.vat is not None:
        told["vat"] = number(component.vat)
    return told | {"step_size": component.step_size}


def _restrictions(rules: Restrictions) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        key: f"{clock:%H:%M}"
        for key, clock in (("start_time", rules.start_time), ("end_time", rules.end_time))
        if clock is not None
    }
    for key, day in (("start_date", rules.start_date), ("end_date", rules.end_date)):
        if day is not None:
            told[key] = day.isoformat()
    for name, key, factor in NUMBERS:
        value = getattr(rules, name)
        if value is not None:
            told[key] = number(value / factor)
    if rules.weekdays:
        told["day_of_week"] = [WEEKDAYS[day].value for day in sorted(rules.weekdays)]
    if rules.reservation is not None:
        told["reservation"] = rules.reservation.value
    return told
