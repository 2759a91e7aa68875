"""How the sessions of each model and firmware of a trial fare, over the last seven days."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from faults.engine import inhibition
from faults.engine.fleet.posts import Post
from faults.engine.keeping import Place
from faults.engine.looking import Key, Memory
from faults.engine.memory import Held
from faults.rules import sessions_failing, wide
from faults.rules.facts import SessionOutcome
from faults.rules.wide import CohortSnapshot, Tally

WITHIN = timedelta(days=7)
DAY = timedelta(days=1)
Kind = tuple[int, str, str]


@dataclass(slots=True, eq=False)
class Cohort:
    """The stations of one operator, model and firmware, by day: tried and failed."""

    place: Place
    days: deque[tuple[datetime, dict[int, int], dict[int, int]]] = field(default_factory=deque)
    memories: dict[Key, Memory] = field(default_factory=dict)
    conditions: dict[Key, Held] = field(default_factory=dict)

    def tally(self, as_of: datetime) -> Tally:
        """Return the sessions of the last seven days, by station."""
        while self.days and self.days[0][0] < as_of - WITHIN:
            self.days.popleft()
        tried: dict[int, int] = defaultdict(int)
        failed: dict[int, int] = defaultdict(int)
        for _, counts, failures in self.days:
            for station, count in counts.items():
                tried[station] += count
            for station, count in failures.items():
                failed[station] += count
        return Tally(tried=dict(tried), failed=dict(failed))


@dataclass(slots=True)
class Cohorts:
    """Every cohort of a fleet."""

    by_kind: dict[Kind, Cohort] = field(default_factory=dict)
    _thresholds: sessions_failing.Thresholds = field(default_factory=sessions_failing.Thresholds)

    def count(self, post: Post, sessions: Sequence[SessionOutcome]) -> None:
        """Remember how sessions ended; without a firmware there is no cohort."""
        kind = _kind(post)
        if kind is None:
            return
        for one in sessions:
            verdict = sessions_failing.has_failed(one, self._thresholds)
            if verdict is not None:
                self._add(kind, post.id, one.ended_at, failed=verdict)

    def _add(self, kind: Kind, station_id: int, at: datetime, *, failed: bool) -> None:
        cohort = self.by_kind.get(kind)
        if cohort is None:
            key = wide.cohort_key(*kind)
            cohort = self.by_kind[kind] = Cohort(Place(kind[0], "cohort", key))
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if not cohort.days or cohort.days[-1][0] < day:
            cohort.days.append((day, {}, {}))
        _, tried, failures = cohort.days[-1]
        tried[station_id] = tried.get(station_id, 0) + 1
        if failed:
            failures[station_id] = failures.get(station_id, 0) + 1

    def snapshots(self, as_of: datetime) -> list[tuple[Cohort, CohortSnapshot]]:
        """Return every cohort beside its peers and the others."""
        tallies = {kind: cohort.tally(as_of) for kind, cohort in self.by_kind.items()}
        found = []
        for kind, cohort in self.by_kind.items():
            others = {one: tally for one, tally in tallies.items() if one != kind}
            mine = {one: tally for one, tally in others.items() if one[0] == kind[0]}
            peers = [tally for one, tally in mine.items() if one[1] == kind[1]]
            snapshot = CohortSnapshot(
                as_of=as_of,
                key=cohort.place.scope_key,
                model=kind[1],
                firmware=kind[2],
                cohort=tallies[kind],
                peers=_sum(peers),
                others=_sum(list(mine.values())),
            )
            found.append((cohort, snapshot))
        return found

    def explains(self, post: Post) -> dict[str, str]:
        """Return the condition of a station's cohort that explains, by code."""
        kind = _kind(post)
        cohort = self.by_kind.get(kind) if kind is not None else None
        return inhibition.wide_keys(cohort.conditions.values()) if cohort is not None else {}


def _kind(post: Post) -> Kind | None:
    if not post.card.model or not post.card.firmware:
        return None
    return post.operator_id, post.card.model, post.card.firmware


def _sum(tallies: list[Tally]) -> Tally:
    tried: dict[int, int] = defaultdict(int)
    failed: dict[int, int] = defaultdict(int)
    for tally in tallies:
        for station, count in tally.tried.items():
            tried[station] += count
        for station, count in tally.failed.items():
            failed[station] += count
    return Tally(tried=dict(tried), failed=dict(failed))
