"""Limits as a person writes them: 14 days, not 1 209 600 seconds."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

LONGEST = 12


@dataclass(frozen=True)
class Unit:
    """What a figure is written in: its word, and how much of what is stored one of it is."""

    word: str | Promise
    factor: int = 1


KWH: Final = Unit("kWh", 1000)
_SECONDS: Final = (
    Unit(pgettext_lazy("unit", "days"), 86_400),
    Unit(pgettext_lazy("unit", "hours"), 3600),
    Unit(pgettext_lazy("unit", "minutes"), 60),
    Unit(pgettext_lazy("unit", "seconds")),
)
WH: Final = Unit("Wh")
# What is round in half kWh is written in kWh.
_HALF_KWH: Final = 500
_MONEY: Final = Unit(gettext_lazy("in the currency"))


def unit_of(name: str, shipped: int) -> Unit:
    """Return the unit a limit is written in: the largest in which what we ship is round."""
    if name.endswith("_s"):
        return next(unit for unit in _SECONDS if shipped % unit.factor == 0)
    if name.endswith("_wh"):
        return KWH if shipped and shipped % _HALF_KWH == 0 else WH
    if name == "percent":
        return Unit("%")
    return _MONEY


def written(value: int, unit: Unit) -> str:
    """Return a stored figure as it is written in a field, exact."""
    return f"{Decimal(value) / unit.factor:f}"


def read(text: str, unit: Unit) -> int:
    """Return a written figure as it is stored; raises ValueError where it is none."""
    plain = text.strip().replace(",", ".")
    if not plain or len(plain) > LONGEST:
        raise ValueError(text)
    try:
        value = Decimal(plain) * unit.factor
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not value.is_finite() or abs(value) > 10**LONGEST or value != int(value):
        raise ValueError(text)
    return int(value)
