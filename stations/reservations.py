"""Reservations: a connector kept for a token until an instant (OCPP block H)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from chargenet.core.models import User
from stations import commands
from stations.models import (
    Command,
    Connector,
    Reservation,
    Session,
    Station,
    StationReport,
    Token,
)

ORIGIN: Final = "reservation"
LIFETIME: Final = timedelta(minutes=2)
LONGEST: Final = timedelta(hours=24)
SHORT_TAG: Final = 20
# A session may begin a moment after the reservation ran out: the station decided in time.
GRACE: Final = timedelta(minutes=2)
State = Reservation.State
UNHEARD: Final = (Command.State.TIMEOUT, Command.State.UNKNOWN)


class ReservationRefused(ValueError):
    """A reservation that cannot be; the text says why."""


@transaction.atomic
def reserve(
    *,
    station: Station,
    connector: Connector | None,
    token: Token,
    expires_at: datetime,
    requested_by: User | None = None,
    as_of: datetime,
) -> Reservation:
    """Ask a station to keep a connector, or any one, for a token. Raises ReservationRefused."""
    Station.objects.select_for_update(no_key=True).get(pk=station.pk)
    _check(station, connector, token, expires_at, as_of)
    rows = Reservation.objects.filter(station=station)
    number = (rows.aggregate(top=Max("number"))["top"] or 0) + 1
    made = Reservation.objects.create(
        operator_id=station.operator_id,
        station=station,
        connector=connector,
        number=number,
        token=token,
        driver_id=token.driver_id,
        requested_by=requested_by,
        created_at=as_of,
        expires_at=expires_at,
    )
    payload = {
        "id": number,
        "evse": connector.evse.number if connector else 0,
        "token": token.uid,
        "token_kind": token.kind,
        "group": token.group,
        "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    _send(made, commands.RESERVE, payload, requested_by, as_of)
    return made


@transaction.atomic
def cancel(*, reservation: Reservation, requested_by: User | None = None, as_of: datetime) -> bool:
    """Ask a station to give a reserved connector free; False where it is over already."""
    open_one = Reservation.objects.filter(pk=reservation.pk, state__in=Reservation.OPEN)
    if not open_one.update(state=State.CANCELLING):
        return False
    payload = {"id": reservation.number}
    _send(reservation, commands.CANCEL_RESERVATION, payload, requested_by, as_of)
    return True


def _send(
    reservation: Reservation,
    action: str,
    payload: Mapping[str, object],
    requested_by: User | None,
    as_of: datetime,
) -> None:
    commands.send_command(
        station=reservation.station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{reservation.pk}",
    )


def _check(
    station: Station,
    connector: Connector | None,
    token: Token,
    expires_at: datetime,
    as_of: datetime,
) -> None:
    if token.operator_id != station.operator_id:
        raise ReservationRefused("the token is of another operator")
    if token.is_blocked or (token.valid_until is not None and token.valid_until <= as_of):
        raise ReservationRefused("the token may not charge")
    if not as_of < expires_at <= as_of + LONGEST:
        raise ReservationRefused("a reservation ends within 24 hours")
    if station.ocpp_version == "1.6" and len(token.uid) > SHORT_TAG:
        raise ReservationRefused("the station takes tokens of at most 20 characters")
    if connector is None:
        return
    if connector.station_id != station.pk:
        raise ReservationRefused("the connector is at another station")
    if connector.sessions.filter(state=Session.State.OPEN).exists():
        raise ReservationRefused("somebody charges there")
    if connector.reservations.filter(state__in=Reservation.OPEN).exists():
        raise ReservationRefused("the connector is reserved already")


def follow_reservation(command: Command, as_of: datetime) -> None:
    """Write what a station made of a reservation or of its end."""
    found = Reservation.objects.filter(pk=int(command.origin.partition(":")[2])).first()
    if found is None or found.state not in Reservation.OPEN:
        return
    word = str((command.answer or {}).get("status") or command.error or command.state)[:60]
    if command.action == commands.CANCEL_RESERVATION:
        if command.state in UNHEARD:
            # It ends by itself in time; the connector is not promised to anybody until then.
            _write(found, State.CANCELLING, word, None)
        else:
            # Rejected says that the station has no such reservation (1.6 §5.3, H02.FR.01).
            _write(found, State.CANCELLED, word, as_of)
    elif command.state == Command.State.ACCEPTED:
        if found.state == State.ASKED:
            _write(found, State.ACTIVE, "", None)
    elif command.state in UNHEARD:
        _write(found, State.ACTIVE, word, None)
    else:
        _write(found, State.REFUSED, word, as_of)


def _write(found: Reservation, state: str, reason: str, ended_at: datetime | None) -> None:
    Reservation.objects.filter(pk=found.pk).update(state=state, reason=reason, ended_at=ended_at)


def apply_update(report: StationReport, as_of: datetime) -> None:
    """Take in that a station ended a reservation itself (H04)."""
    word = str(report.payload.get("reservationUpdateStatus", ""))
    states = {"Expired": State.EXPIRED, "Removed": State.REMOVED}
    rows = Reservation.objects.filter(
        station_id=report.station_id,
        number=int(report.payload.get("reservationId") or 0),
        state__in=Reservation.OPEN,
    )
    rows.update(state=states.get(word, State.REMOVED), reason=word[:60], ended_at=as_of)


def apply_used(report: StationReport, as_of: datetime) -> None:
    """Take in that a session began under a reservation, as the station named it."""
    rows = Reservation.objects.filter(
        station_id=report.station_id,
        number=int(report.payload.get("reservationId") or 0),
        state__in=Reservation.OPEN,
    )
    for found in rows:
        _use(found, _session_of(found, as_of), as_of)


def match_sessions(*, station_id: int, as_of: datetime) -> int:
    """End reservations whose token charges now; some stations name none in the start."""
    used = 0
    rows = Reservation.objects.filter(
        station_id=station_id, state__in=(State.ASKED, State.ACTIVE)
    ).select_related("token")
    for found in rows:
        session = _session_of(found, as_of)
        if session is not None:
            _use(found, session, as_of)
            used += 1
    return used


def _session_of(found: Reservation, as_of: datetime) -> Session | None:
    rows = Session.objects.filter(
        station_id=found.station_id,
        token_id=found.token_id,
        started_at__gte=found.created_at,
        started_at__lte=min(found.expires_at + GRACE, as_of + GRACE),
    )
    if found.connector_id is not None:
        rows = rows.filter(connector_id=found.connector_id)
    return rows.order_by("started_at").first()


def _use(found: Reservation, session: Session | None, as_of: datetime) -> None:
    Reservation.objects.filter(pk=found.pk, state__in=Reservation.OPEN).update(
        state=State.USED, session=session, ended_at=as_of
    )


def sweep_expired(*, as_of: datetime) -> int:
    """End the reservations whose time is over; one a session used is not over but used."""
    rows = Reservation.objects.filter(expires_at__lt=as_of, state__in=Reservation.OPEN)
    for station_id in set(rows.values_list("station_id", flat=True)):
        match_sessions(station_id=station_id, as_of=as_of)
    return rows.filter(expires_at__lt=as_of - GRACE).update(state=State.EXPIRED, ended_at=as_of)
