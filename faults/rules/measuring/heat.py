"""How warm a plug grows for the current it carries: θ, kelvin per ampere squared.

A bad contact warms the plug by I²R; θ is R as far as heat shows it, whatever the weather and the
vehicle. Warmth follows current with a first-order delay, so a session that ramps or tapers is
read as well as one of constant current, where this is (T - T_ambient) / (I²·(1 - e^(-t/τ))).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from statistics import median

from faults.rules.facts import Card, Sample

IDLE_A = 2.0
DC_A, DC_V, SHARE_OF_RATED = 80.0, 400.0, 0.6
PHASE_V, ONE_PHASE_W = 230.0, 7500
LEAST_AT_CURRENT = timedelta(minutes=6)
# Under this a rise is the step of the sensor, not heat.
LEAST_RISE_K = 2.0
AMBIENT_C = (-45.0, 55.0)
# A pause in the samples after which nobody knows how much current flowed, if it changed.
PAUSE = timedelta(minutes=3)
ALIKE = 0.2
PAIR_A = 100.0


@dataclass(frozen=True, slots=True)
class Heat:
    """What the temperatures of one session say; °C, K and K/A²."""

    theta: float | None = None
    hottest_c: float | None = None
    coolest_c: float | None = None
    ambient_c: float | None = None
    pair_gap_k: float | None = None


def read(
    samples: Sequence[Sample], card: Card, *, ambient_c: float | None, lasts: timedelta
) -> Heat:
    """Return the heat of one session; samples in order."""
    warm = [(one, warmest(one)) for one in samples]
    known = [value for _, value in warm if value is not None]
    if not known:
        return Heat(pair_gap_k=_pair_gap(samples))
    ambient = _ambient(samples, card, ambient_c)
    return Heat(
        theta=_theta(samples, card, ambient, lasts),
        hottest_c=max(known),
        coolest_c=min(known),
        ambient_c=ambient,
        pair_gap_k=_pair_gap(samples),
    )


def warmest(sample: Sample) -> float | None:
    """Return the warmer of the two contacts of a plug."""
    values = [one for one in (sample.cable_c, sample.pair_c) if one is not None]
    return max(values, default=None)


def current_of(sample: Sample, card: Card) -> float | None:
    """Return the current through the most loaded pin, A."""
    phases = [one for one in sample.phases_a if one is not None]
    if phases and not card.is_dc:
        return max(phases)
    if sample.current_a is not None:
        return sample.current_a
    if phases:
        return max(phases)
    if sample.power_w is not None and sample.voltage_v is not None and sample.voltage_v > 100:
        pins = 1 if card.is_dc or (card.max_power_w or 0) <= ONE_PHASE_W else 3
        return sample.power_w / sample.voltage_v / pins
    return None


def heating_current(card: Card) -> float:
    """Return the current from which a plug warms enough to be judged, A."""
    rated_w = card.max_power_w
    if card.is_dc:
        rated_a = rated_w / DC_V if rated_w else DC_A / SHARE_OF_RATED
        return min(DC_A, SHARE_OF_RATED * rated_a)
    if not rated_w:
        return SHARE_OF_RATED * 16.0
    pins = 1 if rated_w <= ONE_PHASE_W else 3
    return SHARE_OF_RATED * rated_w / (pins * PHASE_V)


def _ambient(samples: Sequence[Sample], card: Card, before: float | None) -> float | None:
    """Return the temperature around: told, or idle at the start, or the first reading."""
    if before is not None:
        value: float | None = before
    else:
        idle = []
        for one in samples:
            if (current_of(one, card) or 0.0) >= IDLE_A or (one.power_w or 0) >= IDLE_A * PHASE_V:
                break
            if one.cable_c is not None:
                idle.append(one.cable_c)
        first = next((one.cable_c for one in samples if one.cable_c is not None), None)
        value = median(idle) if idle else first
    if value is None or not AMBIENT_C[0] <= value <= AMBIENT_C[1]:
        return None
    return value


def _theta(
    samples: Sequence[Sample], card: Card, ambient: float | None, lasts: timedelta
) -> float | None:
    if ambient is None:
        return None
    samples, currents = _with_currents(samples, card)
    enough = heating_current(card)
    loads = _loads(samples, currents, lasts)
    if _time_at(samples, currents, loads, enough) < LEAST_AT_CURRENT:
        return None
    most = max((load for load in loads if load is not None), default=0.0)
    ratios, rises = [], []
    for one, load, amps in zip(samples, loads, currents, strict=True):
        value = warmest(one)
        if load is None or value is None or amps is None or amps < enough or load < most / 2:
            continue
        ratios.append((value - ambient) / load)
        rises.append(value - ambient)
    if not ratios or median(rises) < LEAST_RISE_K:
        return None
    return median(ratios)


def _with_currents(
    samples: Sequence[Sample], card: Card
) -> tuple[list[Sample], list[float | None]]:
    """Return the samples that tell heat or current, and a current for each.

    A temperature told alone, as sensors of 2.x stations tell it, lies between two currents.
    """
    kept = [(one, current_of(one, card)) for one in samples]
    kept = [(one, amps) for one, amps in kept if amps is not None or warmest(one) is not None]
    told = [(one.at, amps) for one, amps in kept if amps is not None]
    currents: list[float | None] = []
    later = 0
    for one, amps in kept:
        while later < len(told) and told[later][0] < one.at:
            later += 1
        currents.append(amps if amps is not None else _between(told, later, one.at))
    return [one for one, _ in kept], currents


def _between(told: Sequence[tuple[datetime, float]], later: int, at: datetime) -> float | None:
    if later == 0 or later == len(told):
        near = told[:1] if later == 0 else told[-1:]
        return near[0][1] if near and abs(near[0][0] - at) <= PAUSE / 2 else None
    (before_at, before), (after_at, after) = told[later - 1], told[later]
    share = (at - before_at) / (after_at - before_at)
    return before + share * (after - before)


def _time_at(
    samples: Sequence[Sample],
    currents: Sequence[float | None],
    loads: Sequence[float | None],
    enough: float,
) -> timedelta:
    total = timedelta(0)
    for index in range(1, len(samples)):
        ends = (currents[index - 1], currents[index])
        is_known = loads[index] is not None
        if is_known and all(one is not None and one >= enough for one in ends):
            total += samples[index].at - samples[index - 1].at
    return total


def _loads(
    samples: Sequence[Sample], currents: Sequence[float | None], lasts: timedelta
) -> list[float | None]:
    """Return I² as the plug feels it, A²: delayed by τ; None while nobody knows."""
    load: float | None = 0.0
    doubtful = timedelta(0)
    loads: list[float | None] = []
    for index, one in enumerate(samples):
        if index:
            passed = one.at - samples[index - 1].at
            before, now = currents[index - 1], currents[index]
            is_told = before is not None and now is not None
            if not is_told or (passed > PAUSE and not _is_alike(before or 0.0, now or 0.0)):
                doubtful = 3 * lasts
            else:
                doubtful = max(timedelta(0), doubtful - passed)
            faded = exp(-passed / lasts)
            squares = (before or 0.0) ** 2, (now or 0.0) ** 2
            load = (load or 0.0) * faded + sum(squares) / 2 * (1 - faded)
        loads.append(load if load and not doubtful else None)
    return loads


def _is_alike(first: float, second: float) -> bool:
    return abs(first - second) <= ALIKE * max(first, second)


def _pair_gap(samples: Sequence[Sample]) -> float | None:
    """Return the gap between the two contacts that at least two samples reach, K."""
    gaps = sorted(
        abs(one.cable_c - one.pair_c)
        for one in samples
        if one.cable_c is not None and one.pair_c is not None and (one.current_a or 0) > PAIR_A
    )
    return gaps[-2] if len(gaps) >= 2 else None
