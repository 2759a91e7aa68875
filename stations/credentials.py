"""Passwords and security profiles of stations: changed over the wire, without locking one out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from chargenet.core.models import User
from stations import commands, registry
from stations.models import (
    CertificateAuthority,
    Command,
    OcppVersion,
    Station,
    StationAccess,
)

PASSWORD_ORIGIN: Final = "password"  # noqa: S105  a word of ours
PROFILE_ORIGIN: Final = "security_profile"
LIFETIME: Final = timedelta(minutes=30)
# Passwords on their way whose end nobody knows: the station may use any of them.
MOST_PENDING: Final = 4
INTERFACES: Final = ("Wired0", "Wireless0")


class CredentialsRefused(ValueError):
    """The change cannot be made; the text says why."""


@transaction.atomic
def rotate_password(
    *, station: Station, requested_by: User | None, as_of: datetime, password: str = ""
) -> Command:
    """Give a station a new password over the wire; nobody sees it.

    Old and new both open until the station's answer or its first login decides (A01.FR.03, 04).
    Raises CredentialsRefused.
    """
    if station.security_profile not in {1, 2}:
        raise CredentialsRefused(_("This station's security profile uses no password."))
    if not station.ocpp_version:
        raise CredentialsRefused(_("The station never connected: set its password directly."))
    access = access_of(station)
    if _under_way(station, PASSWORD_ORIGIN):
        raise CredentialsRefused(_("A new password is already on its way."))
    pending = access.pending_password_hash.split()
    if len(pending) >= MOST_PENDING:
        raise CredentialsRefused(
            _("Nobody knows which of the last passwords it uses: it has to connect once first.")
        )
    secret = password or registry.new_password()
    registry.check_length(secret)
    kept = registry.hash_password(secret.encode())
    access.pending_password_hash = " ".join([*pending, kept])
    access.save(update_fields=["pending_password_hash"])
    action, payload = _password_call(station, secret)
    return commands.send_command(
        station=station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{PASSWORD_ORIGIN}:{_salt(kept)}",
    )


@transaction.atomic
def hear_password(command: Command, as_of: datetime) -> None:
    """Draw from how a change of password ended which ones open from now on.

    Accepted ends the old one at once, a plain no the new one; whatever leaves it open keeps both.
    """
    access = StationAccess.objects.select_for_update().get(station_id=command.station_id)
    pending = access.pending_password_hash.split()
    salt = command.origin.partition(":")[2]
    new = next((kept for kept in pending if _salt(kept) == salt), None)
    if new is None:
        return  # the station came with it meanwhile
    if command.state == Command.State.ACCEPTED and _word(command) == "accepted":
        Station.objects.filter(pk=command.station_id).update(password_hash=new)
        # What was sent after it may be what the station uses by now.
        access.pending_password_hash = " ".join(pending[pending.index(new) + 1 :])
        access.password_changed_at = as_of
    elif command.state == Command.State.REJECTED or command.sent_at is None:
        access.pending_password_hash = " ".join(kept for kept in pending if kept != new)
    access.save(update_fields=["pending_password_hash", "password_changed_at"])


@transaction.atomic
def change_profile(
    *,
    station: Station,
    profile: int,
    requested_by: User | None,
    as_of: datetime,
    is_downgrade: bool = False,
    interface: str = INTERFACES[0],
) -> Command:
    """Have a station come with another security profile from now on (A05).

    Its first connection with it makes it the one; the old one never opens again. Down goes only
    from 3 to 2, and only where it is asked for by name. Raises CredentialsRefused.
    """
    _check_profile(station, profile, is_downgrade=is_downgrade)
    access = access_of(station)
    if _under_way(station, PROFILE_ORIGIN):
        raise CredentialsRefused(_("A change of the security profile is already on its way."))
    access.pending_profile = profile
    access.save(update_fields=["pending_profile"])
    if station.ocpp_version == OcppVersion.V16:
        payload: dict[str, Any] = {"key": "SecurityProfile", "value": str(profile)}
        return _step(station, "switch", "ChangeConfiguration", payload, requested_by, as_of)
    name = interface if interface in INTERFACES else INTERFACES[0]
    return _step(
        station,
        f"read:{name}",
        "GetVariables",
        {"getVariableData": [_priority()]},
        requested_by,
        as_of,
    )


@transaction.atomic
def hear_profile(command: Command, as_of: datetime) -> None:
    """Take the next step of a change of profile, or give it up where the station said no.

    Read the slots, fill one, put it first, restart (A05.FR.02 to 05); 1.6 has one step.
    """
    station, access = command.station, access_of(command.station)
    _kind, _sep, rest = command.origin.partition(":")
    step, _sep, detail = rest.partition(":")
    profile = access.pending_profile
    if profile is None or step in {"switch", "reset"}:
        if profile is not None and _is_no(command):
            give_up_profile(station=station)
        return
    if step == "read":
        slots = _slots(command)
        slot = slots[-1] if len(slots) > 1 else max(slots, default=0) + 1
        others = ",".join(str(other) for other in slots if other != slot)
        payload: dict[str, Any] = {
            "configurationSlot": slot,
            "connectionData": _connection(station, profile, detail),
        }
        _step(station, f"network:{slot},{others}", "SetNetworkProfile", payload, None, as_of)
    elif command.state != Command.State.ACCEPTED:
        give_up_profile(station=station)
    elif step == "network":
        data = _priority() | {"attributeValue": detail.strip(",")}
        _step(station, "priority", "SetVariables", {"setVariableData": [data]}, None, as_of)
    elif step == "priority":
        _step(station, "reset", commands.RESET, {"type": "soft"}, None, as_of)


def give_up_profile(*, station: Station) -> None:
    """Leave a station with the security profile it has."""
    StationAccess.objects.filter(station=station).update(pending_profile=None)


@transaction.atomic
def change_access(
    *,
    station: Station,
    certificate_name: str,
    is_expired_allowed: bool,
    is_open_allowed: bool,
) -> None:
    """Say by which name a station's certificate is its own, and which doors stand open to it."""
    access = access_of(station)
    access.certificate_name = certificate_name
    access.is_expired_allowed = is_expired_allowed
    access.is_open_allowed = is_open_allowed
    access.save(update_fields=["certificate_name", "is_expired_allowed", "is_open_allowed"])


def access_of(station: Station) -> StationAccess:
    """Return how a station proves who it is, locked for a change; made where there is no row."""
    access, _made = StationAccess.objects.select_for_update().get_or_create(
        station=station, defaults={"operator_id": station.operator_id}
    )
    return access


def _check_profile(station: Station, profile: int, *, is_downgrade: bool) -> None:
    if profile not in {1, 2, 3} or profile == station.security_profile:
        raise CredentialsRefused(_("Choose another security profile than the present one."))
    is_lower = profile < station.security_profile
    if is_lower and not (is_downgrade and (station.security_profile, profile) == (3, 2)):
        raise CredentialsRefused(_("A station never goes back to a lower security profile."))
    if not station.ocpp_version:
        raise CredentialsRefused(_("The station never connected: its version is not known yet."))
    if profile >= 2 and not settings.GATEWAY_URL.startswith("wss://"):
        raise CredentialsRefused(
            _("Stations reach this system without TLS: GATEWAY_URL is ws://.")
        )
    trusted = CertificateAuthority.objects.filter(
        operator_id=station.operator_id, use=CertificateAuthority.Use.STATION, is_active=True
    )
    if profile == 3 and not trusted.exists():
        raise CredentialsRefused(_("Add the authority of your stations' certificates first."))


def _step(
    station: Station,
    step: str,
    action: str,
    payload: Mapping[str, Any],
    requested_by: User | None,
    as_of: datetime,
) -> Command:
    return commands.send_command(
        station=station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{PROFILE_ORIGIN}:{step}"[:60],
    )


def _connection(station: Station, profile: int, interface: str) -> dict[str, Any]:
    # The versions name themselves late in the standard's list: 2.0.1 has only OCPP20.
    is_21 = station.ocpp_version == OcppVersion.V21
    return {
        "ocppVersion": "OCPP21" if is_21 else "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": f"{settings.GATEWAY_URL}/ocpp",
        "messageTimeout": 30,
        "securityProfile": profile,
        "ocppInterface": interface,
    }


def _priority() -> dict[str, Any]:
    return {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
    }


def _slots(command: Command) -> list[int]:
    """Return the slots of network settings a station uses, the one in use first."""
    answer = command.answer if isinstance(command.answer, Mapping) else {}
    rows = answer.get("getVariableResult")
    told = rows[0].get("attributeValue", "") if isinstance(rows, list) and rows else ""
    return [int(word) for word in str(told or "").replace(" ", "").split(",") if word.isdecimal()]


def _password_call(station: Station, password: str) -> tuple[str, dict[str, Any]]:
    if station.ocpp_version == OcppVersion.V16:
        # The whitepaper wants the bytes of the key as hexadecimal digits.
        value = password.encode().hex()
        return "ChangeConfiguration", {"key": "AuthorizationKey", "value": value}
    data = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "attributeValue": password,
    }
    return "SetVariables", {"setVariableData": [data]}


def _under_way(station: Station, kind: str) -> bool:
    return Command.objects.filter(
        station=station, origin__startswith=f"{kind}:", state__in=commands.UNDER_WAY
    ).exists()


def _is_no(command: Command) -> bool:
    return command.state == Command.State.REJECTED or command.sent_at is None


def _word(command: Command) -> str:
    """Return the station's own word for a setting it was given, in small letters."""
    answer = command.answer if isinstance(command.answer, Mapping) else {}
    rows = answer.get("setVariableResult")
    row = rows[0] if isinstance(rows, list) and rows else answer
    word = row.get("attributeStatus", row.get("status", "")) if isinstance(row, Mapping) else ""
    return str(word).strip().lower()


def _salt(password_hash: str) -> str:
    return password_hash.split("$")[1]
