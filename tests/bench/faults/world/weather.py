"""How warm it is at a site: the year, the day and some weather; always within -30 to +35 °C."""

from math import cos, pi
from random import Random

DAY = 86_400


class Weather:
    """The temperature at one site, in °C; `first_day` is the day of the year it begins."""

    def __init__(self, rng: Random, warmth: float, *, days: int, first_day: int) -> None:
        drift, self.daily = 0.0, []
        for day in range(days + 2):
            drift = 0.8 * drift + rng.gauss(0, 2.4)
            year = -11.0 * cos(2 * pi * (first_day + day - 20) / 365)
            self.daily.append(warmth + 6 + year + drift)
        self.swing = rng.uniform(2.0, 6.0)

    def at(self, second: float) -> float:
        """Return the temperature at an instant."""
        day, rest = divmod(second, DAY)
        index = min(int(day), len(self.daily) - 2)
        share = rest / DAY
        mean = self.daily[index] * (1 - share) + self.daily[index + 1] * share
        warm = mean - self.swing * cos(2 * pi * (share - 0.15))
        return max(-30.0, min(35.0, warm))
