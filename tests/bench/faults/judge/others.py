"""What the baselines made of the same worlds; judged kindly, for they name no family of faults."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.faults.judge.intervals import quantile, wilson
from tests.bench.faults.judge.matching import Judged, is_near

Json = Mapping[str, Any]
# Told apart so that both lengths can be seen; the longer one is counted.
LEFT_OUT = "silent_7d"


@dataclass(slots=True)
class Other:
    """One baseline over all worlds of a kind."""

    found: int = 0
    of: int = 0
    told: int = 0
    false: Counter[str] = field(default_factory=Counter)
    delays_h: list[float] = field(default_factory=list)


Others = dict[str, Other]


def add(others: Others, result: Json, judged: Judged) -> None:
    """Judge the baselines of a world: any ticket near anything wrong is a true one."""
    for name, tickets in result["baselines"].items():
        other = others.setdefault(name, Other())
        counted = [one for one in tickets if one["word"] != LEFT_OUT]
        by_place: dict[str, list[Json]] = defaultdict(list)
        for one in counted:
            by_place[one["scope_key"]].append(one)
        other.told += len(counted)
        troubles = [verdict.trouble for verdict in judged.verdicts]
        for one in counted:
            if not any(is_near(trouble, one) for trouble in troubles):
                other.false[one["word"]] += 1
        for verdict in judged.verdicts:
            if verdict.is_judged:
                _find(other, verdict.trouble, by_place)


def _find(other: Other, trouble: Json, by_place: Mapping[str, list[Json]]) -> None:
    keys = [f"connector:{one}" for one in trouble["connectors"]]
    keys += [f"station:{one}" for one in trouble["stations"]]
    hits = [
        one["opened"] for key in keys for one in by_place.get(key, ()) if is_near(trouble, one)
    ]
    other.of += 1
    if hits:
        other.found += 1
        other.delays_h.append((min(hits) - trouble["onset"]) / 3600)


def lines(sim: Others, clean: Others, sim_days: float, clean_days: float) -> Iterator[str]:
    """Yield a line for each baseline."""
    yield "| Baseline | anything told of (95 %) | median delay h | false for 1000, SIM | CLEAN |"
    yield "|---|---|---|---|---|"
    for name, other in sorted(sim.items()):
        low, high = wilson(other.found, other.of)
        share = 100 * other.found / max(other.of, 1)
        delay = quantile(other.delays_h, 0.5)
        clean_one = clean.get(name, Other())
        quiet = 1000 * clean_one.false.total() / clean_days if clean_days else None
        yield (
            f"| {name} | {share:.1f} % ({100 * low:.0f}–{100 * high:.0f}) of {other.of} "
            f"| {'–' if delay is None else f'{delay:.1f}'} "
            f"| {1000 * other.false.total() / max(sim_days, 1):.1f} "
            f"| {'not run' if quiet is None else f'{quiet:.1f}'} |"
        )
