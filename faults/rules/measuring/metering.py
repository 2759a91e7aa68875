"""Whether a meter agrees with itself: register against power, power against volts and amperes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import gcd, sqrt
from statistics import median

from faults.rules.facts import Card, Sample

# Over a longer pause the power between two samples is a guess.
PAUSE = timedelta(minutes=16)
# A register sent in kWh with two digits may seem to step back by so much.
ROUNDING_WH = 10
LEAST_VI_W = 1000
LEAST_VI_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Meter:
    """What a meter says twice, Wh; `vi_gap` is (V·I - P) / P.

    `slack_wh` is how far the integral can be off, whether power is told of the instant or as the
    mean of the time before it.
    """

    register_wh: int | None = None
    integral_wh: int | None = None
    slack_wh: int | None = None
    step_wh: int | None = None
    is_backwards: bool = False
    vi_gap: float | None = None


def read(samples: Sequence[Sample], card: Card) -> Meter:
    """Return how the readings of one meter agree; samples in order."""
    rows = _without_zeros([one for one in samples if one.energy_wh is not None])
    registers = [one.energy_wh for one in rows if one.energy_wh is not None]
    steps = [later - before for before, later in itertools.pairwise(registers)]
    register_wh, integral_wh, slack_wh = _twice(rows)
    step = 0
    for one in steps:
        step = gcd(step, abs(one))
    return Meter(
        register_wh=register_wh,
        integral_wh=integral_wh,
        slack_wh=slack_wh,
        step_wh=step or None,
        is_backwards=any(one < -ROUNDING_WH for one in steps),
        vi_gap=_vi_gap(samples, card),
    )


def _without_zeros(rows: list[Sample]) -> list[Sample]:
    """Return the readings without zeros among larger ones: a value the meter did not give."""
    if sum(bool(one.energy_wh) for one in rows) < 2:
        return rows
    first = next(index for index, one in enumerate(rows) if one.energy_wh)
    return [one for index, one in enumerate(rows) if one.energy_wh or index < first]


def _twice(rows: Sequence[Sample]) -> tuple[int | None, int | None, int | None]:
    """Return register increments, the integral of power over the same time, its slack, Wh."""
    register, watt_seconds, slack, found = 0, 0.0, 0.0, False
    for before, later in itertools.pairwise(rows):
        passed = later.at - before.at
        if before.power_w is None or later.power_w is None or passed > PAUSE:
            continue
        assert before.energy_wh is not None, "rows are those with a register"
        assert later.energy_wh is not None, "rows are those with a register"
        found = True
        seconds = passed.total_seconds()
        register += later.energy_wh - before.energy_wh
        watt_seconds += (before.power_w + later.power_w) / 2 * seconds
        slack += abs(later.power_w - before.power_w) / 2 * seconds
    if not found:
        return None, None, None
    return register, round(watt_seconds / 3600), round(slack / 3600)


def _vi_gap(samples: Sequence[Sample], card: Card) -> float | None:
    gaps = []
    for one in samples:
        apparent = _apparent(one, card)
        if apparent is not None and one.power_w is not None and one.power_w >= LEAST_VI_W:
            gaps.append((apparent - one.power_w) / one.power_w)
    return median(gaps) if len(gaps) >= LEAST_VI_SAMPLES else None


def _apparent(sample: Sample, card: Card) -> float | None:
    """Return volt times ampere, VA.

    Where a station gives one current and one voltage of three phases, it does not say which: the
    reading that agrees best with its power is taken.
    """
    pairs = [
        (volts, amps)
        for volts, amps in zip(sample.phases_v, sample.phases_a, strict=True)
        if volts is not None and amps is not None
    ]
    flowing = sum(value is not None and value > 0 for value in sample.phases_a)
    if pairs and len(pairs) >= flowing and not card.is_dc:
        return sum(volts * amps for volts, amps in pairs)
    amps, volts = sample.current_a, sample.voltage_v
    if flowing and not card.is_dc:
        amps = sum(value or 0.0 for value in sample.phases_a)
    if amps is None or volts is None or not sample.power_w:
        return None
    if card.is_dc:
        return volts * amps
    readings = [volts * amps * factor for factor in (1.0, 1 / sqrt(3), sqrt(3), 3.0)]
    watts = sample.power_w
    return min(readings, key=lambda one: abs(one - watts))
