"""What an operator's stations told in a span of days, in the order it was received."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from faults.engine.fleet import ConnectFact, ConnectorPlace, DisconnectFact, StationPlace
from faults.queries import outcomes
from faults.rules.facts import SessionOutcome
from stations.metering.facts import NoticeFact, Place, StatusFact
from stations.models import Connector, Observation, Session, Station, StatusChange

AT_A_TIME = 500
CONNECTED, DISCONNECTED = "connected", "disconnected"
DC = "_DC"


@dataclass(frozen=True, slots=True)
class Happened:
    """One stored fact: when it was received, of which station, and what it was."""

    at: datetime
    station: str
    fact: Any = None
    outcome: SessionOutcome | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Whose history, and of when: from the first instant up to the last.

    Of all stations, or of those of one site or one model.
    """

    operator_id: int
    begin: datetime
    end: datetime
    location_id: int | None = None
    station_model: str = ""

    @property
    def stations(self) -> dict[str, Any]:
        """Return what a row's station must be."""
        wanted: dict[str, Any] = {}
        if self.location_id is not None:
            wanted["station__location_id"] = self.location_id
        if self.station_model:
            wanted["station__model"] = self.station_model
        return wanted


def places_of(span: Span) -> list[StationPlace]:
    """Return the stations of a span as a trial sees them."""
    sockets: dict[int, list[ConnectorPlace]] = {}
    rows = Connector.objects.filter(operator_id=span.operator_id).select_related("evse")
    for row in rows.order_by("evse__number", "number"):
        sockets.setdefault(row.station_id, []).append(
            ConnectorPlace(
                evse=row.evse.number,
                connector=row.number,
                max_power_w=row.max_power_w or row.evse.max_power_w,
                is_dc=row.standard.endswith(DC) or "CHADEMO" in row.standard,
                has_cable=row.kind == Connector.Kind.TETHERED,
            )
        )
    stations = Station.objects.filter(operator_id=span.operator_id, is_active=True)
    if span.location_id is not None:
        stations = stations.filter(location_id=span.location_id)
    if span.station_model:
        stations = stations.filter(model=span.station_model)
    return [
        StationPlace(
            name=row.identity,
            site=row.location.name,
            operator=str(span.operator_id),
            network=row.network_group,
            version=row.ocpp_version,
            vendor=row.vendor,
            model=row.model,
            firmware=row.firmware_version,
            time_zone=row.location.timezone,
            heartbeat_interval_s=row.heartbeat_interval_s,
            connectors=tuple(sockets.get(row.pk, ())),
        )
        for row in stations.select_related("location").order_by("pk")
    ]


def count_rows(span: Span) -> int:
    """Return how many stored facts a span holds."""
    rows = (_statuses(span), _observations(span), _sessions(span))
    return sum(int(one.count()) for one in rows)


def read(span: Span, *, is_sampled: bool = True) -> Iterator[Happened]:
    """Yield what happened in a span; samples only as far as their sessions' measures tell.

    Without samples, sessions tell no measures: most of the reading is theirs.
    """
    sessions = _read_sessions(span, is_sampled=is_sampled)
    streams = (_read_statuses(span), _read_observations(span), sessions)
    yield from merge(*streams, key=lambda one: one.at)


def _statuses(span: Span) -> Any:
    return StatusChange.objects.filter(
        operator_id=span.operator_id,
        received_at__gte=span.begin,
        received_at__lt=span.end,
        **span.stations,
    )


def _observations(span: Span) -> Any:
    return Observation.objects.filter(
        operator_id=span.operator_id,
        received_at__gte=span.begin,
        received_at__lt=span.end,
        **span.stations,
    )


def _sessions(span: Span) -> Any:
    return Session.objects.filter(
        operator_id=span.operator_id,
        state=Session.State.COMPLETED,
        source="ocpp",
        completed_at__gte=span.begin,
        completed_at__lt=span.end,
        **span.stations,
    )


def _read_statuses(span: Span) -> Iterator[Happened]:
    rows = _statuses(span).select_related("station", "connector__evse")
    for row in rows.order_by("received_at", "pk").iterator(AT_A_TIME):
        fact = StatusFact(
            place=_place(row.connector) or Place(0),
            status=row.status,
            occurred_at=row.occurred_at,
            error_code=row.error_code,
            vendor_error_code=row.vendor_error_code,
            info=row.detail,
        )
        yield Happened(row.received_at, row.station.identity, fact)


def _read_observations(span: Span) -> Iterator[Happened]:
    rows = _observations(span).select_related("station", "connector__evse")
    for row in rows.order_by("received_at", "pk").iterator(AT_A_TIME):
        fact: Any = NoticeFact(
            kind=row.kind,
            occurred_at=row.occurred_at,
            place=_place(row.connector),
            detail=row.detail,
        )
        if row.kind == CONNECTED:
            fact = ConnectFact()
        elif row.kind == DISCONNECTED:
            fact = DisconnectFact()
        yield Happened(row.received_at, row.station.identity, fact)


def _read_sessions(span: Span, *, is_sampled: bool) -> Iterator[Happened]:
    rows = _sessions(span).select_related("station", "connector__evse")
    for row in rows.order_by("completed_at", "pk").iterator(AT_A_TIME):
        for outcome in outcomes.outcomes_of([row], {}, is_sampled=is_sampled):
            assert row.completed_at is not None, "a completed session was completed at some time"
            yield Happened(
                row.completed_at,
                row.station.identity,
                outcome=outcome,
                place=_place(row.connector),
            )


def _place(connector: Connector | None) -> Place | None:
    if connector is None:
        return None
    return Place(connector.evse.number, connector.number)
