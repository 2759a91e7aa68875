"""Reading OCPI 2.2.1 and 2.3.0 tariffs. Source: OCPI 2.2.1 and 2.3.0 ch. 11."""

from collections.abc import Callable
from datetime import time
from enum import Enum
from fractions import Fraction
from typing import Any

from billing.tariffs import reading
from billing.tariffs.model import (
    Component,
    Dimension,
    Element,
    PriceLimit,
    ReservationRule,
    Restrictions,
    Tariff,
    TaxIncluded,
)

# What a counterpart needs and a price does not: their absence is said, not refused.
EXPECTED_KEYS = ("country_code", "party_id", "id", "last_updated")
UNPRICED_TEXTS = ("country_code", "party_id", "id", "tariff_alt_url")
TARIFF_KEYS = (
    *EXPECTED_KEYS,
    *("currency", "type", "tariff_alt_text", "tariff_alt_url", "min_price", "max_price"),
    *("elements", "start_date_time", "end_date_time", "energy_mix", "tax_included"),
    "preauthorize_amount",
)
COMPONENT_KEYS = ("type", "price", "vat", "step_size")
ENERGY_MIX_KEYS = ("is_green_energy", "energy_sources", "environ_impact", "supplier_name")
ENERGY_MIX_LISTS = {
    "energy_sources": ("source", "percentage"),
    "environ_impact": ("category", "amount"),
}
Reader = Callable[[Any, str], Any]
THOUSAND = 1000


class TariffType(Enum):
    """For whom a tariff is; pricing does not look at it."""

    AD_HOC_PAYMENT = "AD_HOC_PAYMENT"
    PROFILE_CHEAP = "PROFILE_CHEAP"
    PROFILE_FAST = "PROFILE_FAST"
    PROFILE_GREEN = "PROFILE_GREEN"
    REGULAR = "REGULAR"


class Weekday(Enum):
    """OCPI's names, in the order of date.weekday()."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


WEEKDAYS = tuple(Weekday)


def _thousandfold(value: object, where: str) -> Fraction:
    return reading.as_count(value, where) * THOUSAND


def _weekdays(value: object, where: str) -> frozenset[int]:
    names = reading.as_list(value, where)
    return frozenset(
        WEEKDAYS.index(reading.as_choice(name, f"{where}[{number}]", Weekday))
        for number, name in enumerate(names)
    )


def _reservation(value: object, where: str) -> ReservationRule:
    return reading.as_choice(value, where, ReservationRule)


RESTRICTION_READERS: dict[str, tuple[str, Reader]] = {
    "start_time": ("start_time", reading.as_clock),
    "end_time": ("end_time", reading.as_clock),
    "start_date": ("start_date", reading.as_day),
    "end_date": ("end_date", reading.as_day),
    "min_kwh": ("min_energy_wh", _thousandfold),
    "max_kwh": ("max_energy_wh", _thousandfold),
    "min_current": ("min_current_a", reading.as_count),
    "max_current": ("max_current_a", reading.as_count),
    "min_power": ("min_power_w", _thousandfold),
    "max_power": ("max_power_w", _thousandfold),
    "min_duration": ("min_duration_s", reading.as_count),
    "max_duration": ("max_duration_s", reading.as_count),
    "day_of_week": ("weekdays", _weekdays),
    "reservation": ("reservation", _reservation),
}


def parse_tariff(document: object, *, where: str = "$", may_be_empty: bool = False) -> Tariff:
    """Read one tariff strictly; raises Refused with the JSON path of what cannot be used.

    It may be empty of elements where something else prices a session.
    """
    source = reading.as_object(document, where, allowed=TARIFF_KEYS)
    _check_unpriced(source, where)
    tax = TaxIncluded.NO
    if "tax_included" in source:
        tax = reading.as_choice(source["tax_included"], f"{where}.tax_included", TaxIncluded)
    limits = [parse_limit(source.get(key), f"{where}.{key}") for key in ("min_price", "max_price")]
    _check_limits(limits[0], limits[1], where)
    starts_at, ends_at = (
        reading.as_instant(source[key], f"{where}.{key}") if key in source else None
        for key in ("start_date_time", "end_date_time")
    )
    listed = (
        source.get("elements", []) if may_be_empty else reading.required(source, "elements", where)
    )
    elements, warnings = parse_elements(listed, where, may_be_empty=may_be_empty)
    missing = (f"{where}: {key} is missing" for key in EXPECTED_KEYS if key not in source)
    return Tariff(
        currency=_currency(reading.required(source, "currency", where), f"{where}.currency"),
        elements=elements,
        tax_included=tax,
        min_price=limits[0],
        max_price=limits[1],
        starts_at=starts_at,
        ends_at=ends_at,
        warnings=(*missing, *warnings),
    )


def _check_unpriced(source: reading.Json, where: str) -> None:
    for key in UNPRICED_TEXTS:
        if key in source:
            reading.as_text(source[key], f"{where}.{key}")
    if "type" in source:
        reading.as_choice(source["type"], f"{where}.type", TariffType)
    if "last_updated" in source:
        reading.as_instant(source["last_updated"], f"{where}.last_updated")
    if "preauthorize_amount" in source:
        reading.as_count(source["preauthorize_amount"], f"{where}.preauthorize_amount")
    texts = f"{where}.tariff_alt_text"
    for number, text in enumerate(reading.as_list(source.get("tariff_alt_text", []), texts)):
        told = reading.as_object(text, f"{texts}[{number}]", allowed=("language", "text"))
        for key, value in told.items():
            reading.as_text(value, f"{texts}[{number}].{key}")
    if "energy_mix" in source:
        _check_energy_mix(source["energy_mix"], f"{where}.energy_mix")


def _check_energy_mix(value: object, where: str) -> None:
    source = reading.as_object(value, where, allowed=(*ENERGY_MIX_KEYS, "energy_product_name"))
    for key, allowed in ENERGY_MIX_LISTS.items():
        path = f"{where}.{key}"
        for number, item in enumerate(reading.as_list(source.get(key, []), path)):
            reading.as_object(item, f"{path}[{number}]", allowed=allowed)


def _currency(value: object, where: str) -> str:
    code = reading.as_text(value, where)
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        raise reading.Refused(where, f"{code!r} is no currency", "Write it as EUR (ISO 4217).")
    return code


def parse_limit(value: object, where: str) -> PriceLimit | None:
    """Read a price limit in either form of OCPI; None stays None. Raises Refused."""
    if value is None:
        return None
    names = ("excl_vat", "incl_vat")
    source = reading.as_object(value, where, allowed=(*names, "before_taxes", "after_taxes"))
    if "before_taxes" in source or "after_taxes" in source:
        names = ("before_taxes", "after_taxes")
    source = reading.as_object(source, where, allowed=names)
    excl = reading.as_count(reading.required(source, names[0], where), f"{where}.{names[0]}")
    incl = (
        reading.as_count(source[names[1]], f"{where}.{names[1]}") if names[1] in source else None
    )
    if incl is not None and incl < excl:
        what = f"{names[1]} is below {names[0]}"
        raise reading.Refused(where, what, "Tax is never negative: exchange the two.")
    return PriceLimit(excl, incl)


def _check_limits(least: PriceLimit | None, most: PriceLimit | None, where: str) -> None:
    if least is None or most is None:
        return
    sides = ((least.excl, most.excl), (least.incl, most.incl))
    if any(low is not None and high is not None and low > high for low, high in sides):
        what = "min_price is above max_price"
        raise reading.Refused(f"{where}.min_price", what, "Lower min_price or raise max_price.")


def parse_elements(
    value: object, where: str, *, may_be_empty: bool = False
) -> tuple[tuple[Element, ...], list[str]]:
    """Read a list of elements, and what is odd in them; raises Refused."""
    warnings: list[str] = []
    elements = []
    read = reading.as_list if may_be_empty else _filled
    for number, item in enumerate(read(value, f"{where}.elements")):
        path = f"{where}.elements[{number}]"
        source = reading.as_object(item, path, allowed=("price_components", "restrictions"))
        priced = reading.required(source, "price_components", path)
        components = tuple(
            _component(each, f"{path}.price_components[{index}]")
            for index, each in enumerate(_filled(priced, f"{path}.price_components"))
        )
        if len({component.dimension for component in components}) < len(components):
            warnings.append(f"{path}: a type is priced twice, the first one holds")
        if any(_has_no_step(component) for component in components):
            warnings.append(f"{path}: step_size is 0, nothing is rounded up")
        rules = source.get("restrictions")
        held = None if rules is None else _restrictions(rules, f"{path}.restrictions")
        elements.append(Element(components, held))
    return tuple(elements), warnings


def _filled(value: object, where: str) -> list[object]:
    items = reading.as_list(value, where)
    if not items:
        raise reading.Refused(where, "an empty list", "Give at least one.")
    return items


def _component(value: object, where: str) -> Component:
    source = reading.as_object(value, where, allowed=COMPONENT_KEYS)
    dimension = reading.as_choice(
        reading.required(source, "type", where), f"{where}.type", Dimension
    )
    price = reading.as_count(reading.required(source, "price", where), f"{where}.price")
    step = reading.as_whole(reading.required(source, "step_size", where), f"{where}.step_size")
    vat = reading.as_count(source["vat"], f"{where}.vat") if "vat" in source else None
    return Component(dimension, price, vat, step)


def _has_no_step(component: Component) -> bool:
    is_stepped = component.dimension is not Dimension.FLAT
    return is_stepped and component.price > 0 and not component.step_size


def _restrictions(value: object, where: str) -> Restrictions | None:
    source = reading.as_object(value, where, allowed=RESTRICTION_READERS)
    if not source:
        return None
    values: dict[str, Any] = {}
    for key, raw in source.items():
        name, read = RESTRICTION_READERS[key]
        values[name] = read(raw, f"{where}.{key}")
    # 00:00 as an end is the end of the day (ocpi/ocpi#466): no upper bound on the clock.
    if values.get("end_time") == time(0):
        values["end_time"] = None
    rules = Restrictions(**values)
    return None if rules == Restrictions() else rules
