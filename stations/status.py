"""What stations and the rest of the house noticed, written once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chargenet.core import events
from chargenet.core.events import Event
from stations.models import Connector, Impairment, Observation, Station


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


def record_impairment(
    *,
    connector_id: int,
    started_at: datetime,
    ended_at: datetime | None,
    code: str,
    cause: str,
) -> None:
    """Write when a connector could not do its job; told again, only its end may change."""
    operator_id = Connector.objects.values_list("operator_id", flat=True).get(pk=connector_id)
    known = {"connector_id": connector_id, "code": code, "started_at": started_at}
    _, is_new = Impairment.objects.get_or_create(
        **known, defaults={"operator_id": operator_id, "ended_at": ended_at, "cause": cause}
    )
    changed = is_new or (
        Impairment.objects.filter(**known)
        .exclude(ended_at=ended_at, cause=cause)
        .update(ended_at=ended_at, cause=cause)
    )
    if changed:
        events.publish(Event.IMPAIRMENT_CHANGED, connector_id=connector_id)
