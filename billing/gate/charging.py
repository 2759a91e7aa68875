"""A priced session as an outcome charges it, and as VAT is decided for it."""

from dataclasses import replace

from billing.gate.policy import Outcome
from billing.tariffs.bill import Amount, LineKind, PricedLine, PricedSession


def charged(priced: PricedSession, outcome: Outcome) -> PricedSession:
    """Return what is left of a price: all of it, its energy, or nothing."""
    if outcome is Outcome.BILL:
        return priced
    if outcome is Outcome.WAIVE:
        return replace(priced, lines=())
    kept = tuple(line for line in priced.lines if line.kind is LineKind.ENERGY)
    return replace(priced, lines=kept)


def without_vat(priced: PricedSession) -> PricedSession:
    """Return a price whose VAT the buyer accounts for; None stays where a side is unknown."""
    return replace(priced, lines=tuple(_without_vat(line) for line in priced.lines))


def _without_vat(line: PricedLine) -> PricedLine:
    excl = line.amount.excl
    return replace(line, vat=None, amount=Amount(excl, excl))
