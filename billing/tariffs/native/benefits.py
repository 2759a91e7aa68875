"""What a driver is granted: by a subscription, a contract or a campaign; each as a value.

They work in one order, whatever order they come in: a price of one's own, a discount per kWh, a
discount in percent, energy that is included, what is waived. None makes anything dearer, but a
price of one's own that says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Final

from billing.tariffs import bill, instants
from billing.tariffs.bill import HUNDRED, Cause, LineKind, PricedLine, Rule
from billing.tariffs.model import TaxIncluded

ZERO: Final = Fraction(0)
WH_PER_KWH: Final = 1000
ENERGY: Final = frozenset({LineKind.ENERGY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """One thing granted: by what plan or contract, and the campaign code if one was typed in."""

    source: str
    campaign_code: str | None = None

    @property
    def granted_by(self) -> str:
        """Return who grants it, with the code that was used."""
        return f"{self.source} ({self.campaign_code})" if self.campaign_code else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverride(Benefit):
    """A price per kWh of one's own; a locked one holds even above the list price."""

    price: Fraction
    is_locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountPerKwh(Benefit):
    """So much less per kWh, said with or without tax as the tariff's prices are."""

    amount: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountPercent(Benefit):
    """So many percent less, of energy unless other kinds are named."""

    percent: Fraction
    kinds: frozenset[LineKind] = ENERGY


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludedEnergy(Benefit):
    """So many Wh that are paid already; the first of the session."""

    energy_wh: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived(Benefit):
    """Kinds of lines that cost nothing: a start fee, idling, a reservation."""

    kinds: frozenset[LineKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeIdle(Benefit):
    """So many s of idling that are free, on top of the tariff's grace."""

    seconds: int


def apply_benefits(
    lines: Iterable[PricedLine], benefits: Iterable[Benefit], tax: TaxIncluded
) -> list[PricedLine]:
    """Return lines at the prices of whoever was granted something, amounts and all."""
    granted = sorted(benefits, key=lambda each: each.granted_by)
    changed = [_cheaper(line, granted) for line in lines]
    changed = _with_included(changed, [each for each in granted if _is_included(each)])
    changed = [_waived(line, granted) for line in changed]
    return [bill.with_amount(line, tax) for line in changed]


def included_used(lines: Iterable[PricedLine]) -> dict[str, Fraction]:
    """Return how many Wh of what was included each grantor has given in these lines."""
    used: dict[str, Fraction] = {}
    for line in lines:
        for cause in line.causes:
            if cause.rule is Rule.INCLUDED:
                used[cause.where] = used.get(cause.where, ZERO) + line.billed_quantity * WH_PER_KWH
    return used


def _is_included(benefit: Benefit) -> bool:
    return isinstance(benefit, IncludedEnergy)


def _cheaper(line: PricedLine, granted: Iterable[Benefit]) -> PricedLine:
    """Return a line after a price of one's own and the discounts; never below 0."""
    if line.kind is LineKind.ENERGY:
        overrides = [each for each in granted if isinstance(each, PriceOverride)]
        line = _overridden(line, overrides)
        for each in granted:
            if isinstance(each, DiscountPerKwh):
                price = max(line.price - each.amount, ZERO)
                line = _lowered(line, price, each, Rule.DISCOUNT_PER_KWH)
    for each in granted:
        if isinstance(each, DiscountPercent) and line.kind in each.kinds:
            price = line.price * max(1 - each.percent / HUNDRED, ZERO)
            line = _lowered(line, price, each, Rule.DISCOUNT_PERCENT)
    return line


def _overridden(line: PricedLine, overrides: list[PriceOverride]) -> PricedLine:
    """Return a line at the lowest of the prices of one's own; a locked one holds always."""
    fit = [each for each in overrides if each.is_locked or each.price < line.price]
    if not fit:
        return line
    best = min(fit, key=lambda each: each.price)
    return _at(line, best.price, best, Rule.OVERRIDE)


def _lowered(line: PricedLine, price: Fraction, benefit: Benefit, rule: Rule) -> PricedLine:
    return _at(line, price, benefit, rule) if price < line.price else line


def _at(line: PricedLine, price: Fraction, benefit: Benefit, rule: Rule) -> PricedLine:
    cause = Cause(rule, benefit.granted_by)
    return replace(line, price=price, causes=(*line.causes, cause))


def _waived(line: PricedLine, granted: Iterable[Benefit]) -> PricedLine:
    for each in granted:
        if isinstance(each, Waived) and line.kind in each.kinds:
            line = _lowered(line, ZERO, each, Rule.WAIVED)
    return line


def _with_included(lines: list[PricedLine], granted: list[Benefit]) -> list[PricedLine]:
    """Return lines with the energy that is paid already at 0, from the first kWh that costs."""
    for each in granted:
        assert isinstance(each, IncludedEnergy), "only these are handed in"
        left = each.energy_wh / WH_PER_KWH
        covered: list[PricedLine] = []
        for line in lines:
            parts, left = _covered(line, left, each)
            covered += parts
        lines = covered
    return lines


def _covered(
    line: PricedLine, left: Fraction, benefit: Benefit
) -> tuple[list[PricedLine], Fraction]:
    if line.kind is not LineKind.ENERGY or line.price <= 0 or not left:
        return [line], left
    free = min(left, line.billed_quantity)
    used = min(free, line.quantity)
    at = _where_used(line, used)
    taken = _at(line, ZERO, benefit, Rule.INCLUDED)
    if free == line.billed_quantity:
        return [taken], left - free
    paid, unused = line.billed_quantity - free, line.quantity - used
    return [
        replace(taken, quantity=used, billed_quantity=free, ended_at=at),
        replace(line, quantity=unused, billed_quantity=paid, started_at=at),
    ], left - free


def _where_used(line: PricedLine, used: Fraction) -> datetime:
    """Return when so much of a line had flowed, on a straight line."""
    if not line.quantity:
        return line.ended_at
    span_s = instants.seconds_between(line.started_at, line.ended_at)
    return instants.later(line.started_at, span_s * used / line.quantity)
