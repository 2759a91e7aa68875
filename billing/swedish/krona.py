"""Öresavrundning: the sum to pay, and only it, in whole kronor."""

from decimal import ROUND_HALF_UP, Decimal


def rounding_of(total: Decimal) -> Decimal:
    """Return what makes a total whole kronor, halves away from zero.

    >>> rounding_of(Decimal("60.49")), rounding_of(Decimal("60.50"))
    (Decimal('-0.49'), Decimal('0.50'))
    """
    return total.quantize(Decimal(1), rounding=ROUND_HALF_UP) - total
