"""The least and the most a whole session costs, without and with tax each on its own.

What a limit adds or takes is spread over the lines in proportion, so that they sum to the total.
Source: OCPI 2.2.1 ch. 11.3.1, Tariff, min_price and max_price.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from billing.tariffs.bill import HUNDRED, Amount, LineKind, PricedLine
from billing.tariffs.model import PriceLimit, Tariff, TaxIncluded
from stations.metering.session_facts import SessionFacts

ONE = Fraction(1)
Bites = Callable[[Fraction, Fraction], bool]


def raise_to_minimum(
    lines: list[PricedLine], tariff: Tariff, facts: SessionFacts
) -> list[PricedLine]:
    """Return the lines raised to the tariff's minimum price; nothing to raise gets a line."""
    limit = tariff.min_price
    if limit is None:
        return lines
    total = sum((line.amount for line in lines), Amount())
    if not total.excl and not total.incl:
        return [*lines, _nothing_but_minimum(limit, tariff, facts)]
    return _scaled(lines, total, limit, lambda cost, least: cost < least)


def lower_to_maximum(lines: list[PricedLine], tariff: Tariff) -> list[PricedLine]:
    """Return the lines lowered to the tariff's maximum price."""
    return lines if tariff.max_price is None else lower_to(lines, tariff.max_price)


def lower_to(lines: list[PricedLine], limit: PriceLimit) -> list[PricedLine]:
    """Return the lines lowered to a limit together; the same list where it does not bite."""
    total = sum((line.amount for line in lines), Amount())
    return _scaled(lines, total, limit, lambda cost, most: cost > most)


def _scaled(
    lines: list[PricedLine], total: Amount, limit: PriceLimit, bites: Bites
) -> list[PricedLine]:
    excl = _factor(total.excl, limit.excl, bites)
    # A limit that names one side only moves the other in step with it.
    incl = excl if limit.incl is None else _factor(total.incl, limit.incl, bites)
    if excl == incl == ONE:
        return lines
    return [replace(line, amount=line.amount.times(excl, incl)) for line in lines]


def _factor(cost: Fraction | None, bound: Fraction, bites: Bites) -> Fraction:
    return bound / cost if cost and bites(cost, bound) else ONE


def minimum_line(
    amount: Amount, vat: Fraction | None, tax_included: TaxIncluded, facts: SessionFacts
) -> PricedLine:
    """Return the line of a minimum price where nothing else was priced."""
    is_inside = tax_included is TaxIncluded.YES
    return PricedLine(
        kind=LineKind.MIN_PRICE,
        element=None,
        component=None,
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        quantity=ONE,
        billed_quantity=ONE,
        price=(amount.incl if is_inside else amount.excl) or Fraction(0),
        vat=vat,
        amount=amount,
    )


def amount_of(limit: PriceLimit, vat: Fraction | None) -> Amount:
    """Return a limit as an amount; the side with tax follows the rate where it names none."""
    incl = limit.excl * (1 + (vat or Fraction(0)) / HUNDRED) if limit.incl is None else limit.incl
    return Amount(limit.excl, incl)


def _nothing_but_minimum(limit: PriceLimit, tariff: Tariff, facts: SessionFacts) -> PricedLine:
    vat = tariff.elements[0].components[0].vat
    if tariff.tax_included is TaxIncluded.NOT_APPLICABLE:
        vat = None
    return minimum_line(amount_of(limit, vat), vat, tariff.tax_included, facts)
