"""Tax per rate, in whole minor units (öre), from a gross or a net that is agreed with the payer.

A consumer owes a price with tax: tax is taken out of it. A business owes a price without tax: tax
comes on top. Either way it is rounded once per rate and document, half up; what lines carry of it
follows by largest remainder, so that every sum is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

HUNDRED = 100


class Basis(Enum):
    """Which side of the price the payer agreed to."""

    GROSS = "gross"
    NET = "net"


@dataclass(frozen=True, slots=True)
class Part:
    """What falls under one rate (percent), in minor units; excl + vat is incl."""

    rate: Fraction
    excl: int
    vat: int

    @property
    def incl(self) -> int:
        """Return the amount with tax."""
        return self.excl + self.vat


def half_up(value: Fraction) -> int:
    """Round to a whole number, halves away from zero."""
    doubled = 2 * abs(value)
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    return whole if value >= 0 else -whole


def tax_of(amount: Fraction, rate: Fraction, basis: Basis) -> Fraction:
    """Return the exact tax in a gross amount, or on a net one."""
    return amount * rate / (HUNDRED + rate if basis is Basis.GROSS else HUNDRED)


def share_out(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Spread a rounded total over exact shares by largest remainder; earlier shares win ties.

    The total must be the sum of the shares, rounded either way.
    """
    floors = [share.numerator // share.denominator for share in exact]
    missing = total - sum(floors)
    assert 0 <= missing <= len(floors), "the total is the rounded sum of the shares"
    order = sorted(range(len(exact)), key=lambda place: floors[place] - exact[place])
    for place in order[:missing]:
        floors[place] += 1
    return floors


def parts_of(amounts: Mapping[Fraction, Fraction], basis: Basis) -> tuple[Part, ...]:
    """Round one price, given per rate in minor units: its total once, then tax once per rate."""
    rates = sorted(amounts)
    exact = [amounts[rate] for rate in rates]
    agreed = share_out(half_up(sum(exact, Fraction(0))), exact)
    return tuple(_part(rate, amount, basis) for rate, amount in zip(rates, agreed, strict=True))


def lines_of(rate: Fraction, amounts: Sequence[int], basis: Basis) -> list[Part]:
    """Return the lines of a document under one rate from their agreed amounts in minor units.

    Tax is rounded once, on the sum; the lines carry it by largest remainder.
    """
    exact = [tax_of(Fraction(amount), rate, basis) for amount in amounts]
    taxes = share_out(half_up(tax_of(Fraction(sum(amounts)), rate, basis)), exact)
    return [
        Part(rate, amount - tax if basis is Basis.GROSS else amount, tax)
        for amount, tax in zip(amounts, taxes, strict=True)
    ]


def _part(rate: Fraction, agreed: int, basis: Basis) -> Part:
    tax = half_up(tax_of(Fraction(agreed), rate, basis))
    return Part(rate, agreed - tax if basis is Basis.GROSS else agreed, tax)
