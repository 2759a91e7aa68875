"""Can a driver charge here now? What rules found counts as much as what the station says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt

from django.db.models import Exists, OuterRef, Q, QuerySet

from faults.models import Downtime, Fault, Severity, StatusPolicy, Ticket
from stations.models import Connector, Location, Station, Status

EARTH_KM = 6371.0
FARTHEST_KM = 50.0
MOST_NEAR = 3
MOST_SITES = 200


@dataclass(frozen=True, slots=True)
class Outage:
    """Why a connector cannot be used: a rule's finding, the most serious first.

    `is_locked`: a person must say that it is safe before anybody may use it.
    """

    severity: int
    code: str
    since: datetime
    ticket_id: int | None

    @property
    def is_locked(self) -> bool:
        """Return whether it is out of service for safety's sake."""
        return self.severity == Severity.S1


@dataclass(frozen=True, slots=True)
class Near:
    """A free connector elsewhere, and how far it is; None where a place is not on the map."""

    connector: Connector
    distance_km: float | None


def outages(connector_ids: Collection[int]) -> dict[int, Outage]:
    """Return the outage of each connector that has one, as its operator wants it shown."""
    return _worst(Downtime.objects.filter(connector_id__in=connector_ids))


def outages_at(station_ids: Collection[int]) -> dict[int, Outage]:
    """Return the outages of the connectors of some stations."""
    return _worst(Downtime.objects.filter(connector__station_id__in=station_ids))


def _worst(downtimes: QuerySet[Downtime]) -> dict[int, Outage]:
    rows = downtimes.filter(ended_at__isnull=True, fault__state=Fault.State.FIRING).exclude(
        fault__severity__gt=Severity.S1, operator_id__in=_advisory()
    )
    found: dict[int, Outage] = {}
    for row in rows.select_related("fault").order_by("-fault__severity", "-started_at"):
        fault = row.fault
        assert fault is not None, "only outages that a rule found were asked for"
        found[row.connector_id] = Outage(
            fault.severity, fault.code, row.started_at, fault.ticket_id
        )
    return found


def _advisory() -> QuerySet[StatusPolicy, int]:
    """Return the operators who show findings beside the station's own word, not instead."""
    return StatusPolicy.objects.filter(is_advisory=True).values_list("operator_id", flat=True)


def danger_at(station: Station, place: tuple[int, int] | None) -> Ticket | None:
    """Return the oldest open ticket of safety that locks a place, None where none does.

    `place` is the number of an EVSE and of a connector there; None is the whole station.
    """
    open_ones = Ticket.objects.filter(severity=Severity.S1, state__in=Ticket.OPEN)
    whole_site = Q(station=None, location_id=station.location_id)
    here = Q(station=station)
    if place is not None:
        evse, number = place
        here &= Q(connector=None) | Q(connector__evse__number=evse, connector__number=number)
    return open_ones.filter(here | whole_site).order_by("opened_at", "pk").first()


def is_out(severities: Collection[int]) -> Exists:
    """Return the condition of a connector that is out of service by a finding of a severity."""
    rows = Downtime.objects.filter(
        connector=OuterRef("pk"),
        ended_at__isnull=True,
        fault__state=Fault.State.FIRING,
        fault__severity__in=severities,
    )
    return Exists(rows.exclude(fault__severity__gt=Severity.S1, operator_id__in=_advisory()))


def nearest_free(connector: Connector) -> list[Near]:
    """Return the nearest connectors of the operator that a driver can use now."""
    site = connector.station.location
    free = (
        Connector.objects.filter(
            operator_id=connector.operator_id,
            status=Status.AVAILABLE,
            station__is_active=True,
            station__is_online=True,
        )
        .exclude(pk=connector.pk)
        .exclude(is_out([1, 2, 3]))
        .select_related("station__location", "evse")
    )
    here = [Near(one, 0.0) for one in free.filter(station__location=site)[:MOST_NEAR]]
    if len(here) == MOST_NEAR or site.latitude is None or site.longitude is None:
        return here
    places = Location.objects.filter(
        operator_id=connector.operator_id, latitude__isnull=False, longitude__isnull=False
    ).exclude(pk=site.pk)
    reach = {one.pk: distance_km(site, one) for one in places[:MOST_SITES]}
    close = {pk: km for pk, km in reach.items() if km is not None and km <= FARTHEST_KM}
    away = [Near(one, close[one.station.location_id]) for one in _at_sites(free, close)]
    away.sort(key=lambda one: (one.distance_km or 0.0, one.connector.pk))
    return [*here, *away][:MOST_NEAR]


def _at_sites(free: QuerySet[Connector], sites: Collection[int]) -> list[Connector]:
    return list(free.filter(station__location_id__in=sites)[: MOST_SITES * MOST_NEAR])


def distance_km(one: Location, other: Location) -> float | None:
    """Return how far two sites are apart as the crow flies."""
    if None in {one.latitude, one.longitude, other.latitude, other.longitude}:
        return None
    north, east = radians(float(one.latitude or 0)), radians(float(one.longitude or 0))
    north2, east2 = radians(float(other.latitude or 0)), radians(float(other.longitude or 0))
    half = sin((north2 - north) / 2) ** 2
    half += cos(north) * cos(north2) * sin((east2 - east) / 2) ** 2
    return round(2 * EARTH_KM * asin(sqrt(half)), 2)
