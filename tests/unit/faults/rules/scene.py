"""Snapshots and facts for the tests of rules, in minutes from one noon."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from faults.rules.facts import DeviceEvent, Notice, OpenSession, SessionOutcome, StatusSign
from faults.rules.protocol import Snapshot

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
_ids = count(1)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def snapshot(minutes: float = 0, **known: Any) -> Snapshot:
    return Snapshot(as_of=at(minutes), station_id=1, **{"subject": 7, **known})


def sign(minutes: float, status: str, code: str = "", **known: Any) -> StatusSign:
    return StatusSign(
        id=next(_ids),
        connector_id=7,
        status=status,
        error_code=code,
        occurred_at=at(minutes),
        received_at=known.pop("received_at", at(minutes)),
        **known,
    )


def event(minutes: float, component: str, **known: Any) -> DeviceEvent:
    return DeviceEvent(
        **{
            "id": next(_ids),
            "connector_id": 7,
            "component": component,
            "variable": "Problem",
            "value": "true",
            "occurred_at": at(minutes),
            "received_at": at(minutes),
            **known,
        }
    )


def session(minutes: float, energy_wh: int = 0, token: str = "", **known: Any) -> SessionOutcome:
    ended = at(minutes)
    duration = timedelta(minutes=known.pop("lasts", 30 if energy_wh else 0.5))
    return SessionOutcome(
        id=next(_ids),
        connector_id=7,
        token=token,
        started_at=ended - duration,
        ended_at=ended,
        energy_wh=energy_wh,
        **known,
    )


def notice(minutes: float, kind: str, connector_id: int | None = None, **detail: Any) -> Notice:
    return Notice(
        id=next(_ids),
        kind=kind,
        connector_id=connector_id,
        detail=detail,
        occurred_at=at(minutes),
        received_at=at(minutes),
    )


def running(minutes: float, token: str = "", **known: Any) -> OpenSession:
    return OpenSession(id=next(_ids), token=token, started_at=at(minutes), **known)
