"""Sites, stations and their keys: what stands where, and who may call itself so."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from chargenet.core.models import Operator
from stations.models import Connector, Evse, Location, OcppVersion, Station, StationAccess

# Neither 0/O nor 1/I/L nor U/V: people read these aloud from a sticker.
PUBLIC_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTWXYZ"
PUBLIC_CODE_LENGTH: Final = 10
PASSWORD_ALPHABET: Final = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # noqa: S105
# OCPP 1.6 takes 16 to 20 bytes as a Basic password, 2.0.1 up to 40; 20 fits every station.
PASSWORD_LENGTH: Final = 20
SHORTEST_PASSWORD_BYTES, LONGEST_PASSWORD_BYTES = 16, 64
UNPLACED_SITE: Final = "Unplaced stations"
LONGEST_SITE: Final = 160
MOST_CONNECTORS: Final = 64


class StationRefused(ValueError):
    """The station cannot be registered as asked; `field` names what is wrong with it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class StationPlan:
    """What somebody asks to be registered; None leaves the choice to us or to what exists."""

    identity: str
    site: str | None = None
    ocpp_version: str | None = None
    connectors: int | None = None
    max_power_w: int | None = None
    security_profile: int | None = None
    password: str | None = None


@dataclass(frozen=True)
class Registered:
    """A registered station; the password only where it was set now, for it is kept nowhere."""

    station: Station
    password: str | None
    is_new: bool


def new_password() -> str:
    """Return a random Basic password a person can type: 20 characters, 115 bits."""
    return "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_LENGTH))


def new_public_code() -> str:
    """Return an unguessable connector code without look-alikes: 10 characters, 48 bits."""
    return "".join(secrets.choice(PUBLIC_ALPHABET) for _ in range(PUBLIC_CODE_LENGTH))


def hash_password(raw: bytes) -> str:
    """Return what is kept of a station's password.

    The key is random, so one keyed hash is enough: a slow one would let a thousand
    reconnecting stations, or one stranger, take the processor for minutes.
    """
    salt = secrets.token_bytes(16)
    return f"hmac-sha256${salt.hex()}${_digest(salt, raw).hex()}"


def check_password(password_hash: str, raw: bytes) -> bool:
    """Say whether a password is the station's; takes the same time for every wrong one."""
    scheme, _, rest = password_hash.partition("$")
    salt, _, digest = rest.partition("$")
    is_set = scheme == "hmac-sha256"
    found = _digest(bytes.fromhex(salt) if is_set else b"no password", raw)
    return hmac.compare_digest(found.hex(), digest) and is_set


def set_password(station: Station, password: str) -> None:
    """Give a station its password; the one before ends at once. Raises StationRefused."""
    check_length(password)
    station.password_hash = hash_password(password.encode())
    station.save(update_fields=["password_hash"])
    StationAccess.objects.filter(station=station).update(pending_password_hash="")


def check_length(password: str) -> None:
    """Raise StationRefused where OCPP cannot carry a password."""
    length = len(password.encode())
    if not SHORTEST_PASSWORD_BYTES <= length <= LONGEST_PASSWORD_BYTES:
        raise StationRefused(
            "password",
            f"has {length} bytes; OCPP wants {SHORTEST_PASSWORD_BYTES} to"
            f" {LONGEST_PASSWORD_BYTES}",
        )


@transaction.atomic
def add_station(*, operator: Operator, plan: StationPlan) -> Registered:
    """Register a station with its site, EVSEs and connectors, or return the one that exists.

    An existing station keeps its password unless the plan brings one. Raises StationRefused
    where the plan contradicts what exists, or OCPP.
    """
    _check(plan)
    site = plan.site or UNPLACED_SITE
    known = Station.objects.filter(identity=plan.identity).first()
    if known is None:
        location, _ = Location.objects.get_or_create(
            operator=operator,
            name=site,
            defaults={"country": operator.country, "timezone": operator.timezone},
        )
        return _register(location, plan)
    _refuse_contradiction(known, operator, plan)
    if plan.password:
        set_password(known, plan.password)
    return Registered(station=known, password=plan.password, is_new=False)


def refuse_unfit(*, operator: Operator, plan: StationPlan, known: Station | None) -> None:
    """Raise StationRefused where a plan contradicts OCPP, or the station that is there."""
    _check(plan)
    if known is not None:
        _refuse_contradiction(known, operator, plan)


def add_connectors(
    station: Station, *, numbers: range, kind: str = Connector.Kind.SOCKET, standard: str = ""
) -> list[Connector]:
    """Give a station one EVSE with one connector for each number it lacks."""
    have = set(Evse.objects.filter(station=station).values_list("number", flat=True))
    evses = Evse.objects.bulk_create(
        Evse(
            operator_id=station.operator_id,
            station=station,
            number=number,
            max_power_w=station.max_power_w,
        )
        for number in numbers
        if number not in have
    )
    tethered = kind == Connector.Kind.TETHERED
    return Connector.objects.bulk_create(
        Connector(
            operator_id=station.operator_id,
            station=station,
            evse=evse,
            number=1,
            public_code=new_public_code(),
            kind=kind,
            standard=standard or ("IEC_62196_T2_COMBO" if tethered else "IEC_62196_T2"),
            max_power_w=station.max_power_w,
        )
        for evse in evses
    )


def _digest(salt: bytes, raw: bytes) -> bytes:
    return hmac.digest(salt, raw, hashlib.sha256)


def _register(location: Location, plan: StationPlan) -> Registered:
    station, password = new_station(location, plan)
    station.save(force_insert=True)
    allow_open([station])
    add_connectors(station, numbers=range(1, (plan.connectors or 1) + 1))
    return Registered(station=station, password=password, is_new=True)


def new_station(location: Location, plan: StationPlan) -> tuple[Station, str | None]:
    """Return a station not yet saved, and its password where it has one."""
    station = Station(
        operator=location.operator,
        location=location,
        identity=plan.identity,
        name=plan.identity,
        ocpp_version=plan.ocpp_version or OcppVersion.V16,
        max_power_w=plan.max_power_w,
        security_profile=settings.DEFAULT_SECURITY_PROFILE
        if plan.security_profile is None
        else plan.security_profile,
    )
    # Profile 0 knows no password, profile 3 a certificate instead of one.
    wants_password = station.security_profile in {1, 2}
    password = plan.password or (new_password() if wants_password else None)
    if password:
        check_length(password)
        station.password_hash = hash_password(password.encode())
    return station, password


def allow_open(stations: Sequence[Station]) -> None:
    """Let stations of profile 0 in: asked for by name, still only from a trusted network."""
    StationAccess.objects.bulk_create(
        StationAccess(operator_id=station.operator_id, station=station, is_open_allowed=True)
        for station in stations
        if station.security_profile == 0
    )


def _check(plan: StationPlan) -> None:
    identity = plan.identity
    # The identity is the user name of Basic authentication, which ends at the first colon.
    if not 1 <= len(identity) <= 48 or ":" in identity or "/" in identity:
        raise StationRefused("identity", "takes 1 to 48 characters without ':' and '/'")
    if not identity.isascii() or not identity.isprintable() or " " in identity:
        raise StationRefused("identity", "takes printable ASCII without blanks, as URLs do")
    if identity in {".", ".."}:
        raise StationRefused("identity", "of dots alone means another address in a URL")
    if plan.site is not None and not (plan.site.isprintable() and len(plan.site) <= LONGEST_SITE):
        raise StationRefused("site", f"takes at most {LONGEST_SITE} printable characters")
    if plan.ocpp_version is not None and plan.ocpp_version not in OcppVersion.values:
        raise StationRefused("ocpp", f"{plan.ocpp_version!r} is none of {OcppVersion.values}")
    if plan.connectors is not None and not 1 <= plan.connectors <= MOST_CONNECTORS:
        raise StationRefused("connectors", f"takes 1 to {MOST_CONNECTORS}")
    if plan.security_profile is not None and plan.security_profile not in range(4):
        raise StationRefused("profile", "takes 0, 1, 2 or 3")
    if plan.max_power_w is not None and not 0 < plan.max_power_w <= 10_000_000:
        raise StationRefused("max-power-kw", "takes more than 0 and at most 10000 kW")


def _refuse_contradiction(station: Station, operator: Operator, plan: StationPlan) -> None:
    """Raise StationRefused where the plan names another value than the registered one."""
    if station.operator_id != operator.pk:
        raise StationRefused("identity", "is taken by another operator's station")
    have: dict[str, tuple[object, object]] = {
        "site": (station.location.name, plan.site),
        "connectors": (station.connectors.count(), plan.connectors),
        "max-power-kw": (station.max_power_w, plan.max_power_w),
        "profile": (station.security_profile, plan.security_profile),
    }
    for field, (is_now, asked) in have.items():
        if asked is not None and asked != is_now:
            raise StationRefused(field, f"of {station.identity} is {is_now}, not {asked}")
