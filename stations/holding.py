"""When a vehicle stood through no doing of its driver, as stations, faults and we ourselves said.

Read for the few sessions that parked at all: nothing else is ever shortened by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.db.models import Q

from stations.metering.session_facts import Held, HeldBy
from stations.models import Hold, Impairment, Observation, Session, Status, StatusChange

# What a connector, or its station, says while the vehicle would go on if it could.
SAID: Final = {
    Status.SUSPENDED_EVSE: HeldBy.SMART_CHARGING,
    Status.FAULTED: HeldBy.CHARGER,
    Status.UNAVAILABLE: HeldBy.CHARGER,
}
CAUSES: Final = {
    Impairment.Cause.STATION: HeldBy.CHARGER,
    Impairment.Cause.CABLE: HeldBy.CABLE,
    Impairment.Cause.GRID: HeldBy.GRID,
}
LOCK_FAULT: Final = "F26"
UNLOCK: Final = "unlock"
UNLOCKED: Final = frozenset({"Unlocked"})
# How long before a session its connector may have said what still held when it began.
BEFORE: Final = timedelta(days=1)


def held_of(sessions: Iterable[Session]) -> dict[int, tuple[Held, ...]]:
    """Return per session id the stretches in which it was held, of sessions that have ended."""
    parked = [each for each in sessions if each.parking_s and each.ended_at is not None]
    if not parked:
        return {}
    found: dict[int, list[Held]] = defaultdict(list)
    for read in (_said, _impaired, _held_by_us, _locked):
        for session, held in read(parked):
            cut = _within(session, held)
            if cut is not None and cut not in found[session.pk]:
                found[session.pk].append(cut)
    return {
        session_id: tuple(sorted(rows, key=lambda each: (each.started_at, each.ended_at)))
        for session_id, rows in found.items()
        if rows
    }


def _within(session: Session, held: Held) -> Held | None:
    assert session.ended_at is not None, "asked of sessions that have ended"
    start, end = max(held.started_at, session.started_at), min(held.ended_at, session.ended_at)
    return Held(start, end, held.by) if start < end else None


def _span(sessions: Sequence[Session]) -> tuple[datetime, datetime]:
    ends = [each.ended_at for each in sessions if each.ended_at is not None]
    return min(each.started_at for each in sessions), max(ends)


def _said(sessions: Sequence[Session]) -> Iterator[tuple[Session, Held]]:
    """Yield what the connectors said, each word until their next one."""
    start, end = _span(sessions)
    words: Mapping[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = StatusChange.objects.filter(
        connector_id__in={each.connector_id for each in sessions},
        occurred_at__gte=start - BEFORE,
        occurred_at__lt=end,
    ).order_by("occurred_at", "pk")
    for connector_id, status, at in rows.values_list("connector_id", "status", "occurred_at"):
        if connector_id is not None:
            words[connector_id].append((at, status))
    for session in sessions:
        said = [*words[session.connector_id], (end, "")]
        for (at, status), (until, _next) in pairwise(said):
            by = SAID.get(Status(status))
            if by is not None:
                yield session, Held(at, until, by)


def _impaired(sessions: Sequence[Session]) -> Iterator[tuple[Session, Held]]:
    """Yield what faults confirmed of the connectors; one that goes on lasts to the end."""
    start, end = _span(sessions)
    by_connector: dict[int, list[Impairment]] = defaultdict(list)
    for row in Impairment.objects.filter(
        # what only charged less, or told doubtful figures, held nobody
        Q(is_blocking=True) | Q(code=LOCK_FAULT),
        connector_id__in={each.connector_id for each in sessions},
        cause__in=CAUSES,
        started_at__lt=end,
    ).exclude(ended_at__lte=start):
        by_connector[row.connector_id].append(row)
    for session in sessions:
        for row in by_connector[session.connector_id]:
            by = HeldBy.CABLE if row.code == LOCK_FAULT else CAUSES[Impairment.Cause(row.cause)]
            yield session, Held(row.started_at, row.ended_at or end, by)


def _held_by_us(sessions: Sequence[Session]) -> Iterator[tuple[Session, Held]]:
    """Yield when a shared limit left nothing for a session."""
    _start, end = _span(sessions)
    here = {each.pk: each for each in sessions}
    rows = Hold.objects.filter(session_id__in=here)
    for session_id, since, until in rows.values_list("session_id", "started_at", "ended_at"):
        if session_id is not None:
            yield here[session_id], Held(since, until or end, HeldBy.SMART_CHARGING)


def _locked(sessions: Sequence[Session]) -> Iterator[tuple[Session, Held]]:
    """Yield from a cable that was not let go until it was, or to the session's end."""
    start, end = _span(sessions)
    tried: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    rows = Observation.objects.filter(
        kind=UNLOCK,
        connector_id__in={each.connector_id for each in sessions},
        occurred_at__range=(start, end),
    ).order_by("occurred_at", "pk")
    for connector_id, at, detail in rows.values_list("connector_id", "occurred_at", "detail"):
        if connector_id is not None:
            tried[connector_id].append((at, detail.get("status") in UNLOCKED))
    for session in sessions:
        since = None
        for at, is_free in [*tried[session.connector_id], (end, True)]:
            if since is not None and is_free:
                yield session, Held(since, at, HeldBy.CABLE)
                since = None
            elif since is None and not is_free and session.started_at <= at:
                since = at
