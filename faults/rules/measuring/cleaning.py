"""Samples as far as they are possible: in order, one an instant, without glitches."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from faults.rules.facts import Sample

# No cable, cabinet or weather is outside of these, in °C; a broken sensor says 200, 255 or -273.
COLDEST_C, HOTTEST_C = -55.0, 150.0
# The largest charger there is gives 4 MW at 1,500 V; vehicles may also give back.
MOST_A, MOST_V, MOST_W = 4000.0, 1600.0, 4_000_000
MOST_PHASE_V = 400.0
# A cable cannot jump so far and come back between three samples: its sensor can.
GLITCH_K = 20.0
GLITCH_WITHIN = timedelta(minutes=3)
NAMES = tuple(field.name for field in fields(Sample) if field.name != "at")
Triple = tuple[float | None, float | None, float | None]
NO_PHASES: Triple = (None, None, None)


def cleaned(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples in order of time, merged where they share an instant, made possible."""
    merged: dict[object, Sample] = {}
    for sample in sorted(samples, key=lambda one: one.at):
        before = merged.get(sample.at)
        merged[sample.at] = sample if before is None else _merged(before, sample)
    kept = [_possible(sample) for sample in merged.values()]
    for name in ("cable_c", "pair_c", "body_c"):
        kept = _without_glitches(kept, name)
    return kept


def _merged(first: Sample, second: Sample) -> Sample:
    """Return two samples of one instant as one: some stations send each measurand alone."""
    filled: dict[str, Any] = {}
    for name in NAMES:
        mine, other = getattr(first, name), getattr(second, name)
        if name in {"phases_a", "phases_v"}:
            pairs = zip(mine, other, strict=True)
            filled[name] = tuple(a if a is not None else b for a, b in pairs)
        else:
            filled[name] = mine if mine is not None else other
    return Sample(at=first.at, **filled)


def _possible(sample: Sample) -> Sample:
    changed = {
        name: possible
        for name, check in CHECKS.items()
        if (value := getattr(sample, name)) is not None and (possible := check(value)) is not value
    }
    return replace(sample, **changed) if changed else sample


def _between(least: float, most: float) -> Callable[[Any], Any]:
    def check(value: float) -> float | None:
        return value if least <= value <= most else None

    return check


def _three(most: float) -> Callable[[Any], Any]:
    check = _between(0, most)

    def check_each(values: Triple) -> Triple:
        if values == NO_PHASES:
            return values
        first, second, third = (None if one is None else check(one) for one in values)
        found = first, second, third
        return values if found == values else found

    return check_each


def _register(value: int) -> int | None:
    return value if value >= 0 else None


_POWER, _WARMTH = _between(0, MOST_W), _between(COLDEST_C, HOTTEST_C)
CHECKS: dict[str, Callable[[Any], Any]] = {
    "energy_wh": _register,
    "power_w": _POWER,
    "power_offered_w": _POWER,
    "current_a": _between(0, MOST_A),
    "phases_a": _three(MOST_A),
    "current_offered_a": _between(0, MOST_A),
    "voltage_v": _between(0, MOST_V),
    "phases_v": _three(MOST_PHASE_V),
    "soc_percent": _between(0, 100),
    "cable_c": _WARMTH,
    "pair_c": _WARMTH,
    "body_c": _WARMTH,
}


def _without_glitches(samples: list[Sample], name: str) -> list[Sample]:
    """Return the samples without temperatures that leave their neighbours and come back."""
    at = [index for index, one in enumerate(samples) if getattr(one, name) is not None]
    dropped = set()
    for before, here, after in zip(at, at[1:], at[2:], strict=False):
        if samples[after].at - samples[before].at > 2 * GLITCH_WITHIN or before in dropped:
            continue
        value = getattr(samples[here], name)
        rises = [value - getattr(samples[other], name) for other in (before, after)]
        if min(rises) > GLITCH_K or max(rises) < -GLITCH_K:
            dropped.add(here)
    if not dropped:
        return samples
    nothing: dict[str, Any] = {name: None}
    return [
        replace(one, **nothing) if index in dropped else one for index, one in enumerate(samples)
    ]
