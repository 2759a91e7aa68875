"""Conditions and tickets kept in memory: what a trial runs on, and a command without a store."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from faults.engine import grouping
from faults.engine.grouping import Finding
from faults.engine.keeping import (
    CLEARED,
    FIRING,
    PENDING,
    REVIVE_WITHIN,
    Place,
    Work,
)
from faults.engine.looking import Key, Memory
from faults.rules.protocol import Firing, Rule
from faults.rules.vocabulary.meaning import SAFETY

# What cleared longer ago than it can come back is forgotten at every so many new ones.
FORGET_EVERY = 256


class Memories(dict[Key, Memory]):
    """What the rules of one station remember; `checks`: when they want to be asked again."""

    def __init__(self) -> None:
        super().__init__()
        self.checks: dict[Key, datetime] = {}

    def take(self, changed: Mapping[Key, Memory]) -> None:
        """Remember what rules said."""
        self.update(changed)
        for key, memory in changed.items():
            self.checks.pop(key, None)
            if memory.check_at is not None:
                self.checks[key] = memory.check_at


@dataclass(slots=True, eq=False, kw_only=True)
class Job:
    """A trial ticket: one for a scope and a family of faults."""

    number: int
    place: Place
    family: str
    code: str
    severity: int
    opened_at: datetime
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    # Which wider ticket took this one over, by number.
    duplicate_of: int | None = None

    @property
    def is_open(self) -> bool:
        """Return whether a person still has it before them."""
        return self.closed_at is None


@dataclass(slots=True, eq=False, kw_only=True)
class Held:
    """One condition in memory; the fields are those of a Fault row."""

    code: str
    family: str
    place: Place
    scope: str
    scope_key: str
    severity: int
    state: str = PENDING
    attribution: str = "unknown"
    began_at: datetime
    opened_at: datetime | None = None
    cleared_at: datetime | None = None
    last_seen_at: datetime
    reopened: int = 0
    check_at: datetime | None = None
    inhibited_by: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    job: Job | None = None
    # When a driver could not charge there; the last without an end while it goes on.
    downs: list[tuple[datetime, datetime | None]] = field(default_factory=list)


@dataclass(slots=True)
class Shelf:
    """The keeper of trials: every condition that fired, and the tickets they made."""

    fired: list[Held] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    # What held, and was over, before anybody had heard: code, scope key, since, until.
    unheard: list[tuple[str, str, datetime, datetime]] = field(default_factory=list)
    _cleared: dict[tuple[str, str], Held] = field(default_factory=dict)
    _newest: dict[tuple[str, str], Job] = field(default_factory=dict)
    _of_job: dict[int, set[Held]] = field(default_factory=dict)

    def watch(self, rule: Rule, place: Place, result: Firing, as_of: datetime) -> Held:
        """Return a new pending condition."""
        return Held(
            code=rule.code,
            family=rule.family,
            place=place,
            scope=place.scope,
            scope_key=place.scope_key,
            severity=result.severity,
            # a station's clock may run ahead of ours by a minute
            began_at=min(result.began_at, as_of),
            last_seen_at=result.seen_at,
        )

    def last_time(self, condition: Held) -> Held | None:
        """Return the same condition as it was cleared within a day before it began."""
        before = self._cleared.get((condition.code, condition.scope_key))
        if before is None or before.cleared_at is None:
            return None
        is_recent = before.cleared_at >= condition.began_at - REVIVE_WITHIN
        return before if is_recent else None

    def keep(self, condition: Held) -> None:
        """Do nothing: a condition is its own record."""

    def drop(self, condition: Held) -> None:
        """Do nothing: nobody else holds what never fired."""

    def work_of(self, condition: Held) -> Work | None:
        """Return the ticket of a condition as the engine sees it."""
        job = condition.job
        if job is None:
            return None
        if self._is_covered(job):
            return Work(job.severity, "dismissed")
        if job.closed_at is not None:
            return Work(job.severity, "closed", job.resolved_at)
        return Work(job.severity, "resolved" if job.resolved_at else "open", job.resolved_at)

    def opened(self, condition: Held) -> None:
        """Keep a condition that fires; one that came back is kept already."""
        self._cleared.pop((condition.code, condition.scope_key), None)
        if not condition.reopened:
            self.fired.append(condition)
            if len(self.fired) % FORGET_EVERY == 0 and condition.opened_at is not None:
                self._forget(condition.opened_at)

    def hand_over(self, rule: Rule, condition: Held, as_of: datetime) -> None:
        """Open the ticket of a scope and family, or join, reopen or raise the one there is.

        Several connectors of a station at once are one incident, and one ticket.
        """
        key = (self._scope_key(condition), rule.family)
        job = self._newest.get(key)
        if job is None or (job.closed_at and job.closed_at < as_of - REVIVE_WITHIN):
            job = self._open(key, condition, as_of)
        if job.closed_at is not None or job.resolved_at is not None:
            job.closed_at = job.resolved_at = job.duplicate_of = None
            job.reopened += 1
        if condition.severity < job.severity:
            job.severity, job.code = condition.severity, condition.code
        before, condition.job = condition.job, job
        self._of_job.setdefault(job.number, set()).add(condition)
        if before is not None and before is not job:
            self._of_job.get(before.number, set()).discard(condition)
            self._close_if_proven(before, as_of)

    def over(self, condition: Held, as_of: datetime) -> None:
        """Do nothing: the condition's own evidence says that it ended."""

    def cleared(self, condition: Held, as_of: datetime) -> None:
        """Let the ticket follow: it closes with the last of its conditions."""
        self._cleared[condition.code, condition.scope_key] = condition
        if condition.job is not None:
            self._close_if_proven(condition.job, as_of)

    def down(self, condition: Held, since: datetime, as_of: datetime) -> None:  # noqa: ARG002
        """Note since when a driver cannot charge there."""
        if not condition.downs or condition.downs[-1][1] is not None:
            earliest = condition.downs[-1][1] if condition.downs else None
            condition.downs.append((max(since, earliest or since), None))

    def up(self, condition: Held, since: datetime) -> None:
        """Note that a driver can."""
        if condition.downs and condition.downs[-1][1] is None:
            began = condition.downs[-1][0]
            condition.downs[-1] = (began, max(since, began))

    def missed(self, rule: Rule, place: Place, since: datetime, until: datetime) -> None:
        """Note that a driver could not, which nobody knew while it was so."""
        self.unheard.append((rule.code, place.scope_key, since, until))

    def resolve(self, job: Job, as_of: datetime) -> None:
        """Say that a person has mended what a ticket is about; safety clears only after this."""
        if job.closed_at is None and job.resolved_at is None:
            job.resolved_at = as_of
            self._close_if_proven(job, as_of)

    def join(self, job: Job, wider: Job, as_of: datetime) -> None:
        """Close a ticket because a wider one speaks of the same thing; nothing explains danger."""
        if job.closed_at is None and job is not wider and job.severity > SAFETY:
            job.closed_at, job.duplicate_of = as_of, wider.number

    def conditions_of(self, job: Job) -> Iterator[Held]:
        """Yield the conditions of a ticket that hold."""
        yield from (one for one in self._of_job.get(job.number, ()) if one.state == FIRING)

    def open_jobs(self, scope_keys: Iterable[str]) -> list[Job]:
        """Return the open tickets of some places."""
        wanted = set(scope_keys)
        return [job for (key, _), job in self._newest.items() if key in wanted and job.is_open]

    def _open(self, key: tuple[str, str], condition: Held, as_of: datetime) -> Job:
        job = Job(
            number=len(self.jobs) + 1,
            place=condition.place,
            family=key[1],
            code=condition.code,
            severity=condition.severity,
            opened_at=as_of,
        )
        self._newest[key] = job
        self.jobs.append(job)
        return job

    def _is_covered(self, job: Job) -> bool:
        """Return whether a wider ticket took a ticket over, and what it is about still holds."""
        if job.duplicate_of is None:
            return False
        return any(self.conditions_of(self.jobs[job.duplicate_of - 1]))

    def _scope_key(self, condition: Held) -> str:
        """Return the place whose ticket a condition belongs on: its own, or its station's."""
        if condition.severity == SAFETY:
            return condition.scope_key
        if condition.job is not None:
            job = condition.job
            return job.place.scope_key if job.is_open else condition.scope_key
        others = [
            _finding(one, job.number)
            for job in self._newest.values()
            if job.is_open and job.place.station_id == condition.place.station_id
            for one in self.conditions_of(job)
        ]
        number = grouping.joins(_finding(condition, None), sorted(others, key=_by_ticket))
        wider = self._widen(self.jobs[number - 1]) if number is not None else None
        return wider or condition.scope_key

    def _widen(self, job: Job) -> str | None:
        """Make a connector's ticket its station's; None where the station has one already."""
        key = f"station:{job.place.station_id}"
        if job.place.scope_key == key:
            return key
        taken = self._newest.get((key, job.family))
        if taken is not None and taken.is_open:
            return None
        del self._newest[job.place.scope_key, job.family]
        job.place = replace(job.place, scope="station", scope_key=key, connector_id=None)
        self._newest[key, job.family] = job
        return key

    def _close_if_proven(self, job: Job, as_of: datetime) -> None:
        if job.closed_at is None and not any(self.conditions_of(job)):
            job.closed_at = as_of
            self._of_job.pop(job.number, None)

    def _forget(self, as_of: datetime) -> None:
        gone = [key for key, held in self._cleared.items() if _is_past(held.cleared_at, as_of)]
        for key in gone:
            del self._cleared[key]
        over = [key for key, job in self._newest.items() if _is_past(job.closed_at, as_of)]
        for name in over:
            del self._newest[name]


def _finding(held: Held, ticket: int | None) -> Finding:
    return Finding(
        family=held.family,
        severity=held.severity,
        station_id=held.place.station_id,
        connector_id=held.place.connector_id,
        began_at=held.began_at,
        ticket=ticket,
    )


def _by_ticket(finding: Finding) -> int:
    return finding.ticket or 0


def _is_past(ended_at: datetime | None, as_of: datetime) -> bool:
    return ended_at is not None and ended_at < as_of - 2 * REVIVE_WITHIN


def needs_person(held: Held) -> bool:
    """Return whether only a person lets a condition go."""
    return held.severity == SAFETY and held.state != CLEARED
