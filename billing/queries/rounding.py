"""From an exact price to the amounts of a document: rounded once for each rate, half up."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from billing.tariffs import writing
from billing.tariffs.bill import PricedSession
from billing.vat import parts
from billing.vat.parts import Basis, Part
from chargenet.core import money


def rounded_parts(priced: PricedSession, basis: Basis) -> tuple[Part, ...] | None:
    """Return the price per rate in minor units; None where a tax cannot be known."""
    factor = 10 ** money.minor_digits(priced.currency)
    amounts: dict[Fraction, Fraction] = {}
    for vat, amount in priced.totals_by_vat().items():
        if amount.excl is None or amount.incl is None:
            return None
        rate = vat or Fraction(0)
        agreed = amount.incl if basis is Basis.GROSS else amount.excl
        amounts[rate] = amounts.get(rate, Fraction(0)) + agreed * factor
    # What nothing prices is free, and says so in one part.
    return parts.parts_of(amounts or {Fraction(0): Fraction(0)}, basis)


def sums(rounded: Sequence[Part], currency: str) -> tuple[Decimal, Decimal]:
    """Return the sums without VAT and of VAT, in whole units."""
    digits = money.minor_digits(currency)
    sides = sum(part.excl for part in rounded), sum(part.vat for part in rounded)
    excl, vat = (Decimal(side).scaleb(-digits) for side in sides)
    return excl, vat


def breakdown(rounded: Sequence[Part], currency: str) -> list[dict[str, str]]:
    """Return the amounts per rate as they are kept with a Cdr."""
    digits = money.minor_digits(currency)
    return [
        {
            "rate": writing.decimal_text(part.rate),
            "excl_vat": str(Decimal(part.excl).scaleb(-digits)),
            "vat": str(Decimal(part.vat).scaleb(-digits)),
            "incl_vat": str(Decimal(part.incl).scaleb(-digits)),
        }
        for part in rounded
    ]
