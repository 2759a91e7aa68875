"""How far the voltage sinks for each ampere drawn: the impedance of the supply, ohm.

A loose terminal in the feed shows as volts lost under load. Voltage also drifts with the
neighbourhood, slowly: a straight drift over the session is taken out of the regression.
"""

from collections.abc import Sequence
from math import sqrt

from faults.rules.facts import Card, Sample

LEAST_SAMPLES = 20
LEAST_SPREAD_A = 8.0
MAINS_V = (120.0, 300.0)
# A slope that is not known to a third of itself, or to this many ohm, is noise.
WORST_SHARE, WORST_OHM = 1 / 3, 0.05
Point = tuple[float, float, float]


def impedance(samples: Sequence[Sample], card: Card) -> float | None:
    """Return the largest impedance of any phase; None of direct current, or where it is unsure."""
    if card.is_dc:
        return None
    series = [_of_phase(samples, phase) for phase in range(3)]
    if not any(series):
        series = [_of_whole(samples)]
    found = [value for points in series if (value := slope(points)) is not None]
    return max(found, default=None)


def extremes(samples: Sequence[Sample]) -> tuple[float | None, float | None]:
    """Return the lowest and highest phase voltage that at least two samples reach, V."""
    lows, highs = [], []
    for one in samples:
        said = [volts for volts in one.phases_v if volts is not None]
        if not said and one.voltage_v is not None:
            said = [one.voltage_v]
        if said:
            lows.append(min(said))
            highs.append(max(said))
    if len(lows) < 2:
        return None, None
    return sorted(lows)[1], sorted(highs)[-2]


def _of_phase(samples: Sequence[Sample], phase: int) -> list[Point]:
    return [
        (one.at.timestamp(), amps, volts)
        for one in samples
        if (amps := one.phases_a[phase]) is not None
        and (volts := one.phases_v[phase]) is not None
        and MAINS_V[0] < volts < MAINS_V[1]
    ]


def _of_whole(samples: Sequence[Sample]) -> list[Point]:
    return [
        (one.at.timestamp(), amps, one.voltage_v)
        for one in samples
        if one.voltage_v is not None
        and MAINS_V[0] < one.voltage_v < MAINS_V[1]
        and (amps := one.phases_a[0] if one.phases_a[0] is not None else one.current_a) is not None
    ]


def slope(points: Sequence[Point]) -> float | None:
    """Return -dV/dI of (seconds, A, V), a straight drift in time taken out, 0 at least."""
    count = len(points)
    if count < LEAST_SAMPLES:
        return None
    amps = [one[1] for one in points]
    if max(amps) - min(amps) < LEAST_SPREAD_A:
        return None
    time = _centred([one[0] for one in points])
    current = _free_of(_centred(amps), time)
    voltage = _free_of(_centred([one[2] for one in points]), time)
    spread = sum(one * one for one in current)
    if spread < count:
        # the current only followed the clock: drift and load cannot be told apart
        return None
    found = -sum(a * v for a, v in zip(current, voltage, strict=True)) / spread
    rest = sum((v + found * a) ** 2 for a, v in zip(current, voltage, strict=True))
    error = sqrt(rest / (count - 3) / spread)
    if error > max(WORST_OHM, WORST_SHARE * abs(found)):
        return None
    return max(found, 0.0)


def _centred(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values)
    return [one - mean for one in values]


def _free_of(values: Sequence[float], drift: Sequence[float]) -> list[float]:
    """Return values less their regression on a drift; both centred."""
    size = sum(one * one for one in drift)
    if size == 0:
        return list(values)
    share = sum(a * b for a, b in zip(values, drift, strict=True)) / size
    return [a - share * b for a, b in zip(values, drift, strict=True)]
