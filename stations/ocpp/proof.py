"""Whether a connection is the station's: the four security profiles, from values alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from stations import registry
from stations.certificates import identity as certificates
from stations.certificates.identity import CertificateRefused, Trust
from stations.ocpp.hop import Hop
from stations.sessions.doors import Settled, StationRow

Credentials = tuple[bytes, bytes] | None


@dataclass(frozen=True, slots=True)
class Proof:
    """How a station proved who it is, and what that makes true."""

    profile: int
    password_hash: str = ""
    # What BootNotification must say too, where the certificate is bound by it (B01.FR.11).
    serial_number: str = ""
    certificate: str = ""
    is_expired: bool = False

    def settles(self, station: StationRow) -> Settled | None:
        """Return what must be written before the station may come in, or None."""
        password = self.password_hash if self.password_hash != station.password_hash else ""
        profile = self.profile if self.profile != station.security_profile else None
        is_renewing = self.is_expired if self.is_expired != station.is_renewing else None
        if not password and profile is None and is_renewing is None:
            return None
        return Settled(station.id, password or None, profile, is_renewing)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nobody came in: the kind of note it leaves, and the reason for a person to read."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Knock:
    """One attempt to come in."""

    hop: Hop
    credentials: Credentials
    trust: Trust
    as_of: datetime


WRONG_PASSWORD = Refused("authentication_failed", "wrong or missing password")


def prove(station: StationRow | None, knock: Knock) -> Proof | Refused:
    """Return how a connection proved to be the station's, or why not.

    The station's profile counts, and the one it was told to change to; no other, higher or lower
    (A00.FR.001, A00.FR.002, A05.FR.07). Nobody's password takes as long to check as somebody's.
    """
    if station is None:
        _matching_hash(("",), knock.credentials)
        return WRONG_PASSWORD
    refused = PROFILES[station.security_profile](station, knock)
    if isinstance(refused, Proof) or station.pending_profile is None:
        return refused
    other = PROFILES[station.pending_profile](station, knock)
    return other if isinstance(other, Proof) else refused


def _open(station: StationRow, knock: Knock) -> Proof | Refused:
    if not station.is_open_allowed:
        return Refused("profile_refused", "profile 0 is not allowed to this station")
    if not knock.hop.is_trusted:
        return Refused("profile_refused", "profile 0 from a network that is not trusted")
    return Proof(0)


def _basic(station: StationRow, knock: Knock) -> Proof | Refused:
    matched = _known_password(station, knock.credentials)
    if not matched:
        return WRONG_PASSWORD
    if knock.hop.is_tls:
        return Refused("profile_refused", "came with TLS, and its profile is 1")
    if not knock.hop.is_trusted:
        return Refused("profile_refused", "profile 1 from a network that is not trusted")
    return Proof(1, password_hash=matched)


def _basic_over_tls(station: StationRow, knock: Knock) -> Proof | Refused:
    matched = _known_password(station, knock.credentials)
    if not matched:
        return WRONG_PASSWORD
    if not knock.hop.is_tls:
        return Refused("profile_refused", "came without TLS, and its profile is 2")
    return Proof(2, password_hash=matched)


def _certificate(station: StationRow, knock: Knock) -> Proof | Refused:
    if not knock.hop.is_tls:
        return Refused("profile_refused", "came without TLS, and its profile is 3")
    if not knock.hop.certificate:
        return Refused("certificate_refused", "showed no certificate")
    names = {station.identity, station.certificate_name, station.serial_number} - {""}
    try:
        found = certificates.check_identity(
            knock.hop.certificate,
            names=names,
            trust=knock.trust,
            is_expired_allowed=station.is_expired_allowed,
            as_of=knock.as_of,
        )
    except CertificateRefused as refused:
        return Refused("certificate_refused", str(refused))
    is_bound_by_serial = found.common_name not in {station.identity, station.certificate_name}
    return Proof(
        3,
        password_hash=station.password_hash,
        serial_number=found.common_name if is_bound_by_serial else "",
        certificate=found.serial_number,
        is_expired=found.is_expired,
    )


PROFILES: dict[int, Callable[[StationRow, Knock], Proof | Refused]] = {
    0: _open,
    1: _basic,
    2: _basic_over_tls,
    3: _certificate,
}


def _known_password(station: StationRow, credentials: Credentials) -> str:
    """Return which kept password the credentials are: the station's, or the one on its way."""
    if credentials is not None and credentials[0] != station.identity.encode():
        return ""
    kept = (station.password_hash, *station.pending_password_hash.split())
    return _matching_hash(kept, credentials)


def _matching_hash(kept: Iterable[str], credentials: Credentials) -> str:
    if credentials is None:
        return ""
    for password_hash in kept:
        for candidate in _spellings(credentials[1]):
            if registry.check_password(password_hash, candidate):
                return password_hash
    return ""


def _spellings(password: bytes) -> list[bytes]:
    """Return a password as it came, and as a 1.6 key: its bytes or their hex digits."""
    spellings = [password, password.hex().encode(), password.hex().upper().encode()]
    if len(password) in (32, 40):
        try:
            key = bytes.fromhex(password.decode("ascii"))
            spellings += [key, key.hex().encode()]
        except (UnicodeDecodeError, ValueError):
            return spellings
    return spellings
