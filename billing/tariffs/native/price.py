"""Pricing one session under one of our own tariffs: each line says which rules made it."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from billing.tariffs import bill, held_back, limits
from billing.tariffs import price as plain
from billing.tariffs.bill import Amount, Cause, PricedLine, PricedSession, Rule
from billing.tariffs.model import PriceLimit, Tariff, TaxIncluded
from billing.tariffs.native import idle, spot
from billing.tariffs.native.benefits import apply_benefits
from billing.tariffs.native.model import Given, NativeTariff, PowerClass
from billing.tariffs.reading import Refused
from stations.metering.session_facts import ReservationOutcome, SessionFacts

ZERO: Final = Fraction(0)


def price_session(
    facts: SessionFacts,
    tariff: NativeTariff,
    given: Given,
    *,
    fees_without_energy: bool = False,
) -> PricedSession:
    """Price one session, exactly; raises Refused where a value that decides was not given.

    In this order: the list price of every line, a cap of the idle fee, what lacks to the minimum,
    what the driver is granted, the caps of the session and of its first local day. A minimum is
    asked of the list price, so that no benefit is taken back by it.
    """
    facts = held_back.without_held(facts)
    has_fees = fees_without_energy or not plain.is_empty(facts)
    chosen = _class_of(tariff, given)
    base = _with_class(tariff, chosen)
    lines, lacking = plain.lines_of(facts, base, has_fees=has_fees)
    lines = [_told(line, chosen) for line in lines] + _own_lines(facts, tariff, given)
    listed = [bill.with_amount(line, base.tax_included) for line in lines]
    granted = apply_benefits(listed, given.benefits, base.tax_included)
    granted = idle.lowered_to_cap(granted, tariff.idle_fee)
    if has_fees and plain.outcome_of(facts) is ReservationOutcome.USED:
        granted += _shortfall(idle.lowered_to_cap(listed, tariff.idle_fee), tariff, facts)
    return plain.summed(_capped(granted, tariff, given), facts, base, lacking)


def _class_of(tariff: NativeTariff, given: Given) -> tuple[int, PowerClass] | None:
    if not tariff.power_classes:
        return None
    power_w = given.connector_power_w
    if power_w is None:
        what = "nobody says how powerful the connector is"
        raise Refused("connector_power_w", what, "Set the connector's power, then price again.")
    classes = enumerate(tariff.power_classes)
    return next(((number, each) for number, each in classes if each.has(power_w)), None)


def _with_class(tariff: NativeTariff, chosen: tuple[int, PowerClass] | None) -> Tariff:
    if chosen is None:
        return tariff.base
    return replace(tariff.base, elements=(*chosen[1].elements, *tariff.base.elements))


def _told(line: PricedLine, chosen: tuple[int, PowerClass] | None) -> PricedLine:
    """Return a line that says where in our tariff its component stands."""
    assert line.element is not None, "an element makes every line of OCPI's part"
    first = 0 if chosen is None else len(chosen[1].elements)
    if chosen is not None and line.element < first:
        place = f"$.power_classes[{chosen[0]}].elements[{line.element}]"
        rule = Rule.POWER_CLASS
    else:
        place = f"$.tariff.elements[{line.element - first}]"
        rule = Rule.ELEMENT
    cause = Cause(rule, f"{place}.price_components[{line.component}]")
    return replace(line, causes=(cause,))


def _own_lines(facts: SessionFacts, tariff: NativeTariff, given: Given) -> list[PricedLine]:
    lines: list[PricedLine] = []
    if tariff.spot is not None:
        tax = tariff.base.tax_included
        lines += spot.spot_lines(facts, tariff.spot, given.spot, tax)
    if tariff.idle_fee is not None:
        lines += idle.idle_lines(facts, tariff.idle_fee, given.benefits)
    return lines


def _shortfall(
    listed: list[PricedLine], tariff: NativeTariff, facts: SessionFacts
) -> list[PricedLine]:
    """Return what lacks to the minimum price, one line per rate of tax."""
    limit = tariff.base.min_price
    if limit is None:
        return []
    if not any(line.amount.excl or line.amount.incl for line in listed):
        vat = _first_vat(tariff)
        return [_minimum_line(tariff, facts, limits.amount_of(limit, vat), vat)]
    raised = limits.raise_to_minimum(listed, tariff.base, facts)
    lacks: dict[Fraction | None, Amount] = {}
    for low, high in zip(listed, raised, strict=True):
        lacks[low.vat] = lacks.get(low.vat, Amount()) + _difference(high.amount, low.amount)
    return [
        _minimum_line(tariff, facts, amount, vat)
        for vat, amount in lacks.items()
        if amount.excl or amount.incl
    ]


def _difference(high: Amount, low: Amount) -> Amount:
    sides = ((high.excl, low.excl), (high.incl, low.incl))
    excl, incl = (None if a is None or b is None else a - b for a, b in sides)
    return Amount(excl, incl)


def _first_vat(tariff: NativeTariff) -> Fraction | None:
    """Return the rate of what a session is for: energy, or whatever is priced first."""
    if tariff.base.tax_included is TaxIncluded.NOT_APPLICABLE:
        return None
    if tariff.spot is not None:
        return tariff.spot.vat
    elements = [*tariff.base.elements, *(e for c in tariff.power_classes for e in c.elements)]
    return elements[0].components[0].vat if elements else None


def _minimum_line(
    tariff: NativeTariff, facts: SessionFacts, amount: Amount, vat: Fraction | None
) -> PricedLine:
    line = limits.minimum_line(amount, vat, tariff.base.tax_included, facts)
    return replace(line, causes=(Cause(Rule.MIN_PRICE, "$.tariff.min_price"),))


def _capped(lines: list[PricedLine], tariff: NativeTariff, given: Given) -> list[PricedLine]:
    """Return the lines under the caps of OCPI's part, of the session, and of what the day left."""
    caps = (
        (tariff.base.max_price, Cause(Rule.SESSION_CAP, "$.tariff.max_price")),
        (tariff.max_per_session, Cause(Rule.SESSION_CAP, "$.max_per_session")),
        (_left_today(tariff.max_per_day, given.spent_today), Cause(Rule.DAY_CAP, "$.max_per_day")),
    )
    for limit, cause in caps:
        if limit is not None:
            lines = _lowered(lines, limit, cause)
    return lines


def _left_today(limit: PriceLimit | None, spent: Amount) -> PriceLimit | None:
    if limit is None:
        return None
    excl = max(limit.excl - (spent.excl or ZERO), ZERO)
    incl = None if limit.incl is None else max(limit.incl - (spent.incl or ZERO), ZERO)
    return PriceLimit(excl, incl)


def _lowered(lines: Iterable[PricedLine], limit: PriceLimit, cause: Cause) -> list[PricedLine]:
    before = list(lines)
    lowered = limits.lower_to(before, limit)
    if lowered is before:
        return before
    return [replace(line, causes=(*line.causes, cause)) for line in lowered]
