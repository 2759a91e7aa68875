"""Many worlds together: what was found of each row, how late, and what was told for nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.faults.judge import beyond, intervals, matching, others
from tests.bench.faults.judge.matching import Judged, Verdict
from tests.bench.faults.judge.rows import ROW_OF_CODE

Json = Mapping[str, Any]


@dataclass(slots=True)
class Part:
    """The judged troubles of a row or of a kind."""

    verdicts: list[Verdict] = field(default_factory=list)
    false: int = 0

    @property
    def found(self) -> list[Verdict]:
        """Return what was found."""
        return [one for one in self.verdicts if one.ticket is not None]

    @property
    def recall(self) -> tuple[int, int]:
        """Return how many were found, of how many."""
        return len(self.found), len(self.verdicts)

    @property
    def precision(self) -> tuple[int, int]:
        """Return how many tickets of this speak of something true, of how many."""
        true = len(self.found)
        return true, true + self.false

    def delays_h(self) -> list[float]:
        """Return the delays in hours, from when it began."""
        return [one.delay_s / 3600 for one in self.found if one.delay_s is not None]

    def delays_seen_s(self) -> list[float]:
        """Return the delays in seconds, from when it could first be seen."""
        return [
            one.ticket["opened"] - one.trouble["first_effect"]
            for one in self.found
            if one.ticket is not None and one.trouble["first_effect"] is not None
        ]

    def missed(self) -> list[float]:
        """Return how many visits there were before each was known."""
        return [float(one.missed) for one in self.found if one.missed is not None]

    def duplicates(self) -> float:
        """Return more tickets for each that was found."""
        return sum(one.duplicates for one in self.verdicts) / max(1, len(self.found))


@dataclass(slots=True)
class Sum:
    """All worlds of one kind."""

    by_row: dict[str, Part] = field(default_factory=lambda: defaultdict(Part))
    by_kind: dict[str, Part] = field(default_factory=lambda: defaultdict(Part))
    false: list[Json] = field(default_factory=list)
    false_by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    exposed: dict[str, float] = field(default_factory=dict)
    connector_days: float = 0.0
    not_judged: Counter[str] = field(default_factory=Counter)
    cpu_s: float = 0.0
    compared: others.Others = field(default_factory=dict)
    more: beyond.Beyond = field(default_factory=beyond.Beyond)
    facts: int = 0

    def false_rate(self, severities: Iterable[int] = (1, 2, 3, 4)) -> tuple[float, float, float]:
        """Return false tickets for 1000 connector-days, with the interval."""
        counts: Counter[str] = Counter()
        for severity in severities:
            counts.update(self.false_by[str(severity)])
        return intervals.rate_per_thousand(counts, self.exposed)


def add(total: Sum, result: Json) -> Judged:
    """Judge a world and add it."""
    bed = result["bed"]
    tickets = [_placed(one, result["truth"]) for one in result["tickets"]]
    truth = result["truth"]
    days, connectors = truth.get("days", bed["days"]), len(truth["rates"])
    judged = matching.judge(truth, tickets, days=days, connectors=connectors)
    for verdict in judged.verdicts:
        if not verdict.is_judged:
            total.not_judged[verdict.trouble["kind"]] += 1
            continue
        name = _row_of(verdict, result["truth"])
        total.by_row[name].verdicts.append(verdict)
        total.by_kind[verdict.trouble["kind"]].verdicts.append(verdict)
    for ticket in judged.false:
        total.false.append({**ticket, "seed": bed["seed"]})
        total.by_row[ROW_OF_CODE.get(ticket["code"], "other")].false += 1
        key = f"{bed['seed']}:{ticket['scope_key']}"
        total.false_by[str(ticket["severity"])][key] += 1
    _expose(total, result, judged.false)
    others.add(total.compared, result, judged)
    beyond.add(total.more, result, judged)
    total.connector_days += judged.connector_days
    total.cpu_s += result["cpu_s"]
    total.facts += result["facts"]
    return judged


def _expose(total: Sum, result: Json, false: Iterable[Json]) -> None:
    bed = result["bed"]
    days = result["truth"].get("days", bed["days"])
    for connector in result["truth"]["rates"]:
        total.exposed[f"{bed['seed']}:connector:{connector}"] = days
    for ticket in false:
        # what is wider than a connector is drawn as a place of its own, without days
        total.exposed.setdefault(f"{bed['seed']}:{ticket['scope_key']}", 0.0)


def _placed(ticket: Json, truth: Json) -> Json:
    """Return a ticket of a site with its stations, as far as troubles name them."""
    if ticket["scope"] != "site":
        return {"stations": [], **ticket}
    stations = truth["stations_of_site"].get(ticket["scope_key"].partition(":")[2], [])
    return {**ticket, "stations": stations}


def _row_of(verdict: Verdict, truth: Json) -> str:
    trouble = verdict.trouble
    row = str(trouble["row"])
    if row == "silent":
        rate = matching.daily_rate(truth, trouble)
        return "silent ≥ 3/d" if rate >= 3 else "silent 1–3/d" if rate >= 1 else "silent 0.3–1/d"
    if row in {"failing", "cable", "meter"}:
        return f"{row} {trouble['kind']}"
    return row
