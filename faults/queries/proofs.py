"""Charges that can prove a repair, and repairs nothing has proven."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from faults.models import Ticket
from faults.queries import crew
from stations.models import Session

# After that a charge says how the station is, no longer how the repair was.
WITHIN = timedelta(days=7)
LEAST_LASTS, LEAST_WH = timedelta(minutes=2), 500
# A station that was offline may tell of a charge later.
MAY_BE_LATE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that worked, after a repair at its place."""

    ticket_id: int
    session_id: int
    ended_at: datetime
    # One of the crew charged: a test, whatever it cost.
    is_by_crew: bool


def charges_after_repair(as_of: datetime) -> Iterator[Charge]:
    """Yield for each repair that waits for its proof the charges since, the first one first."""
    waiting = Ticket.objects.filter(
        state=Ticket.State.RESOLVED, resolved_at__gt=as_of - WITHIN - MAY_BE_LATE, proof=""
    )
    for ticket in waiting.order_by("resolved_at"):
        rows = list(
            good_charges(ticket)
            .order_by("ended_at")
            .values_list("pk", "ended_at", "driver_id")[:5]
        )
        people = crew.crew_of(operator_id=ticket.operator_id, location_id=ticket.location_id)
        ids = {person.pk for person in people} if rows else set()
        for pk, ended_at, driver_id in rows:
            assert ended_at is not None, "a completed session has ended"
            yield Charge(ticket.pk, pk, ended_at, driver_id in ids)


def good_charges(ticket: Ticket) -> QuerySet[Session]:
    """Return the charges at a ticket's place that began after its repair and gave energy."""
    assert ticket.resolved_at is not None, "only a repair is proven"
    if ticket.connector_id is not None:
        place = Q(connector_id=ticket.connector_id)
    elif ticket.station_id is not None:
        place = Q(station_id=ticket.station_id)
    else:
        place = Q(station__location_id=ticket.location_id)
    return charges_at(place, since=ticket.resolved_at)


def charges_at(place: Q, *, since: datetime) -> QuerySet[Session]:
    """Return the charges at a place that began within a week of an instant and gave energy."""
    return Session.objects.filter(
        place,
        state=Session.State.COMPLETED,
        started_at__gte=since,
        started_at__lt=since + WITHIN,
        ended_at__gte=F("started_at") + LEAST_LASTS,
        energy_wh__gte=LEAST_WH,
    )
