"""Commands: calls to a station as rows, sent at most once an attempt, always ending somewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.db import connection as django_connection
from django.db import transaction
from django.db.models import Q
from psycopg import AsyncConnection
from psycopg.types.json import Json

from chargenet.core import locks, sealing
from chargenet.core.models import User
from stations import secrets, variables
from stations.models import Command, Station

CHANNEL: Final = "chargenet_commands"
DEFAULT_LIFETIME: Final = timedelta(minutes=5)
# Our own words; each version's name and payload is made where OCPP is spoken.
REMOTE_START, REMOTE_STOP = "remote_start", "remote_stop"
RESET, TRIGGER = "reset", "trigger_message"
TRANSACTION_STATUS = "transaction_status"
GET_CONFIGURATION, SET_CONFIGURATION = "get_configuration", "set_configuration"
INSTALL_CERTIFICATE, INSTALLED_CERTIFICATES = "install_certificate", "installed_certificates"
DELETE_CERTIFICATE, CERTIFICATE_SIGNED = "delete_certificate", "certificate_signed"
SET_PROFILE, CLEAR_PROFILE = "set_profile", "clear_profile"
COMPOSITE_SCHEDULE, SHOW_MESSAGE = "composite_schedule", "show_message"
SEND_LOCAL_LIST, LOCAL_LIST_VERSION = "send_local_list", "local_list_version"
RESERVE, CANCEL_RESERVATION, CLEAR_MESSAGE = "reserve", "cancel_reservation", "clear_message"
UNLOCK, CHANGE_AVAILABILITY, CLEAR_CACHE = "unlock", "change_availability", "clear_cache"
GET_LOG, UPDATE_FIRMWARE = "get_log", "update_firmware"
# The kind of origin of what ends nobody's charging: held back while a session is open.
SPARING: Final = "healing"
MAX_ERROR = 255
SENDERS_LOCK: Final = 4612
ANSWERED: Final = ("accepted", "rejected", "error")
UNDER_WAY: Final = ("queued", "claimed", "sent")
# A station may answer between the two halves of a double click.
TWICE = timedelta(seconds=3)
# An answer that never came although the gateway is gone; longer than any call may take.
LOST_AFTER = timedelta(seconds=90)


class CommandUnfit(ValueError):
    """The station could not be told this: every argument is one sentence that says why."""


class Speech(Protocol):
    """Who knows what a version's stations understand: the socket room, bound at start."""

    def complaints(self, version: str, action: str, payload: Mapping[str, Any]) -> list[str]:
        """Return why a station could not be told this, in sentences; nothing where it could."""
        ...

    def known_actions(self, version: str) -> list[str]:
        """Return the names of the actions a station of a version can be asked."""
        ...


_speech: Speech | None = None


def bind_speech(speech: Speech) -> None:
    """Say who knows what stations understand; called by `chargenet.wiring`."""
    global _speech
    _speech = speech


def known_actions(version: str) -> list[str]:
    """Return OCPP's names of what a station of a version can be asked."""
    return _speech.known_actions(version) if _speech and version else []


def require_fit(*, station: Station, action: str, payload: Mapping[str, Any]) -> None:
    """Raise CommandUnfit where the station could not be told this.

    Of a station that never connected no version is known: the gateway checks before it sends.
    """
    if not station.ocpp_version or _speech is None:
        return
    reasons = _speech.complaints(station.ocpp_version, action, payload)
    reasons = reasons or variables.too_much(station, action, payload)
    if reasons:
        raise CommandUnfit(*reasons)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A command this connection may send now."""

    id: int
    action: str
    payload: dict[str, Any]
    sealed: bytes | None = None

    def open(self) -> dict[str, Any]:
        """Return the payload as it must be sent; raises SealBroken."""
        if self.sealed is None:
            return self.payload
        opened: dict[str, Any] = json.loads(sealing.unseal(self.sealed))
        return opened


@transaction.atomic
def send_command(
    *,
    station: Station,
    action: str,
    payload: Mapping[str, Any] | None = None,
    requested_by: User | None = None,
    as_of: datetime,
    lifetime: timedelta = DEFAULT_LIFETIME,
    origin: str = "",
) -> Command:
    """Queue a call to a station and wake the gateway that holds it.

    `action` is one of ours (remote_start {token, evse?}, remote_stop {transaction}, reset {type?},
    trigger_message {message, evse?}) or OCPP's own name with OCPP's own payload. It expires when
    it was not sent within its lifetime; what was sent is never sent again. `origin` is "kind:id"
    of what the call is a part of; `stations.followups` tells that how it ended. What is secret in
    the payload stands as "***" in the row, and lies sealed beside it until the command has ended.
    """
    asked = dict(payload or {})
    shown = secrets.hidden(asked)
    command = Command.objects.create(
        operator_id=station.operator_id,
        station=station,
        action=action,
        payload=shown,
        sealed=None if shown == asked else sealing.seal(json.dumps(asked)),
        requested_by=requested_by,
        created_at=as_of,
        expires_at=as_of + lifetime,
        origin=origin,
    )
    with django_connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(station.pk)])
    return command


@transaction.atomic
def send_command_once(
    *,
    station: Station,
    action: str,
    payload: Mapping[str, Any],
    requested_by: User | None,
    as_of: datetime,
    lifetime: timedelta = DEFAULT_LIFETIME,
) -> tuple[Command, bool]:
    """Queue a person's call, pressed twice or not, unless it is under way; say if it is new."""
    locks.hold(SENDERS_LOCK, station.pk)
    same = Command.objects.filter(station=station, action=action, payload=secrets.hidden(payload))
    under_way = Q(state__in=UNDER_WAY, created_at__gt=as_of - lifetime)
    there = same.filter(under_way | Q(created_at__gt=as_of - TWICE)).order_by("-pk").first()
    if there is not None:
        return there, False
    command = send_command(
        station=station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=lifetime,
    )
    return command, True


CLAIM = """
UPDATE stations_command SET state = 'claimed', claimed_epoch = %(epoch)s
WHERE id = (
    SELECT c.id FROM stations_command c JOIN stations_station s ON s.id = c.station_id
    WHERE c.station_id = %(station)s AND c.state = 'queued' AND s.epoch = %(epoch)s
        AND c.expires_at > %(now)s
    ORDER BY c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED
) RETURNING id, action, payload, sealed
"""
MARK_SENT = """
UPDATE stations_command c SET state = 'sent', message_id = %s, sent_at = %s
FROM stations_station s
WHERE c.id = %s AND c.state = 'claimed' AND s.id = c.station_id AND s.epoch = c.claimed_epoch
    AND NOT (c.origin LIKE 'healing:%%' AND c.action IN ('reset', 'unlock') AND EXISTS (
        SELECT 1 FROM stations_session o WHERE o.station_id = c.station_id AND o.state = 'open'))
"""
FINISH = """
UPDATE stations_command SET state = %s, answer = %s, error = %s, finished_at = %s,
    followed_at = NULL, sealed = NULL
WHERE id = %s AND (state IN ('claimed', 'sent') OR (state = 'unknown' AND %s))
"""
SWEEP = """
WITH expired AS (
    UPDATE stations_command SET state = 'expired', finished_at = %(now)s, sealed = NULL
    WHERE state IN ('queued', 'claimed') AND expires_at <= %(now)s RETURNING id
), lost AS (
    UPDATE stations_command SET state = 'unknown', finished_at = %(now)s, sealed = NULL,
        error = 'The gateway ended before the answer.'
    WHERE state = 'sent' AND sent_at < %(lost)s RETURNING id
)
SELECT DISTINCT station_id FROM stations_command WHERE state = 'queued' AND expires_at > %(now)s
"""
KEEP_CALL = """
INSERT INTO stations_ocppframe (operator_id, station_id, received_at, is_inbound, action,
    message_id, error, frame)
SELECT operator_id, id, %s, false, %s, %s, '', %s FROM stations_station WHERE id = %s
"""
KEEP_ANSWER = """
UPDATE stations_ocppframe SET answer = %s, error = %s, answered_at = %s
WHERE station_id = %s AND received_at = %s AND message_id = %s AND NOT is_inbound
"""
QUEUE = """
INSERT INTO stations_command (operator_id, station_id, action, payload, state, created_at,
    expires_at, message_id, error, origin)
SELECT operator_id, id, %s, %s, 'queued', %s, %s, '', '', '' FROM stations_station WHERE id = %s
"""


async def claim_command(
    connection: AsyncConnection[Any], *, station_id: int, epoch: int, as_of: datetime
) -> Claimed | None:
    """Take the oldest queued command of a station, if this connection is still its newest."""
    rows = await connection.execute(CLAIM, {"station": station_id, "epoch": epoch, "now": as_of})
    row = await rows.fetchone()
    return Claimed(*row) if row else None


async def mark_sent(
    connection: AsyncConnection[Any], *, command_id: int, message_id: str, as_of: datetime
) -> bool:
    """Write that a command leaves now; False where it is no longer this connection's to send."""
    done = await connection.execute(MARK_SENT, (message_id, as_of, command_id))
    return done.rowcount == 1


async def finish_command(
    connection: AsyncConnection[Any],
    *,
    command_id: int,
    state: str,
    answer: Mapping[str, Any] | None = None,
    error: str = "",
    as_of: datetime,
) -> None:
    """Write the final state of a command, once; an answer that came after all ends the doubt."""
    kept = None if answer is None else Json(secrets.hidden(dict(answer)))
    # A new connection may have declared it unknown between the answer and this line.
    values = (state, kept, error[:MAX_ERROR], as_of, command_id, state in ANSWERED)
    await connection.execute(FINISH, values)


async def sweep_commands(connection: AsyncConnection[Any], *, as_of: datetime) -> list[int]:
    """End what expired or was lost, and return the stations with queued commands."""
    rows = await connection.execute(SWEEP, {"now": as_of, "lost": as_of - LOST_AFTER})
    return [station_id for (station_id,) in await rows.fetchall()]


async def queue_command(
    connection: AsyncConnection[Any],
    *,
    station_id: int,
    action: str,
    payload: Mapping[str, Any],
    as_of: datetime,
) -> None:
    """Queue a command of the gateway's own."""
    expires_at = as_of + DEFAULT_LIFETIME
    values = (action, Json(dict(payload)), as_of, expires_at, station_id)
    await connection.execute(QUEUE, values)


async def keep_call(
    connection: AsyncConnection[Any],
    *,
    station_id: int,
    action: str,
    message_id: str,
    frame: bytes,
    sent_at: datetime,
) -> None:
    """Keep a call that leaves now; secrets are the caller's to mask."""
    values = (sent_at, action[:40], message_id, frame, station_id)
    await connection.execute(KEEP_CALL, values)


async def keep_answer(
    connection: AsyncConnection[Any],
    *,
    station_id: int,
    sent_at: datetime,
    message_id: str,
    answer: bytes,
    error: str,
    as_of: datetime,
) -> None:
    """Keep what a call was answered beside it; `error` is the code of a CALLERROR."""
    values = (answer, error[:40], as_of, station_id, sent_at, message_id)
    await connection.execute(KEEP_ANSWER, values)
