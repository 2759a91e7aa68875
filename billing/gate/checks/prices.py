"""Whether a session's price can be meant."""

from fractions import Fraction

from billing.gate.case import Case, Evidence, Limits

KWH = 1000
# A limit is meant in a currency of cents; a unit without them is worth about a hundredth.
WITHOUT_CENTS = frozenset({"ISK", "JPY"})


def _most(case: Case, limits: Limits) -> int:
    return limits["most"] * (100 if case.currency in WITHOUT_CENTS else 1)


def dear(case: Case, limits: Limits) -> Evidence | None:
    """Find a price beyond what a charge costs: a slip in the price list or the meter."""
    most = _most(case, limits)
    return {"price": int(case.price), "most": most} if case.price > most else None


def dear_energy(case: Case, limits: Limits) -> Evidence | None:
    """Find a charge that came to more for each kWh than anybody asks."""
    if case.energy_wh < limits["least_wh"] or case.energy_wh <= 0:
        return None
    each, most = case.price * KWH / Fraction(case.energy_wh), _most(case, limits)
    return {"per_kwh": int(each), "most": most} if each > most else None


def negative_price(case: Case, _limits: Limits) -> Evidence | None:
    """Find a price below nothing."""
    return {"price": str(int(case.price))} if case.price < 0 else None
