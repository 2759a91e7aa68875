"""When a station has no line or no power: by trouble, and in the ordinary course of things."""

from collections.abc import Iterator
from random import Random

from tests.bench.faults.world.line import Gap
from tests.bench.faults.world.places import Station
from tests.bench.faults.world.scenario import Trouble

DAY = 86_400.0
# A day, a station: how often the line breaks for seconds, for minutes, for most of an hour.
BLINKS, BREAKS, LONG_BREAKS, REBOOTS = 0.25, 0.05, 0.02, 0.02


def gaps_of(
    rng: Random, station: Station, troubles: list[Trouble], ours: list[Gap], *, days: int
) -> list[Gap]:
    """Return all outages of a station; `ours` are those of our own servers."""
    wrong = [gap for trouble in troubles for gap in _of_trouble(rng, trouble)]
    restarts = [Gap(one.begin, one.end + rng.uniform(0, 60), "line") for one in ours]
    usual = [gap for gap in (*_usual(rng, days), *restarts) if not _spoils(gap, troubles)]
    return wrong + usual


def _spoils(gap: Gap, troubles: list[Trouble]) -> bool:
    """Return whether a usual outage would blur a trouble of the line, or a boot any trouble."""
    return any(
        one.onset - 7200 <= gap.begin <= one.end + 7200
        for one in troubles
        if gap.why == "boot" or _is_of_line(one)
    )


def our_own(rng: Random, days: int) -> list[Gap]:
    """Return when our servers were restarted: every station is gone for a moment."""
    count = days // 20 + (rng.random() < 0.5)
    starts = sorted(rng.uniform(0.1, 0.95) * days * DAY for _ in range(count))
    return [Gap(start, start + rng.uniform(20, 200), "line") for start in starts]


def _is_of_line(trouble: Trouble) -> bool:
    return trouble.kind.row == "link" or trouble.kind.name in {"boot_loop", "weak_link"}


def _usual(rng: Random, days: int) -> Iterator[Gap]:
    for rate, low, high, why in (
        (BLINKS, 4.0, 90.0, "line"),
        (BREAKS, 120.0, 840.0, "line"),
        (LONG_BREAKS, 900.0, 3000.0, "line"),
        (REBOOTS, 40.0, 140.0, "boot"),
    ):
        for _ in range(_poisson(rng, rate * days)):
            begin = rng.uniform(600, days * DAY)
            reason = rng.choice(("PowerUp", "Watchdog", "ApplicationReset"))
            yield Gap(begin, begin + rng.uniform(low, high), why, reason)


def _of_trouble(rng: Random, trouble: Trouble) -> Iterator[Gap]:
    name, onset, end = trouble.kind.name, trouble.onset, trouble.end
    if name in {"offline", "site_network", "mobile_network"}:
        begin = onset + rng.uniform(0, 5 if name == "offline" else 100)
        trouble.shows(begin)
        yield Gap(begin, end + rng.uniform(0, 60), "line")
    elif name == "site_power":
        trouble.shows(onset)
        yield Gap(onset + rng.uniform(0, 3), end + rng.uniform(0, 120), "power", "PowerUp")
    elif name in {"boot_loop", "weak_link"}:
        at, is_boot = onset, name == "boot_loop"
        while at < end:
            trouble.shows(at)
            lasts = rng.uniform(30, 70) if is_boot else rng.uniform(8, 45)
            why, reason = ("boot", "Watchdog") if is_boot else ("line", "")
            yield Gap(at, at + lasts, why, reason)
            at += max(lasts + 20, trouble.values["every_s"] * rng.uniform(0.6, 1.4))


def _poisson(rng: Random, mean: float) -> int:
    count, left = 0, rng.expovariate(1.0)
    while left < mean:
        count += 1
        left += rng.expovariate(1.0)
    return count
