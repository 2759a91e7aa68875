"""What the week's form holds: everything a person can paint, and nothing else."""

from dataclasses import dataclass
from datetime import time
from fractions import Fraction
from typing import Final

LETTERS: Final = "ABCDEF"
DAYS: Final = 7
HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Level:
    """One price level: per kWh, and per minute of charging; None is no price of that kind."""

    per_kwh: Fraction | None
    per_minute: Fraction | None = None


@dataclass(frozen=True, slots=True)
class SpotPart:
    """What is added per kWh to the exchange's price; the least it comes to, None is no least."""

    markup: Fraction
    grid_fee: Fraction
    least: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekForm:
    """A week's prices; each day is 24 letters, Monday first, each the letter of a level.

    Prices hold the tax or not, as the form says; vat in percent, None is none; grace in minutes.
    With spot prices no level has a price per kWh. The idle fee is by the second, or by the minute
    begun, and holds between two times of day, None is always.
    """

    currency: str
    levels: tuple[Level, ...]
    week: tuple[str, ...]
    vat: Fraction | None
    is_tax_included: bool = True
    start_fee: Fraction | None = None
    idle_per_minute: Fraction | None = None
    idle_grace_min: int = 0
    idle_cap: Fraction | None = None
    idle_start: time | None = None
    idle_end: time | None = None
    is_idle_by_minute: bool = False
    spot: SpotPart | None = None
    least: Fraction | None = None
    most: Fraction | None = None
    most_per_day: Fraction | None = None
    texts: tuple[tuple[str, str], ...] = ()


class Unpaintable(ValueError):
    """A tariff says what the week's form cannot show: where, and a template of words."""

    def __init__(self, where: str, template: str) -> None:
        super().__init__(f"{where}: {template}")
        self.where = where
        self.template = template


def runs_of(day: str) -> list[tuple[int, int, str]]:
    """Return the stretches of one day with one letter, as (from hour, to hour, letter)."""
    runs: list[tuple[int, int, str]] = []
    for hour, letter in enumerate(day):
        if runs and runs[-1][2] == letter:
            runs[-1] = (runs[-1][0], hour + 1, letter)
        else:
            runs.append((hour, hour + 1, letter))
    return runs


def painted(
    week: tuple[str, ...], letter: str, *, days: frozenset[int], start: int, end: int
) -> tuple[str, ...]:
    """Return a week with one more stretch; an end that is not after the start reaches midnight.

    A stretch over midnight goes on in the small hours of the same days.
    """
    hours = (
        set(range(start, end)) if start < end else set(range(start, HOURS)) | set(range(0, end))
    )
    return tuple(
        "".join(
            letter if number in days and hour in hours else old for hour, old in enumerate(day)
        )
        for number, day in enumerate(week)
    )
