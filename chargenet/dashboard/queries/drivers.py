"""Reservations, local lists and screens as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from stations import local_lists
from stations.models import (
    Connector,
    DisplayMessage,
    LocalList,
    MeterKey,
    Reservation,
    Screen,
    Session,
    SignedReading,
    Station,
    StationTariff,
    Token,
)

RECENT = 10
MOST_TOKENS = 200


@dataclass(frozen=True)
class ReservationRow:
    """One reservation."""

    id: int
    station: str
    station_id: int
    connector: str
    who: str
    state: str
    reason: str
    created_at: datetime
    expires_at: datetime
    session_id: int | None
    is_open: bool


@dataclass(frozen=True)
class ListRow:
    """A station's local list."""

    state: str
    is_wanted: bool
    version: int
    station_version: int | None
    entries: int
    left_out: int
    drift: list[str]
    reason: str
    checked_at: datetime | None


@dataclass(frozen=True)
class DriversPage:
    """What a station's drivers tab shows."""

    reservations: list[ReservationRow]
    connectors: list[Connector]
    tokens: list[Token]
    token_list: ListRow | None
    screen: Screen | None
    messages: list[DisplayMessage]
    tariffs: list[StationTariff]
    running: list[Session]


def reservations_of(person: Person) -> QuerySet[Reservation]:
    """Return the reservations a person may see, with what a row needs."""
    return Reservation.objects.in_charge(person).select_related(
        "station", "connector__evse", "token", "driver"
    )


def reservation_spec() -> Spec:
    """Return what the list of reservations can do."""
    states = [(value, str(label)) for value, label in Reservation.State.choices]
    return Spec(
        name="reservations",
        columns=(
            Column("created", _("Made"), ("created_at",), csv=lambda row: row.created_at),
            Column("station", _("Station"), ("station__name",), csv=lambda row: row.station),
            Column("connector", _("Connector"), csv=lambda row: row.connector),
            Column("who", _("Driver"), csv=lambda row: row.who),
            Column("state", _("State"), ("state",), csv=lambda row: row.state),
            Column("until", _("Until"), ("expires_at",), csv=lambda row: row.expires_at),
        ),
        default_sort="-created",
        filters=(Filter("state", _("Any state"), states, lambda v: Q(state=v)),),
        search=lambda text: Q(station__name__icontains=text) | Q(token__label__icontains=text),
        search_label=_("Station or card"),
    )


def describe_reservations(rows: Sequence[Reservation]) -> list[ReservationRow]:
    """Return reservations as rows."""
    return [
        ReservationRow(
            id=row.pk,
            station=row.station.name,
            station_id=row.station_id,
            connector=str(row.connector.evse.number) if row.connector else _("any"),
            who=_who(row),
            state=row.state,
            reason=row.reason,
            created_at=row.created_at,
            expires_at=row.expires_at,
            session_id=row.session_id,
            is_open=row.state in Reservation.OPEN,
        )
        for row in rows
    ]


def _who(row: Reservation) -> str:
    if row.driver is not None:
        return row.driver.name or row.driver.email
    return str(row.token)


def drivers_page(person: Person, station: Station, as_of: datetime) -> DriversPage:
    """Return what concerns the drivers of one station."""
    rows = reservations_of(person).filter(station=station).order_by("-pk")[:RECENT]
    tokens = Token.objects.in_charge(person).filter(
        operator_id=station.operator_id, is_blocked=False
    )
    token_list = LocalList.objects.select_related("station").filter(station=station).first()
    return DriversPage(
        reservations=describe_reservations(list(rows)),
        connectors=list(
            station.connectors.select_related("evse").order_by("evse__number", "number")
        ),
        tokens=list(tokens.select_related("driver").order_by("label", "pk")[:MOST_TOKENS]),
        token_list=_list_row(token_list, as_of) if token_list else None,
        screen=Screen.objects.filter(station=station).first(),
        messages=list(
            DisplayMessage.objects.filter(station=station)
            .exclude(state="cleared")
            .order_by("-pk")[:RECENT]
        ),
        tariffs=list(StationTariff.objects.filter(station=station).order_by("evse_number")),
        running=list(Session.objects.filter(station=station, state=Session.State.OPEN)),
    )


def _list_row(row: LocalList, as_of: datetime) -> ListRow:
    drift = [entry.uid for entry in local_lists.drift_of(row, as_of)] if row.is_wanted else []
    if row.station_version is not None and row.station_version != row.version:
        drift.insert(0, _("version %(number)s") % {"number": row.station_version})
    return ListRow(
        state=row.state,
        is_wanted=row.is_wanted,
        version=row.version,
        station_version=row.station_version,
        entries=len(row.entries),
        left_out=row.left_out,
        drift=drift,
        reason=row.reason,
        checked_at=row.checked_at,
    )


@dataclass(frozen=True)
class SessionProof:
    """What a session's meter signed, the keys nobody trusts yet, and how long we held it, s."""

    signed: list[SignedReading]
    untrusted_keys: list[MeterKey]
    held_s: int


def session_proof(person: Person, session: Session, as_of: datetime) -> SessionProof:
    """Return the evidence beside a session's figures."""
    keys = MeterKey.objects.in_charge(person).filter(
        station_id=session.station_id, connector_id=session.connector_id, approved_at=None
    )
    may_trust = access.has_role_at(
        person,
        access.COMMAND_ROLES,
        operator_id=session.operator_id,
        location_id=session.station.location_id,
    )
    held = sum(
        (
            (hold.ended_at or session.ended_at or as_of) - hold.started_at
            for hold in session.holds.all()
        ),
        timedelta(0),
    )
    return SessionProof(
        signed=list(session.signed_readings.order_by("occurred_at")[:RECENT]),
        untrusted_keys=list(keys) if may_trust else [],
        held_s=max(int(held.total_seconds()), 0),
    )
