"""Who comes when and wants what: a pure function of seed, station, connector and pace."""

import dataclasses
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec

HOUR_S = 3600.0
WEEK_H = 168
# Without demand nobody comes by himself; who is sent for still is somebody.
NEVER_S = 1e12
# Share of the day's arrivals per local hour; working days commute and shop, weekends rise late.
WORKDAY = (
    15, 10, 8, 8, 10, 25, 60, 110, 140, 130, 130, 140,
    150, 140, 140, 160, 180, 190, 170, 140, 100, 70, 45, 25,
)  # fmt: skip
WEEKEND = (
    20, 15, 10, 8, 8, 10, 20, 45, 80, 120, 150, 165,
    170, 165, 160, 155, 150, 140, 120, 95, 75, 55, 40, 28,
)  # fmt: skip
_WEEK = WORKDAY * 5 + WEEKEND * 2
_MEAN = sum(_WEEK) / WEEK_H
PROFILE = tuple(weight / _MEAN for weight in _WEEK)
PEAK = max(PROFILE)

VISITS_PER_DAY = {"AC": 3.0, "DC": 8.0}
ENERGY_WH = {"AC": 12_000.0, "DC": 25_000.0}
SPREAD = {"AC": 0.75, "DC": 0.55}
IDLE_S = {"AC": 1_800.0, "DC": 360.0}
FAIL_SHARE = 0.04
WARM_SHARE = 0.35
# What a network counts as a failed session: under 0.5 kWh or 2 minutes. A good one stays above.
FLOOR_WH = 600.0
FLOOR_S = 130.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How the world is shortened. `floor_s` is the shortest good session; 0 allows any."""

    speed: float = 1.0
    demand: float = 1.0
    floor_s: float = FLOOR_S
    hour_of_week: float = 31.0
    warm: bool = False

    def shorter(self, seconds: float) -> float:
        """Return how long a person's handling takes: at most ten times shorter in a demo."""
        return seconds / max(1.0, min(self.speed, 10.0 if self.floor_s else 1000.0))


@dataclass(frozen=True, slots=True)
class Visit:
    """One driver's stay. Times in wall seconds, `arrives_s` since the start of the run."""

    arrives_s: float
    token: TokenSpec
    energy_wh: float
    car_limit_w: float
    car_phases: int
    battery_wh: float
    soc: float
    plug_s: float
    idle_s: float
    leave_reason: str
    fail_after_s: float | None = None
    fail_reason: str = "Other"
    stuck: bool = False


def visits(
    seed: int, station: StationSpec, connector: ConnectorSpec, pace: Pace
) -> Iterator[Visit]:
    """Yield the visits of one connector for ever, in order of arrival."""
    rng = random.Random(f"{seed}/{station.identity}/{connector.number}/visits")
    if pace.warm:
        early = random.Random(f"{seed}/{station.identity}/{connector.number}/warm")
        if early.random() < WARM_SHARE:
            visit = _visit(early, early.uniform(0.5, 8.0), station, connector, pace)
            yield _half_done(visit, early.random(), connector, pace)
    for arrives_s in _arrivals(rng, VISITS_PER_DAY[connector.current], pace):
        yield _visit(rng, arrives_s, station, connector, pace)


def _arrivals(rng: random.Random, per_day: float, pace: Pace) -> Iterator[float]:
    """Yield arrival times in wall seconds: a Poisson process thinned by the hour of the week."""
    top = per_day * pace.demand * PEAK / (24 * HOUR_S)
    while top <= 0:
        yield NEVER_S
    at_s = 0.0
    while True:
        at_s += rng.expovariate(top)
        hour = int(pace.hour_of_week + at_s / HOUR_S) % WEEK_H
        if rng.random() * PEAK < PROFILE[hour]:
            yield at_s / pace.speed


def _visit(
    rng: random.Random,
    arrives_s: float,
    station: StationSpec,
    connector: ConnectorSpec,
    pace: Pace,
) -> Visit:
    car_w, phases = _car(rng, connector)
    battery_wh = rng.choice((40_000, 58_000, 64_000, 77_000, 82_000, 95_000))
    soc = rng.triangular(8, 80, 30) if connector.current == "AC" else rng.triangular(6, 55, 18)
    wish_wh = min(_need(rng, connector.current), (0.97 - soc / 100) * battery_wh)
    energy_wh = _shortened(wish_wh, min(car_w, connector.max_power_w), pace)
    fails = rng.random() < FAIL_SHARE
    fail_after_s = rng.uniform(15, 90) if pace.floor_s else rng.uniform(1, 3)
    return Visit(
        arrives_s=arrives_s,
        token=rng.choice(station.tokens),
        energy_wh=energy_wh,
        car_limit_w=car_w,
        car_phases=phases,
        battery_wh=float(battery_wh),
        soc=soc,
        plug_s=pace.shorter(rng.uniform(4, 15)),
        idle_s=max(2.0 / min(pace.speed, 20.0), rng.expovariate(1 / _idle(connector, pace))),
        leave_reason=rng.choice(("EVDisconnected", "EVDisconnected", "Local")),
        fail_after_s=fail_after_s if fails else None,
        fail_reason=rng.choice(("Other", "EVDisconnected", "EVCommunicationLost")),
    )


def _half_done(visit: Visit, left: float, connector: ConnectorSpec, pace: Pace) -> Visit:
    """Return a visit with only a part still to come, so that not all end at one time."""
    strongest_w = min(visit.car_limit_w, connector.max_power_w)
    wish_wh = visit.energy_wh * left * pace.speed
    energy_wh = _shortened(wish_wh, strongest_w, pace)
    return dataclasses.replace(visit, energy_wh=energy_wh, idle_s=visit.idle_s * left)


def _car(rng: random.Random, connector: ConnectorSpec) -> tuple[float, int]:
    if connector.current == "DC":
        return rng.choice((50_000.0, 100_000.0, 125_000.0, 170_000.0, 220_000.0)), 3
    phases = min(connector.phases, rng.choice((1, 1, 3, 3, 3)))
    limit_w = (
        rng.choice((3_700.0, 7_400.0, 7_400.0))
        if phases == 1
        else rng.choice((11_000.0, 22_000.0))
    )
    return limit_w, phases


def _need(rng: random.Random, current: str) -> float:
    spread = SPREAD[current]
    mu = math.log(ENERGY_WH[current]) - spread * spread / 2
    return min(max(rng.lognormvariate(mu, spread), 1_500.0), 85_000.0)


def _idle(connector: ConnectorSpec, pace: Pace) -> float:
    return IDLE_S[connector.current] / pace.speed


def _shortened(wish_wh: float, power_w: float, pace: Pace) -> float:
    """Shorten a session by taking less energy, never by pretending more power."""
    wanted = wish_wh / pace.speed
    if not pace.floor_s:
        return wanted
    return max(wanted, FLOOR_WH, power_w * pace.floor_s / HOUR_S)


def with_token(visit: Visit, token: TokenSpec) -> Visit:
    """Return the same stay by another driver, who has come already."""
    return dataclasses.replace(visit, token=token)
