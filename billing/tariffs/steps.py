"""Rounding volumes up to the step of the last price, once per session.

Source: OCPI 2.2.1 ch. 11.4.2, PriceComponent, step_size. Energy is one volume. Time and parking
are one together: where any parking was priced only the parking is rounded, else the time. The
reservation is rounded on its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from billing.tariffs.bill import LineKind, PricedLine
from billing.tariffs.model import Offer

STEPS_PER_UNIT = {
    LineKind.ENERGY: 1000,
    LineKind.TIME: 3600,
    LineKind.PARKING_TIME: 3600,
    LineKind.RESERVATION_TIME: 3600,
}


def round_up(
    lines: list[PricedLine], last: Mapping[LineKind, tuple[int, Offer]]
) -> list[PricedLine]:
    """Return the lines with what the steps add, billed on the last line of its kind."""
    rounded = list(lines)
    for kind in _rounded_kinds(last):
        place, offer = last[kind]
        step = Fraction(offer.component.step_size, STEPS_PER_UNIT[kind])
        if not step:
            continue
        used = sum((line.quantity for line in lines if line.kind is kind), Fraction(0))
        added = -(-used // step) * step - used
        if not added:
            continue
        line = rounded[place]
        rounded[place] = replace(line, billed_quantity=line.quantity + added)
    return rounded


def _rounded_kinds(last: Mapping[LineKind, tuple[int, Offer]]) -> list[LineKind]:
    time = LineKind.PARKING_TIME if LineKind.PARKING_TIME in last else LineKind.TIME
    return [kind for kind in (LineKind.ENERGY, time, LineKind.RESERVATION_TIME) if kind in last]
