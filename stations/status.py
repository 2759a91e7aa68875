"""What stations and the rest of the house noticed, written once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chargenet.core import events
from chargenet.core.events import Event
from stations import commands
from stations.models import Command, Connector, Impairment, Observation, Station

UNLOCKS = (commands.UNLOCK, "UnlockConnector")
RESETS = (commands.RESET, "Reset")
ANSWERED = (Command.State.ACCEPTED, Command.State.REJECTED)
UNANSWERED = (Command.State.ERROR, Command.State.TIMEOUT)
# A healthy line answers within a second or two.
SLOW_AFTER = timedelta(seconds=5)
# A station that cannot do a thing says so; its line and its wits are well.
UNABLE = ("NotImplemented", "NotSupported")


def record_observation(
    *,
    kind: str,
    station_id: int,
    connector_id: int | None,
    occurred_at: datetime,
    source_id: str,
    as_of: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a word about a station that a rule must see; the same source twice is one row."""
    operator_id = Station.objects.values_list("operator_id", flat=True).get(pk=station_id)
    observation = Observation(
        operator_id=operator_id,
        station_id=station_id,
        connector_id=connector_id,
        kind=kind,
        source_id=source_id,
        detail=dict(detail or {}),
        occurred_at=occurred_at,
        received_at=as_of,
    )
    Observation.objects.bulk_create([observation], ignore_conflicts=True)
    events.publish(Event.OBSERVATION_RECORDED, station_id=station_id)


def note_answer(command: Command, as_of: datetime) -> None:
    """Write what the end of a command says of its station: it did not answer, or not unlock."""
    at = command.finished_at or as_of
    if command.action in UNLOCKS and command.state in ANSWERED:
        record_observation(
            kind="unlock",
            station_id=command.station_id,
            connector_id=_connector_of(command),
            occurred_at=at,
            source_id=f"command:{command.pk}",
            detail={"status": str((command.answer or {}).get("status", ""))},
            as_of=as_of,
        )
    if command.action in RESETS and command.state == Command.State.ACCEPTED:
        # the start that follows is ours, not the station's trouble
        record_observation(
            kind="reset_ordered",
            station_id=command.station_id,
            connector_id=None,
            occurred_at=at,
            source_id=f"command:{command.pk}",
            as_of=as_of,
        )
    if command.state in (*ANSWERED, *UNANSWERED) and command.sent_at is not None:
        _note_slow(command, at, as_of)
    is_unable = command.error.startswith(UNABLE)
    if command.state in UNANSWERED and command.sent_at is not None and not is_unable:
        record_observation(
            kind="call_failed",
            station_id=command.station_id,
            connector_id=None,
            occurred_at=at,
            source_id=f"command:{command.pk}",
            detail={
                "action": command.action,
                "state": command.state,
                "waited_s": int((at - command.sent_at).total_seconds()),
            },
            as_of=as_of,
        )


def _note_slow(command: Command, at: datetime, as_of: datetime) -> None:
    """Write that a station took long to answer; what never came is told as a failed call."""
    assert command.sent_at is not None, "only what was sent is answered"
    waited = at - command.sent_at
    if waited > SLOW_AFTER and command.state != Command.State.TIMEOUT:
        record_observation(
            kind="call_slow",
            station_id=command.station_id,
            connector_id=None,
            occurred_at=at,
            source_id=f"command:{command.pk}",
            detail={"action": command.action, "waited_s": round(waited.total_seconds(), 1)},
            as_of=as_of,
        )


def _connector_of(command: Command) -> int | None:
    """Return the connector an unlock was for, by the numbers of either version."""
    asked = command.payload
    evse = asked.get("evse") or asked.get("evseId") or asked.get("connectorId")
    number = asked.get("connector") or (asked.get("connectorId") if "evseId" in asked else 1)
    here = Connector.objects.filter(station_id=command.station_id, evse__number=evse or 0)
    return here.filter(number=number or 1).values_list("pk", flat=True).first()


def record_impairment(
    *,
    connector_id: int,
    started_at: datetime,
    ended_at: datetime | None,
    code: str,
    cause: str,
    is_blocking: bool = True,
) -> None:
    """Write when a connector could not do its job, or did it in doubt.

    Told again, its end may change, its cause, and whether it still charged.
    """
    operator_id = Connector.objects.values_list("operator_id", flat=True).get(pk=connector_id)
    known = {"connector_id": connector_id, "code": code, "started_at": started_at}
    told = {"ended_at": ended_at, "cause": cause, "is_blocking": is_blocking}
    _, is_new = Impairment.objects.get_or_create(
        **known, defaults={"operator_id": operator_id, **told}
    )
    rows = Impairment.objects.filter(**known)
    changed = is_new or rows.exclude(**told).update(**told)
    if changed:
        events.publish(Event.IMPAIRMENT_CHANGED, connector_id=connector_id)
