"""Reading one of our own tariffs from JSON, as strictly as OCPI's.

{"tariff": an OCPI tariff, whose elements may be empty, "idle_fee"?, "spot"?, "power_classes"?,
"max_per_session"?, "max_per_day"?}. Prices for time are per minute, as people say them; powers
in kW; limits as in OCPI.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import time
from fractions import Fraction
from typing import Final, TypeVar

from billing.tariffs import ocpi, reading
from billing.tariffs.native.model import IdleFee, NativeTariff, PowerClass, SpotPrice

KEYS: Final = (*("tariff", "idle_fee", "spot", "power_classes", "max_per_session", "max_per_day"),)
IDLE_KEYS: Final = ("price_per_minute", "vat", "grace_s", "cap", "start_time", "end_time")
SPOT_KEYS: Final = ("markup", "grid_fee", "vat", "least", "may_be_negative")
CLASS_KEYS: Final = ("min_kw", "max_kw", "elements")
MINUTES_PER_HOUR: Final = 60
W_PER_KW: Final = 1000

Value = TypeVar("Value")


def parse_native(document: object, *, where: str = "$") -> NativeTariff:
    """Read one of our own tariffs; raises Refused with the JSON path of what cannot be used."""
    source = reading.as_object(document, where, allowed=KEYS)
    told = reading.required(source, "tariff", where)
    base = ocpi.parse_tariff(told, where=f"{where}.tariff", may_be_empty=True)
    classes, warnings = _classes(source.get("power_classes", []), f"{where}.power_classes")
    tariff = NativeTariff(
        base=replace(base, warnings=(*base.warnings, *warnings)),
        idle_fee=_idle_fee(source, where),
        spot=_spot(source, where),
        power_classes=classes,
        max_per_session=ocpi.parse_limit(
            source.get("max_per_session"), f"{where}.max_per_session"
        ),
        max_per_day=ocpi.parse_limit(source.get("max_per_day"), f"{where}.max_per_day"),
    )
    if not (base.elements or classes or tariff.spot or tariff.idle_fee):
        what = "nothing is priced"
        raise reading.Refused(f"{where}.tariff.elements", what, "Add an element or spot prices.")
    return tariff


def _idle_fee(source: reading.Json, where: str) -> IdleFee | None:
    if "idle_fee" not in source:
        return None
    path = f"{where}.idle_fee"
    told = reading.as_object(source["idle_fee"], path, allowed=IDLE_KEYS)
    per_minute = reading.as_count(
        reading.required(told, "price_per_minute", path), f"{path}.price_per_minute"
    )
    return IdleFee(
        price=per_minute * MINUTES_PER_HOUR,
        vat=_optional(told, "vat", path, reading.as_count),
        grace_s=_optional(told, "grace_s", path, reading.as_whole) or 0,
        cap=ocpi.parse_limit(told.get("cap"), f"{path}.cap"),
        start_time=_optional(told, "start_time", path, reading.as_clock),
        end_time=_end_of_day(_optional(told, "end_time", path, reading.as_clock)),
    )


def _end_of_day(end: time | None) -> time | None:
    """Return an end; 00:00 is the end of the day, as in OCPI."""
    return None if end == time(0) else end


def _spot(source: reading.Json, where: str) -> SpotPrice | None:
    if "spot" not in source:
        return None
    path = f"{where}.spot"
    told = reading.as_object(source["spot"], path, allowed=SPOT_KEYS)
    may_fall = told.get("may_be_negative", False)
    if not isinstance(may_fall, bool):
        raise reading.Refused(f"{path}.may_be_negative", "no true or false", "Write true.")
    least = _optional(told, "least", path, reading.as_count)
    if may_fall and least is not None:
        what = "a price that has a least and may be negative"
        raise reading.Refused(f"{path}.least", what, "Keep one of them.")
    return SpotPrice(
        markup=_optional(told, "markup", path, reading.as_count) or Fraction(0),
        grid_fee=_optional(told, "grid_fee", path, reading.as_count) or Fraction(0),
        vat=_optional(told, "vat", path, reading.as_count),
        least=None if may_fall else least or Fraction(0),
    )


def _classes(value: object, where: str) -> tuple[tuple[PowerClass, ...], list[str]]:
    warnings: list[str] = []
    found = list(_each_class(value, where, warnings))
    return tuple(found), warnings


def _each_class(value: object, where: str, warnings: list[str]) -> Iterator[PowerClass]:
    for number, item in enumerate(reading.as_list(value, where)):
        path = f"{where}[{number}]"
        told = reading.as_object(item, path, allowed=CLASS_KEYS)
        elements, odd = ocpi.parse_elements(reading.required(told, "elements", path), path)
        warnings += odd
        least = _optional(told, "min_kw", path, reading.as_count) or Fraction(0)
        most = _optional(told, "max_kw", path, reading.as_count)
        yield PowerClass(
            from_w=least * W_PER_KW,
            below_w=None if most is None else most * W_PER_KW,
            elements=elements,
        )


def _optional(
    source: reading.Json, key: str, where: str, read: Callable[[object, str], Value]
) -> Value | None:
    return read(source[key], f"{where}.{key}") if key in source else None
