"""Unit prices and whole kronor: what makes a line and a total come out to the öre."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

CENT = Decimal("0.01")
WHOLE = Decimal(1)
FEWEST_DECIMALS, MOST_DECIMALS = 2, 12
DIGITS = 60


class NoPrice(ValueError):
    """No unit price gives this amount for this quantity."""


def rounded(value: Decimal) -> Decimal:
    """Round half up, away from zero, to two decimals."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def line_amount(quantity: Decimal, price: Decimal) -> Decimal:
    """Return what a line comes to."""
    with localcontext() as context:
        context.prec = DIGITS
        return rounded(quantity * price)


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """Return the shortest price that gives an amount for a quantity; raises NoPrice.

    A negative amount needs a negative quantity: a price is never below zero (BT-146).
    """
    if quantity == 0 or amount * quantity < 0:
        raise NoPrice(f"{amount} for {quantity}")
    with localcontext() as context:
        context.prec = DIGITS
        exact = amount / quantity
        for decimals in range(FEWEST_DECIMALS, MOST_DECIMALS + 1):
            step = Decimal(1).scaleb(-decimals)
            price = exact.quantize(step, rounding=ROUND_HALF_UP)
            if line_amount(quantity, price) == amount:
                return price
    raise NoPrice(f"{amount} for {quantity}")


def whole_krona_rounding(total: Decimal) -> Decimal:
    """Return what a total lacks to the nearest whole krona, halves up (BT-114)."""
    floor, ceiling = (total.quantize(WHOLE, rounding=way) for way in (ROUND_FLOOR, ROUND_CEILING))
    nearest = ceiling if total - floor >= Decimal("0.5") else floor
    return nearest - total
