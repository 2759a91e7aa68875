"""What a person may do about security: each deed is one domain call and one line of the audit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from chargenet.core import access, audit
from chargenet.core.access import Person
from chargenet.core.models import Operator, Role, User
from stations import certificates, credentials
from stations.certificates import CertificateRefused
from stations.credentials import CredentialsRefused
from stations.models import (
    CertificateAuthority,
    CertificateRequest,
    InstalledCertificate,
    Station,
)

MAX_TEXT = 100_000
MAX_NAME = 80


@dataclass(frozen=True)
class Done:
    """How a deed went, in a sentence for whoever did it."""

    text: str
    is_done: bool = True


@dataclass(frozen=True)
class Order:
    """What a person asked for, and when."""

    user: User
    form: Mapping[str, str]
    as_of: datetime

    def text(self, name: str, most: int = MAX_TEXT) -> str:
        """Return one field of the form."""
        return self.form.get(name, "").replace("\0", "").strip()[:most]

    def number(self, name: str) -> int:
        """Return one field as a number, 0 where it is none."""
        raw = self.text(name, 18)
        return int(raw) if raw.isdecimal() else 0


def change_station(
    station: Station, person: Person, form: Mapping[str, str], *, as_of: datetime
) -> Done:
    """Do one deed to how a station proves itself."""
    assert isinstance(person, User), "only a person signed in has a role"
    order = Order(person, form, as_of)
    step = order.text("step", 20)
    deed = STATION_DEEDS.get(step)
    if deed is None:
        return Done(_("That is nothing this page can do."), is_done=False)
    try:
        with transaction.atomic():
            details, text = deed(station, order)
            _record(order, station.operator_id, f"security.{step}", "station", station.pk, details)
    except (CertificateRefused, CredentialsRefused) as refused:
        return Done(str(refused), is_done=False)
    return Done(text)


def change_trust(person: Person, form: Mapping[str, str], *, as_of: datetime) -> Done:
    """Do one deed to whom an operator trusts."""
    assert isinstance(person, User), "only a person signed in has a role"
    order = Order(person, form, as_of)
    deed = TRUST_DEEDS.get(order.text("step", 20))
    if deed is None:
        return Done(_("That is nothing this page can do."), is_done=False)
    try:
        with transaction.atomic():
            return Done(deed(order))
    except CertificateRefused as refused:
        return Done(str(refused), is_done=False)


def _rotate(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    command = credentials.rotate_password(
        station=station, requested_by=order.user, as_of=order.as_of
    )
    return {"command": command.pk}, _("The station gets a new password.")


def _profile(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    profile = order.number("profile")
    credentials.change_profile(
        station=station,
        profile=profile,
        requested_by=order.user,
        as_of=order.as_of,
        is_downgrade=bool(order.text("downgrade", 1)),
        interface=order.text("interface", 20),
    )
    details = {"from": station.security_profile, "to": profile}
    return details, _("The station is asked to change its security profile.")


def _give_up(station: Station, order: Order) -> tuple[dict[str, Any], str]:  # noqa: ARG001
    credentials.give_up_profile(station=station)
    return {}, _("The station keeps the security profile it has.")


def _settings(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    credentials.change_access(
        station=station,
        certificate_name=order.text("certificate_name", MAX_NAME),
        is_expired_allowed=bool(order.text("is_expired_allowed", 1)),
        is_open_allowed=bool(order.text("is_open_allowed", 1)),
    )
    changes = {
        name: order.text(name, MAX_NAME)
        for name in ("certificate_name", "is_expired_allowed", "is_open_allowed")
    }
    return changes, _("Saved. It counts from the station's next connection.")


def _ask_certificate(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    certificates.ask_for_request(station=station, requested_by=order.user, as_of=order.as_of)
    return {}, _("The station is asked for a certificate request.")


def _list(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    certificates.ask_installed(station=station, requested_by=order.user, as_of=order.as_of)
    return {}, _("The station is asked which certificates it has.")


def _install(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    rows = CertificateAuthority.objects.filter(operator_id=station.operator_id, is_active=True)
    authority = access.get_or_404(rows, order.user, pk=order.number("authority"))
    certificates.install(
        station=station, authority=authority, requested_by=order.user, as_of=order.as_of
    )
    return {"authority": authority.pk}, _("The station is asked to trust this certificate.")


def _delete(station: Station, order: Order) -> tuple[dict[str, Any], str]:
    rows = InstalledCertificate.objects.filter(station=station)
    row = access.get_or_404(rows, order.user, pk=order.number("installed"))
    certificates.delete(installed=row, requested_by=order.user, as_of=order.as_of)
    details = {"kind": row.kind, "serial_number": row.serial_number}
    return details, _("The station is asked to forget this certificate.")


StationDeed = Callable[[Station, Order], tuple[dict[str, Any], str]]
STATION_DEEDS: Mapping[str, StationDeed] = {
    "rotate": _rotate,
    "profile": _profile,
    "give_up": _give_up,
    "settings": _settings,
    "ask_certificate": _ask_certificate,
    "list": _list,
    "install": _install,
    "delete": _delete,
}


def _add(order: Order) -> str:
    operator = _operator(order)
    added = certificates.add_authorities(
        operator=operator,
        use=order.text("use", 20),
        text=order.text("pem"),
        organization=order.text("organization", 160),
        added_by=order.user,
        as_of=order.as_of,
    )
    for row in added:
        details = {"use": row.use, "name": row.name, "fingerprint": row.fingerprint}
        _record(order, operator.pk, "authority.add", "authority", row.pk, details)
    return _("Trusted from now on: %(names)s.") % {"names": ", ".join(row.name for row in added)}


def _drop(order: Order) -> str:
    row = access.get_or_404(
        CertificateAuthority.objects.all(), order.user, pk=order.number("authority")
    )
    _manages(order, row.operator_id)
    certificates.drop_authority(authority=row)
    _record(order, row.operator_id, "authority.drop", "authority", row.pk, {"name": row.name})
    return _("%(name)s is trusted no more.") % {"name": row.name}


def _revoke(order: Order) -> str:
    operator, text = _operator(order), order.text("serial_number")
    if text.startswith("-----BEGIN"):
        count = certificates.read_revocations(
            operator=operator, data=text.encode(), added_by=order.user, as_of=order.as_of
        )
        details: dict[str, Any] = {"list": count}
        said = _("Revoked by the list: %(count)s certificates.") % {"count": count}
    else:
        row = certificates.revoke(
            operator=operator,
            serial_number=text,
            reason=order.text("reason", 160),
            revoked_by=order.user,
            as_of=order.as_of,
        )
        details, said = {"serial_number": row.serial_number}, _("Revoked. It opens nothing now.")
    _record(order, operator.pk, "certificate.revoke", "operator", operator.pk, details)
    return said


def _upload(order: Order) -> str:
    row = access.get_or_404(
        CertificateRequest.objects.select_related("station", "operator"),
        order.user,
        pk=order.number("request"),
    )
    _manages(order, row.operator_id)
    certificates.upload_chain(row=row, chain=order.text("chain"), as_of=order.as_of)
    details = {"request": row.pk, "serial_number": row.serial_number}
    _record(order, row.operator_id, "certificate.upload", "station", row.station_id, details)
    return _("The certificate is on its way to the station.")


TRUST_DEEDS: Mapping[str, Callable[[Order], str]] = {
    "add": _add,
    "drop": _drop,
    "revoke": _revoke,
    "upload": _upload,
}


def _operator(order: Order) -> Operator:
    managed = access.operator_ids(order.user, {Role.OPERATOR})
    wanted = order.number("operator") or (managed[0] if len(managed) == 1 else 0)
    if wanted not in managed:
        raise Http404
    return Operator.objects.get(pk=wanted)


def _manages(order: Order, operator_id: int) -> None:
    if operator_id not in access.operator_ids(order.user, {Role.OPERATOR}):
        raise Http404


def _record(
    order: Order, operator_id: int, action: str, kind: str, number: int, details: dict[str, Any]
) -> None:
    audit.record(
        operator_id=operator_id,
        user_id=order.user.pk,
        action=action,
        object_type=kind,
        object_id=number,
        as_of=order.as_of,
        details=details,
    )
