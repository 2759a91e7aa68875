"""How sure a number is: Wilson for shares, a bootstrap over connectors for rates."""

from collections.abc import Mapping, Sequence
from math import sqrt
from random import Random

Z = 1.959964
RESAMPLES = 400


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; all of it where nothing was seen."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    # a share seen whole is in its own interval, whatever the last digit does
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    return low, 1.0 if hits == of else min(1.0, middle + half)


def rate_per_thousand(
    counts: Mapping[str, int], connector_days: Mapping[str, float]
) -> tuple[float, float, float]:
    """Return events for 1000 connector-days with its 95 % interval, bootstrapped over connectors.

    Where there are none, the rule of three gives the upper end.
    """
    days = sum(connector_days.values())
    total = sum(counts.values())
    if not days:
        return 0.0, 0.0, 0.0
    if total == 0:
        return 0.0, 0.0, 3000 / days
    rng, names = Random(11), sorted(connector_days)
    rates = []
    for _ in range(RESAMPLES):
        drawn = rng.choices(names, k=len(names))
        exposed = sum(connector_days[name] for name in drawn)
        rates.append(1000 * sum(counts.get(name, 0) for name in drawn) / exposed)
    rates.sort()
    low, high = rates[int(0.025 * RESAMPLES)], rates[int(0.975 * RESAMPLES) - 1]
    return 1000 * total / days, low, high


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return a quantile by linear interpolation, None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
