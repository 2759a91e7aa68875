"""Which cable to replace next: chances of failing from what it has been through, each explained.

The parts are independent reasons to expect trouble: 1 - Π(1 - p). Engineering defaults, in figures
a technician knows; none of them is a measured hazard.
"""

from dataclasses import dataclass

CONTACT, FAULTS, DANGER, HEAT = "contact", "faults", "danger", "heat"
CYCLES, AGE, ENERGY = "cycles", "age", "energy"
# IEC 62196-1: plugs are made for ten thousand cycles.
RATED_CYCLES = 10_000
USUAL_YEARS = 10.0
USUAL_WH = {True: 500_000_000, False: 100_000_000}
LEAST_POINTS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """What is known of one cable; `faults` counts a year's by severity."""

    times_base: float | None = None
    hottest_c: float | None = None
    faults: dict[int, int]
    has_open_danger: bool = False
    cycles: int = 0
    years: float = 0.0
    energy_wh: int = 0
    is_dc: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a risk: a word, its points of 100, and the figure behind it."""

    word: str
    points: int
    figure: float


def risk_of(worn: Worn) -> tuple[int, list[Reason]]:
    """Return the risk of a cable, 0 to 100, and its reasons, heaviest first."""
    parts = {
        CONTACT: (_contact(worn.times_base), worn.times_base or 0.0),
        HEAT: (_between((worn.hottest_c or 0.0) - 70.0, 30.0, 0.8), worn.hottest_c or 0.0),
        FAULTS: (_faults(worn.faults), float(sum(worn.faults.values()))),
        DANGER: (0.9 if worn.has_open_danger else 0.0, 1.0),
        CYCLES: (min(0.5, 0.5 * (worn.cycles / RATED_CYCLES) ** 2), float(worn.cycles)),
        AGE: (min(0.4, 0.3 * (max(worn.years, 0.0) / USUAL_YEARS) ** 2), worn.years),
        ENERGY: (
            min(0.2, 0.2 * (max(worn.energy_wh, 0) / USUAL_WH[worn.is_dc]) ** 2),
            float(worn.energy_wh),
        ),
    }
    sound = 1.0
    for chance, _ in parts.values():
        sound *= 1.0 - chance
    reasons = [
        Reason(word, round(100 * chance), figure)
        for word, (chance, figure) in parts.items()
        if round(100 * chance) >= LEAST_POINTS
    ]
    return round(100 * (1.0 - sound)), sorted(reasons, key=lambda one: -one.points)


def _contact(times: float | None) -> float:
    """Return the chance behind a contact resistance: nothing up to 1.1 times, sure at 2.2."""
    return 0.0 if times is None else _between(times - 1.1, 1.1, 0.9)


def _between(above: float, width: float, most: float) -> float:
    return min(most, max(0.0, above / width))


def _faults(counts: dict[int, int]) -> float:
    sound = 1.0
    for severity, count in counts.items():
        chance = {1: 0.6, 2: 0.4, 3: 0.3}.get(severity, 0.15)
        sound *= (1.0 - chance) ** min(count, 10)
    return min(0.9, 1.0 - sound)
