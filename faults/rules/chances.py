"""How likely silence is by chance alone: what F11 and F36 weigh."""

from functools import lru_cache
from math import exp, lgamma, log
from statistics import fmean, pvariance
from typing import Final

MOST_EXPONENT: Final = 600.0


def of_silence(shape: float, days: float, silent_days: float) -> float:
    """Return how likely a healthy connector is silent for so long, its rate being uncertain."""
    return float((days / (days + silent_days)) ** shape)


def days_of_silence(shape: float, days: float, below: float) -> float:
    """Return after how many days of silence `of_silence` falls to a chance."""
    # a chance that is never reached is reached at the end of time
    exponent = -log(below) / shape if below > 0 else MOST_EXPONENT
    return days * (exp(min(exponent, MOST_EXPONENT)) - 1)


def never_chosen(own: float, siblings: float, since: int, over_dispersion: float) -> float:
    """Return how likely drivers who came chose a sibling every time."""
    a, b = siblings / over_dispersion, (own + siblings) / over_dispersion
    return exp(lgamma(a + since) - lgamma(a) - lgamma(b + since) + lgamma(b))


@lru_cache(maxsize=256)
def moments(rates: tuple[float, ...]) -> tuple[float, float]:
    """Return mean and variance; rates are worked out once a day and asked for at every start."""
    return fmean(rates), pvariance(rates)


def rounded(chance: float | None) -> float | None:
    """Return a chance as evidence shows it."""
    return None if chance is None else float(f"{chance:.2e}")
