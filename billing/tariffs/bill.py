"""What a priced session looks like: lines, totals per dimension, tax per rate. All exact."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from fractions import Fraction

from billing.tariffs.model import TaxIncluded

HUNDRED = 100


class LineKind(Enum):
    """What a line bills; the reservation has a time and a fee of its own."""

    ENERGY = "ENERGY"
    FLAT = "FLAT"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"
    RESERVATION_TIME = "RESERVATION_TIME"
    RESERVATION_FLAT = "RESERVATION_FLAT"
    MIN_PRICE = "MIN_PRICE"


class Rule(Enum):
    """What made a price: an element of the tariff, or one of our own rules."""

    ELEMENT = "element"
    POWER_CLASS = "power_class"
    SPOT = "spot"
    IDLE_FEE = "idle_fee"
    OVERRIDE = "override"
    DISCOUNT_PER_KWH = "discount_per_kwh"
    DISCOUNT_PERCENT = "discount_percent"
    INCLUDED = "included"
    WAIVED = "waived"
    FREE_IDLE = "free_idle"
    MIN_PRICE = "min_price"
    IDLE_CAP = "idle_cap"
    SESSION_CAP = "session_cap"
    DAY_CAP = "day_cap"


@dataclass(frozen=True, slots=True)
class Cause:
    """One rule that made or changed a price: its place in the tariff, or who granted it."""

    rule: Rule
    where: str
    detail: str = ""


UNITS = {LineKind.ENERGY: "kWh", LineKind.FLAT: "session", LineKind.RESERVATION_FLAT: "session"}
UNITS |= {LineKind.MIN_PRICE: "session", LineKind.TIME: "h", LineKind.PARKING_TIME: "h"}
UNITS |= {LineKind.RESERVATION_TIME: "h"}
FIXED = frozenset({LineKind.FLAT, LineKind.MIN_PRICE})
RESERVED = frozenset({LineKind.RESERVATION_TIME, LineKind.RESERVATION_FLAT})


@dataclass(frozen=True, slots=True)
class Amount:
    """A price without and with tax; None is a side that cannot be known."""

    excl: Fraction | None = Fraction(0)
    incl: Fraction | None = Fraction(0)

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(_sum(self.excl, other.excl), _sum(self.incl, other.incl))

    def times(self, factor_excl: Fraction, factor_incl: Fraction) -> "Amount":
        """Return the amount with each known side multiplied by its own factor."""
        excl = None if self.excl is None else self.excl * factor_excl
        incl = None if self.incl is None else self.incl * factor_incl
        return Amount(excl, incl)


def _sum(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """One price over one stretch: used and billed quantity in kWh, h or sessions; vat in percent.

    Element and component are places in the tariff, counted from 0; None where neither made it.
    Causes are told by our own tariffs, in the order in which they worked on the price.
    """

    kind: LineKind
    element: int | None
    component: int | None
    started_at: datetime
    ended_at: datetime
    quantity: Fraction
    billed_quantity: Fraction
    price: Fraction
    vat: Fraction | None
    amount: Amount = Amount()
    causes: tuple[Cause, ...] = ()

    @property
    def unit(self) -> str:
        """Return the unit of the quantities."""
        return UNITS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSession:
    """A session's price in full: nothing is rounded, the lines sum to the total."""

    currency: str
    lines: tuple[PricedLine, ...]
    energy_wh: Fraction
    total_s: Fraction
    parking_s: Fraction
    warnings: tuple[str, ...] = ()

    @property
    def total(self) -> Amount:
        """Return the price of the whole session."""
        return self.total_of(frozenset(LineKind))

    def total_of(self, kinds: frozenset[LineKind]) -> Amount:
        """Return the price of some kinds of lines."""
        return sum((line.amount for line in self.lines if line.kind in kinds), Amount())

    def totals_by_vat(self) -> dict[Fraction | None, Amount]:
        """Return the price per rate of tax; None is no tax at all."""
        found: dict[Fraction | None, Amount] = {}
        for line in self.lines:
            found[line.vat] = found.get(line.vat, Amount()) + line.amount
        return found


def with_amount(line: PricedLine, tax: TaxIncluded) -> PricedLine:
    """Return a line with its amounts; tax added to the price, taken out of it, or none.

    Where a price holds an unknown tax, the side without it stays unknown.
    """
    amount = line.price * line.billed_quantity
    factor = 1 + (line.vat or Fraction(0)) / HUNDRED
    if tax is TaxIncluded.NO:
        return replace(line, amount=Amount(amount, amount * factor))
    if tax is TaxIncluded.NOT_APPLICABLE:
        return replace(line, vat=None, amount=Amount(amount, amount))
    return replace(line, amount=Amount(None if line.vat is None else amount / factor, amount))
