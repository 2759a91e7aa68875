"""How well a place is, 0 to 100, by what rules found: nothing learned, every point explained.

100 is nothing found. Each finding takes its weight, times how sure it is, of what is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Final

# By severity, S1 to S5: how much of a place a sure finding takes away.
WEIGHTS: Final = {1: 1.0, 2: 0.8, 3: 0.6, 4: 0.3, 5: 0.05}
WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that holds at a place; `sureness` is its probability, 1 where the rule is sure."""

    code: str
    severity: int
    sureness: float = 1.0

    @property
    def share(self) -> float:
        """Return the part of a whole place it takes."""
        return WEIGHTS[self.severity] * min(max(self.sureness, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Health:
    """How well a place is, and what takes how many points, the worst first."""

    score: int
    lost: tuple[tuple[str, int], ...] = ()


WELL: Final = Health(WHOLE)


def health_of(findings: Iterable[Finding]) -> Health:
    """Return the health of a place with these findings; their points add up to what is lost."""
    held = sorted(findings, key=lambda one: (-one.share, one.code))
    lost: list[tuple[str, int]] = []
    before = WHOLE
    for number, one in enumerate(held, start=1):
        left = round(WHOLE * prod(1 - each.share for each in held[:number]))
        lost.append((one.code, before - left))
        before = left
    return Health(before, tuple(one for one in lost if one[1]))


def worst_of(healths: Iterable[Health]) -> Health:
    """Return the health of a station with these connectors: that of its worst."""
    return min(healths, key=lambda one: one.score, default=WELL)
