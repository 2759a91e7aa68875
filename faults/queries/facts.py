"""Facts of one station that no rule has counted yet: each once, however often we look.

A mark says up to when facts were counted. Rows may be committed a moment after younger ones, so
a short look back rereads what the mark's own list of ids does not hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from faults.rules.facts import DeviceEvent, Notice, SessionOutcome, StatusSign
from stations.models import DeviceMonitor, Observation, StatusChange

LOOK_BACK = timedelta(minutes=2)
FIRST_LOOK = timedelta(days=7)
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
    """The uncounted facts of one station, the marks after them, and whether there may be more."""

    signs: tuple[StatusSign, ...]
    events: tuple[DeviceEvent, ...]
    notices: tuple[Notice, ...]
    sessions: tuple[SessionOutcome, ...]
    marks: dict[str, Mark]
    has_more: bool


def fresh_signs(station_id: int, mark: Mark) -> tuple[list[StatusSign], Mark]:
    """Return what the station said of its states since the mark."""
    found = StatusChange.objects.filter(
        station_id=station_id, received_at__gt=mark.to - LOOK_BACK
    ).exclude(pk__in=mark.ids)
    rows = list(found.order_by("received_at", "pk")[:AT_A_TIME])
    return [_sign(row) for row in rows], mark.moved((row.received_at, row.pk) for row in rows)


def kept_told(
    station_id: int, ids: Mapping[str, list[int]]
) -> tuple[list[StatusSign], list[DeviceEvent], list[Notice]]:
    """Return facts of a station that were set aside, by kind and id; what is gone is gone."""
    told = [*ids.get("events", ()), *ids.get("notices", ())]
    rows = list(Observation.objects.filter(station_id=station_id, pk__in=told).order_by("pk"))
    severities = _severities(station_id, rows)
    signs = StatusChange.objects.filter(station_id=station_id, pk__in=ids.get("signs", ()))
    return (
        [_sign(row) for row in signs.order_by("pk")],
        [_event(row, severities) for row in rows if row.kind == DEVICE_EVENT],
        [_notice(row) for row in rows if row.kind != DEVICE_EVENT],
    )


def _sign(row: StatusChange) -> StatusSign:
    return StatusSign(
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


def fresh_notices(station_id: int, mark: Mark) -> tuple[list[DeviceEvent], list[Notice], Mark]:
    """Return what components of the station reported since the mark, and every other word."""
    found = Observation.objects.filter(
        station_id=station_id, received_at__gt=mark.to - LOOK_BACK
    ).exclude(pk__in=mark.ids)
    rows = list(found.order_by("received_at", "pk")[:AT_A_TIME])
    severities = _severities(station_id, rows)
    events = [_event(row, severities) for row in rows if row.kind == DEVICE_EVENT]
    notices = [_notice(row) for row in rows if row.kind != DEVICE_EVENT]
    return events, notices, mark.moved((row.received_at, row.pk) for row in rows)


def _severities(station_id: int, rows: list[Observation]) -> dict[int, int]:
    """Return how serious the monitors are that raised events: in 2.0.1 only they know."""
    asked = {
        number
        for row in rows
        if row.kind == DEVICE_EVENT and "severity" not in row.detail
        if isinstance(number := row.detail.get("monitor"), int) and abs(number) < 2**63
    }
    if not asked:
        return {}
    known = DeviceMonitor.objects.filter(station_id=station_id, number__in=asked)
    return dict(known.values_list("number", "severity"))


def _event(row: Observation, severities: Mapping[int, int]) -> DeviceEvent:
    said: dict[str, Any] = row.detail
    return DeviceEvent.told(
        said,
        number=row.pk,
        connector_id=row.connector_id,
        severity=said.get("severity", severities.get(said.get("monitor", 0))),
        at=(row.occurred_at, row.received_at),
    )


def _notice(row: Observation) -> Notice:
    return Notice(
        id=row.pk,
        kind=row.kind,
        connector_id=row.connector_id,
        detail=row.detail if isinstance(row.detail, Mapping) else {},
        occurred_at=row.occurred_at,
        received_at=row.received_at,
    )
