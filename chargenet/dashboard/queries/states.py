"""What a connector does now: OCPP 2.x says Occupied, and the open session tells the rest."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from stations.models import Connector, Session, Status

DRAWING = frozenset({Status.CHARGING, Status.SUSPENDED_EV, Status.SUSPENDED_EVSE})


@dataclass(frozen=True)
class Doing:
    """A connector's refined state and the power it gives."""

    state: str
    power_w: int


def with_sessions(connectors: QuerySet[Connector]) -> QuerySet[Any]:
    """Return connectors that know whether a session is open at them."""
    running = Session.objects.filter(connector_id=OuterRef("pk"), state=Session.State.OPEN)
    return connectors.annotate(is_running=Exists(running))


def read_doings(station_ids: Collection[int]) -> dict[int, list[Doing]]:
    """Return what each connector of some stations does, in one query."""
    doings: dict[int, list[Doing]] = defaultdict(list)
    rows = with_sessions(Connector.objects.filter(station_id__in=station_ids))
    for station_id, status, power_w, is_running in rows.values_list(
        "station_id", "status", "last_power_w", "is_running"
    ):
        state = refine(status, power_w if is_running else None)
        doings[station_id].append(Doing(state, power_w or 0 if state in DRAWING else 0))
    return doings


def refine(status: str, running_power_w: int | None) -> str:
    """Return the state that Occupied stands for, given the power of the session that is open."""
    if status != Status.OCCUPIED or running_power_w is None:
        return status
    return Status.CHARGING if running_power_w > 0 else Status.SUSPENDED_EV


def doing(state: str) -> Q:
    """Return the condition of a connector that does this, as `refine` would say it."""
    occupied = Q(status=Status.OCCUPIED, is_running=True)
    if state == Status.CHARGING:
        return Q(status=state) | occupied & Q(last_power_w__gt=0)
    if state == Status.SUSPENDED_EV:
        return Q(status=state) | occupied & Q(last_power_w=0)
    if state == Status.OCCUPIED:
        return Q(status=state) & (Q(is_running=False) | Q(last_power_w__isnull=True))
    return Q(status=state)
