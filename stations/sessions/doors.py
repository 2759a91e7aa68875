"""What a handshake reads of a station and its operator, and what it leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Json

from stations.sessions.arrays import texts


@dataclass(frozen=True, slots=True)
class StationRow:
    """What a handshake must know of a station."""

    id: int
    operator_id: int
    identity: str
    password_hash: str
    security_profile: int
    ocpp_version: str
    registration: str
    heartbeat_interval_s: int
    strict_inbound: bool
    booted_at: datetime | None
    serial_number: str = ""
    is_online: bool = False
    is_open_allowed: bool = False
    pending_password_hash: str = ""
    pending_profile: int | None = None
    certificate_name: str = ""
    is_expired_allowed: bool = False
    is_renewing: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What a proven connection makes true of its station; None leaves it as it is."""

    station_id: int
    password_hash: str | None = None
    profile: int | None = None
    is_renewing: bool | None = None


FIND = """
SELECT s.id, s.operator_id, s.identity, s.password_hash, s.security_profile, s.ocpp_version,
    s.registration, s.heartbeat_interval_s, s.strict_inbound, s.last_boot_at, s.serial_number,
    s.is_online, coalesce(a.is_open_allowed, false), coalesce(a.pending_password_hash, ''),
    a.pending_profile, coalesce(a.certificate_name, ''), coalesce(a.is_expired_allowed, false),
    coalesce(a.is_renewing, false)
FROM stations_station s LEFT JOIN stations_stationaccess a ON a.station_id = s.id
WHERE s.identity = ANY(%s::text[]) AND s.is_active
"""
ANCHORS = """
SELECT c.pem, CASE c.organization WHEN '' THEN o.legal_name ELSE c.organization END
FROM stations_certificateauthority c JOIN core_operator o ON o.id = c.operator_id
WHERE c.operator_id = %s AND c.use = 'station' AND c.is_active ORDER BY c.id
"""
REVOKED = "SELECT serial_number FROM stations_revokedcertificate WHERE operator_id = %s"
NOTE = """
INSERT INTO stations_observation
    (operator_id, station_id, kind, source_id, detail, occurred_at, received_at)
SELECT operator_id, id, %s, %s, %s, %s, %s
FROM stations_station WHERE id = %s ON CONFLICT DO NOTHING
"""
LAST_CONNECTED = """
SELECT detail FROM stations_observation WHERE station_id = %s AND kind = 'connected'
ORDER BY occurred_at DESC, id DESC LIMIT 1
"""
PROVEN_KEY = """
WITH proven AS (
    UPDATE stations_stationaccess SET pending_password_hash = '', password_changed_at = %(at)s
    WHERE station_id = %(station)s AND position(%(hash)s IN pending_password_hash) > 0
    RETURNING station_id
)
UPDATE stations_station s SET password_hash = %(hash)s FROM proven WHERE s.id = proven.station_id
"""
PROVEN_PROFILE = """
WITH proven AS (
    UPDATE stations_stationaccess SET pending_profile = NULL
    WHERE station_id = %(station)s AND pending_profile = %(profile)s RETURNING station_id
)
UPDATE stations_station s SET security_profile = %(profile)s FROM proven
WHERE s.id = proven.station_id
"""
RENEWING = """
WITH known AS (
    UPDATE stations_stationaccess SET is_renewing = %(is_renewing)s
    WHERE station_id = %(station)s RETURNING station_id
)
UPDATE stations_station s SET registration = %(registration)s FROM known
WHERE s.id = known.station_id AND s.registration <> 'rejected'
"""


async def find_stations(
    connection: AsyncConnection[Any], identities: Sequence[str]
) -> list[StationRow | None]:
    """Return the active station of each identity, or None."""
    # a NUL fits no text of the store, so nobody is called so
    asked = {identity for identity in identities if "\x00" not in identity}
    rows = await connection.execute(FIND, (texts(asked),))
    found = {row[2]: StationRow(*row) for row in await rows.fetchall()}
    return [found.get(identity) for identity in identities]


async def find_trust(
    connection: AsyncConnection[Any], *, operator_id: int
) -> tuple[list[tuple[str, str]], set[str]]:
    """Return whose signature an operator trusts, as PEM and organization, and what is revoked."""
    anchors = await connection.execute(ANCHORS, (operator_id,))
    found = [(str(pem), str(organization)) for pem, organization in await anchors.fetchall()]
    revoked = await connection.execute(REVOKED, (operator_id,))
    return found, {str(serial) for (serial,) in await revoked.fetchall()}


async def find_last_connected(
    connection: AsyncConnection[Any], *, station_id: int
) -> dict[str, str]:
    """Return the address and the certificate a station last came with."""
    rows = await connection.execute(LAST_CONNECTED, (station_id,))
    row = await rows.fetchone()
    return dict(row[0]) if row else {}


async def settle(connection: AsyncConnection[Any], settled: Settled, *, as_of: datetime) -> None:
    """Write what a proven connection makes true: a new password or profile, a renewal."""
    station = settled.station_id
    async with connection.transaction():
        if settled.password_hash is not None:
            values = {"station": station, "hash": settled.password_hash, "at": as_of}
            await connection.execute(PROVEN_KEY, values)
        if settled.profile is not None:
            await connection.execute(
                PROVEN_PROFILE, {"station": station, "profile": settled.profile}
            )
        if settled.is_renewing is not None:
            word = "pending" if settled.is_renewing else "accepted"
            values = {
                "station": station,
                "is_renewing": settled.is_renewing,
                "registration": word,
            }
            await connection.execute(RENEWING, values)


async def note(
    connection: AsyncConnection[Any],
    *,
    station_id: int,
    kind: str,
    detail: dict[str, str],
    as_of: datetime,
) -> None:
    """Keep what happened at a station's door or on its line; once a minute is enough."""
    minute = as_of.strftime("%Y-%m-%dT%H:%M")
    await connection.execute(NOTE, (kind, minute, Json(detail), as_of, as_of, station_id))
