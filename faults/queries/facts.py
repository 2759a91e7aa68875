"""Facts of one station that no rule has counted yet: each once, however often we look.

A mark says up to when facts were counted. Rows may be committed a moment after younger ones, so
a short look back rereads what the mark's own list of ids does not hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from faults.rules.facts import DeviceEvent, SessionOutcome, StatusSign
from stations.metering.tokens import token_word
from stations.models import Observation, Session, StatusChange

LOOK_BACK = timedelta(minutes=2)
FIRST_LOOK = timedelta(days=7)
# A session told later than this is history: it moves no statistic.
LATEST_SESSION = timedelta(days=3)
AT_A_TIME = 1000
DEVICE_EVENT = "device_event"


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to when one kind of fact was counted, and which of the last moments."""

    to: datetime
    ids: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def read(cls, state: dict[str, Any] | None, as_of: datetime) -> "Mark":
        """Return the mark a rule state holds; without one the last week is new."""
        if not state:
            return cls(as_of - FIRST_LOOK)
        return cls(datetime.fromisoformat(state["to"]), frozenset(state["ids"]))

    def moved(self, seen: Iterable[tuple[datetime, int]]) -> "Mark":
        """Return the mark after these facts, (instant, id), were counted."""
        seen = list(seen)
        to = max([self.to, *(at for at, _ in seen)])
        near = {pk for at, pk in seen if at > to - LOOK_BACK}
        return Mark(to, frozenset(near | (self.ids if to - self.to < LOOK_BACK else frozenset())))

    def written(self) -> dict[str, Any]:
        """Return the mark as JSON."""
        return {"to": self.to.isoformat(), "ids": sorted(self.ids)}


@dataclass(frozen=True, slots=True)
class Fresh:
    """The uncounted facts of one station, and the marks after them."""

    signs: tuple[StatusSign, ...]
    events: tuple[DeviceEvent, ...]
    sessions: tuple[SessionOutcome, ...]
    marks: dict[str, Mark]

    @property
    def has_more(self) -> bool:
        """Return whether there may be more than was taken at a time."""
        return AT_A_TIME in {len(self.signs), len(self.events), len(self.sessions)}


def fresh_facts(
    station_id: int, connector_ids: Iterable[int], kept: dict[str, Any], as_of: datetime
) -> Fresh:
    """Return what is new at a station since the marks kept in its rule state."""
    signs, signs_mark = fresh_signs(station_id, Mark.read(kept.get("signs"), as_of))
    events, events_mark = fresh_events(station_id, Mark.read(kept.get("events"), as_of))
    at = Mark.read(kept.get("sessions"), as_of)
    sessions, sessions_mark = fresh_sessions(connector_ids, at)
    marks = {"signs": signs_mark, "events": events_mark, "sessions": sessions_mark}
    return Fresh(tuple(signs), tuple(events), tuple(sessions), marks)


def fresh_signs(station_id: int, mark: Mark) -> tuple[list[StatusSign], Mark]:
    """Return what the station said of its states since the mark."""
    found = StatusChange.objects.filter(
        station_id=station_id, received_at__gt=mark.to - LOOK_BACK
    ).exclude(pk__in=mark.ids)
    rows = list(found.order_by("received_at", "pk")[:AT_A_TIME])
    signs = [
        StatusSign(
            id=row.pk,
            connector_id=row.connector_id,
            status=row.status,
            error_code=row.error_code,
            vendor_error_code=row.vendor_error_code,
            vendor_id=row.vendor_id,
            detail=row.detail,
            occurred_at=row.occurred_at,
            received_at=row.received_at,
        )
        for row in rows
    ]
    return signs, mark.moved((row.received_at, row.pk) for row in rows)


def fresh_events(station_id: int, mark: Mark) -> tuple[list[DeviceEvent], Mark]:
    """Return what components of the station reported since the mark."""
    found = Observation.objects.filter(
        station_id=station_id,
        kind=DEVICE_EVENT,
        received_at__gt=mark.to - LOOK_BACK,
    ).exclude(pk__in=mark.ids)
    rows = list(found.order_by("received_at", "pk")[:AT_A_TIME])
    return [_event(row) for row in rows], mark.moved((row.received_at, row.pk) for row in rows)


def _event(row: Observation) -> DeviceEvent:
    said: dict[str, Any] = row.detail
    severity = said.get("severity")
    return DeviceEvent(
        id=row.pk,
        connector_id=row.connector_id,
        component=str(said.get("component", "")),
        instance=str(said.get("instance", "")),
        variable=str(said.get("variable", "")),
        value=str(said.get("value", "")),
        trigger=str(said.get("trigger", "")),
        tech_code=str(said.get("tech_code", "")),
        note=str(said.get("tech_info", "")),
        severity=severity if isinstance(severity, int) else None,
        is_cleared=said.get("is_cleared") is True,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
    )


def fresh_sessions(connector_ids: Iterable[int], mark: Mark) -> tuple[list[SessionOutcome], Mark]:
    """Return the sessions completed since the mark; imported history is none of it."""
    since = mark.to - LOOK_BACK
    found: QuerySet[Session] = Session.objects.filter(
        connector_id__in=list(connector_ids),
        state=Session.State.COMPLETED,
        source="ocpp",
        started_at__gt=since - LATEST_SESSION,
        completed_at__gt=since,
    ).exclude(pk__in=mark.ids)
    rows = list(found.order_by("completed_at", "pk")[:AT_A_TIME])
    outcomes = [outcome for row in rows if (outcome := outcome_of(row)) is not None]
    moved = mark.moved((row.completed_at, row.pk) for row in rows if row.completed_at is not None)
    return outcomes, moved


def outcome_of(row: Session) -> SessionOutcome | None:
    """Return a completed session as rules see it."""
    if row.ended_at is None or row.energy_wh is None:
        return None
    return SessionOutcome(
        id=row.pk,
        connector_id=row.connector_id,
        token=token_word(row.token_id, row.id_tag),
        started_at=row.started_at,
        ended_at=row.ended_at,
        energy_wh=row.energy_wh,
        stop_reason=row.stop_reason,
    )
