"""Beyond found and false: who is blamed, what is named, when it is over, and whether it harmed."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stations.metering.tokens import token_word
from tests.bench.faults.judge.intervals import quantile, wilson
from tests.bench.faults.judge.matching import Judged, Verdict

Json = Mapping[str, Any]
# What an attribution means for the one who must act: a cable is part of the charger.
SIDES = {"charger": "charger", "cable": "charger", "vehicle": "vehicle", "user": "vehicle",
         "network": "network", "grid": "network", "payment": "payment"}  # fmt: skip
LEAST_FAILURES = 5
VEHICLE = "F39"
ENDS_SESSIONS = ("soft_reset", "hard_reset", "unlock")
FIRST_STATION = 1000


@dataclass(slots=True)
class Beyond:
    """All worlds of one kind; shares are (right, of)."""

    blamed: Counter[tuple[str, str]] = field(default_factory=Counter)
    vehicles: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    named: Counter[int] = field(default_factory=Counter)
    cleared_h: list[float] = field(default_factory=list)
    closed_early: int = 0
    still_open: int = 0
    safety: int = 0
    safety_cleared_alone: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    harm: Counter[str] = field(default_factory=Counter)


def add(total: Beyond, result: Json, judged: Judged) -> None:
    """Add one judged world."""
    truth = result["truth"]
    for verdict in judged.verdicts:
        if verdict.ticket is not None:
            _add_found(total, verdict, verdict.ticket)
    _add_vehicles(total, truth, result.get("conditions", ()))
    for one in result.get("conditions", ()):
        if one["severity"] == 1 and "was_seen_to" in one:
            total.safety += 1
            total.safety_cleared_alone += one["cleared"] is not None and not one["was_seen_to"]
    for step in result.get("steps", ()):
        total.steps[step["step"]] += 1
        total.harm[step["step"]] += _harms(step, truth)


def _add_found(total: Beyond, verdict: Verdict, ticket: Json) -> None:
    trouble = verdict.trouble
    side = SIDES.get(trouble["blame"])
    if side is not None:
        total.blamed[side, SIDES.get(ticket["attribution"], "unknown")] += 1
    codes = [ticket["code"], *[one for one in ticket["codes"] if one != ticket["code"]]]
    place = codes.index(trouble["code"]) if trouble["code"] in codes else -1
    total.named[place] += 1
    if ticket["closed"] is None:
        total.still_open += 1
    elif ticket["closed"] < trouble["end"]:
        total.closed_early += 1
    else:
        total.cleared_h.append((ticket["closed"] - trouble["end"]) / 3600)


def _add_vehicles(total: Beyond, truth: Json, conditions: Sequence[Json]) -> None:
    """Judge every token that failed at least five times: its car's fault, or not."""
    failures: Counter[str] = Counter()
    for tries in truth.get("tries_of", {}).values():
        failures.update(token for _, token, charged in tries if not charged)
    blamed = {
        token for one in conditions if one["code"] == VEHICLE for token in one.get("tokens", ())
    }
    sick = set(truth["sick"])
    for token, count in failures.items():
        if count >= LEAST_FAILURES:
            total.vehicles[token in sick, token_word(None, token) in blamed] += 1


def _harms(step: Json, truth: Json) -> bool:
    """Return whether a step came while somebody charged, whom it would have cut off."""
    if step["step"] not in ENDS_SESSIONS:
        return False
    connectors = _connectors(step, truth)
    return any(
        since < step["at"] < until
        for one in connectors
        for since, until in truth.get("charged", {}).get(one, ())
    )


def _connectors(step: Json, truth: Json) -> list[str]:
    """Return what a step touches: a plug, or all of a station; those are numbered in a row."""
    kind, _, number = step["scope_key"].partition(":")
    if step["step"] == "unlock":
        return [number] if kind == "connector" else []
    stations = sorted(int(one) for ids in truth["stations_of_site"].values() for one in ids)
    next_one = bisect_left(stations, int(step["station"]) + 1)
    first = int(step["station"]) - FIRST_STATION
    last = stations[next_one] - FIRST_STATION if next_one < len(stations) else 10**9
    return [one for one in truth["rates"] if first < int(one) <= last]


def lines(sim: Beyond) -> Iterator[str]:
    """Yield what is published of this."""
    right = sum(count for (true, said), count in sim.blamed.items() if true == said)
    unsaid = sum(count for (_, said), count in sim.blamed.items() if said == "unknown")
    of = sim.blamed.total()
    yield f"- Who must act (charger, vehicle, network or grid): {_share(right, of)} of {of} found"
    yield f"  right, {unsaid} not said, {of - right - unsaid} wrong"
    hits = sim.vehicles[True, True] + sim.vehicles[False, False]
    judged = sim.vehicles.total()
    yield (
        f"- Vehicle or charger (F39), of {judged} tokens with at least {LEAST_FAILURES} failures: "
        f"{_share(hits, judged)} right, target 90 %; of {_sick(sim)} sick vehicles "
        f"{sim.vehicles[True, True]} named, of the others {sim.vehicles[False, True]} blamed"
    )
    named = sim.named.total()
    top_3 = sim.named[0] + sim.named[1] + sim.named[2]
    yield f"- Root cause by code: first {_share(sim.named[0], named)},"
    yield f"  among three {_share(top_3, named)}"
    median, p90 = quantile(sim.cleared_h, 0.5), quantile(sim.cleared_h, 0.9)
    yield (
        f"- From repair to the ticket's end: median {_hours(median)}, p90 {_hours(p90)} "
        f"({len(sim.cleared_h)} tickets; {sim.closed_early} ended before the repair, "
        f"{sim.still_open} still open as the world ended)"
    )
    yield (
        f"- Safety (S1) that ended without a person: {sim.safety_cleared_alone} of "
        f"{sim.safety} conditions, target 0"
    )
    steps = ", ".join(f"{name} {count}" for name, count in sim.steps.most_common()) or "none"
    yield f"- Harm, steps while a car that charged was at the plug: {_harm(sim)}; all steps:"
    yield f"  {steps}"


def _harm(sim: Beyond) -> str:
    return ", ".join(f"{name} {sim.harm[name]} of {sim.steps[name]}" for name in ENDS_SESSIONS)


def _sick(sim: Beyond) -> int:
    return sim.vehicles[True, True] + sim.vehicles[True, False]


def _share(hits: int, of: int) -> str:
    if not of:
        return "–"
    low, high = wilson(hits, of)
    return f"{100 * hits / of:.1f} % ({100 * low:.0f}–{100 * high:.0f})"


def _hours(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} h"
