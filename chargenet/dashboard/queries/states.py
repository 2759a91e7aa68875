"""What a connector does now: OCPP 2.x says Occupied, and the open session tells the rest."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from faults.queries import service
from faults.queries.service import Outage
from stations.models import Connector, Session, Status

# What rules found counts more than what a station says of itself.
LOCKED, OUT = "Locked", "OutOfOrder"
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
    """Return what each connector of some stations does, in two queries."""
    doings: dict[int, list[Doing]] = defaultdict(list)
    rows = with_sessions(Connector.objects.filter(station_id__in=station_ids))
    found = service.outages_at(station_ids)
    for pk, station_id, status, power_w, is_running in rows.values_list(
        "pk", "station_id", "status", "last_power_w", "is_running"
    ):
        state = refine(status, power_w if is_running else None)
        power_w = power_w or 0 if state in DRAWING else 0
        doings[station_id].append(Doing(honest(state, found.get(pk)), power_w))
    return doings


def refine(status: str, running_power_w: int | None) -> str:
    """Return the state that Occupied stands for, given the power of the session that is open."""
    if status != Status.OCCUPIED or running_power_w is None:
        return status
    return Status.CHARGING if running_power_w > 0 else Status.SUSPENDED_EV


def honest(state: str, outage: Outage | None) -> str:
    """Return the state a place wears, given what rules found; a session goes on all the same."""
    if outage is None:
        return state
    if outage.is_locked:
        return LOCKED
    return state if state in {*DRAWING, Status.FAULTED} else OUT


def doing(state: str) -> Q:
    """Return the condition of a connector that does this, as `refine` would say it."""
    if state == LOCKED:
        return Q(service.is_out([1]))
    if state == OUT:
        return Q(service.is_out([2, 3])) & ~Q(status__in=[*DRAWING, Status.FAULTED])
    occupied = Q(status=Status.OCCUPIED, is_running=True)
    if state == Status.CHARGING:
        return Q(status=state) | occupied & Q(last_power_w__gt=0)
    if state == Status.SUSPENDED_EV:
        return Q(status=state) | occupied & Q(last_power_w=0)
    if state == Status.OCCUPIED:
        return Q(status=state) & (Q(is_running=False) | Q(last_power_w__isnull=True))
    return Q(status=state)
