"""How evenly the samples of one session came."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from faults.rules.facts import Sample

LEAST_INTERVALS = 4
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Cadence:
    """Usual and longest pause between samples, s, and the robust variation of the pauses."""

    usual_s: float | None = None
    longest_s: float | None = None
    cv: float | None = None


def read(samples: Sequence[Sample]) -> Cadence:
    """Return the rhythm of the samples, which are in order."""
    pauses = [
        (later.at - before.at).total_seconds() for before, later in itertools.pairwise(samples)
    ]
    if not pauses:
        return Cadence()
    usual = median(pauses)
    spread = median(abs(one - usual) for one in pauses)
    is_told = len(pauses) >= LEAST_INTERVALS and usual > 0
    return Cadence(usual, max(pauses), MAD_TO_SIGMA * spread / usual if is_told else None)
