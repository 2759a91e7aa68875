"""What stations trust and bear: certificates are installed, listed and deleted (block M)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from django.db import transaction
from django.utils.translation import gettext as _

from chargenet.core.models import User
from stations import commands
from stations.certificates import requests
from stations.certificates.fingerprints import ALGORITHMS, HashData, hash_data, read_hash_data
from stations.certificates.identity import CertificateRefused, name_of
from stations.models import (
    CertificateAuthority,
    CertificateRequest,
    Command,
    InstalledCertificate,
    OcppVersion,
    Station,
)

ORIGIN: Final = "trust"
LIFETIME: Final = timedelta(hours=1)
# Our word for what stations are to trust somebody for, by whom they trust.
KINDS: Final = {
    CertificateAuthority.Use.CSMS: "csms_root",
    CertificateAuthority.Use.MANUFACTURER: "manufacturer_root",
    CertificateAuthority.Use.V2G: "v2g_root",
    CertificateAuthority.Use.MO: "mo_root",
}
OF_16: Final = {
    "csms_root": "CentralSystemRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
}
Known = dict[HashData, x509.Certificate]


@transaction.atomic
def install(
    *,
    station: Station,
    authority: CertificateAuthority,
    requested_by: User | None,
    as_of: datetime,
) -> Command:
    """Have a station trust an authority, and list what it has. Raises CertificateRefused."""
    kind = KINDS.get(CertificateAuthority.Use(authority.use))
    if kind is None:
        raise CertificateRefused(_("Stations' own authority is not installed in stations."))
    if station.ocpp_version == OcppVersion.V16 and kind not in OF_16:
        raise CertificateRefused(_("OCPP 1.6 knows no certificates of this kind."))
    return commands.send_command(
        station=station,
        action=commands.INSTALL_CERTIFICATE,
        payload={"kind": kind, "certificate": authority.pem},
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{kind}",
    )


def delete(
    *, installed: InstalledCertificate, requested_by: User | None, as_of: datetime
) -> Command:
    """Have a station forget a certificate; what it has is listed after."""
    return commands.send_command(
        station=installed.station,
        action=commands.DELETE_CERTIFICATE,
        payload={
            "algorithm": installed.hash_algorithm,
            "issuer_name_hash": installed.issuer_name_hash,
            "issuer_key_hash": installed.issuer_key_hash,
            "serial_number": installed.serial_number,
        },
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{installed.pk}",
    )


def ask_installed(
    *, station: Station, requested_by: User | None, as_of: datetime
) -> list[Command]:
    """Ask a station which certificates it has; a 1.6 one is asked kind by kind."""
    is_16 = station.ocpp_version == OcppVersion.V16
    payloads: list[dict[str, str]] = [{"kind": kind} for kind in OF_16] if is_16 else [{}]
    return [
        commands.send_command(
            station=station,
            action=commands.INSTALLED_CERTIFICATES,
            payload=payload,
            requested_by=requested_by,
            as_of=as_of,
            lifetime=LIFETIME,
        )
        for payload in payloads
    ]


def hear_change(command: Command, as_of: datetime) -> None:
    """List what a station has after it took or forgot a certificate."""
    if command.state == Command.State.ACCEPTED:
        ask_installed(station=command.station, requested_by=None, as_of=as_of)


@transaction.atomic
def take_installed(command: Command, as_of: datetime) -> None:
    """Write which certificates a station said it has; what it no longer names is gone."""
    answer = command.answer
    if command.error or not isinstance(answer, Mapping):
        return
    asked = _asked(command)
    rows = InstalledCertificate.objects.filter(station=command.station)
    if asked:
        rows = rows.filter(kind__in=asked)
    known = _known(command.station)
    kept = []
    for kind, told, is_child in _told(answer, asked[0] if asked else ""):
        found = known.get(told)
        row, _made = InstalledCertificate.objects.update_or_create(
            station=command.station,
            kind=kind,
            hash_algorithm=told.algorithm,
            issuer_name_hash=told.issuer_name,
            issuer_key_hash=told.issuer_key,
            serial_number=told.serial_number,
            defaults={
                "operator_id": command.operator_id,
                "is_child": is_child,
                "subject": name_of(found.subject)[:255] if found else "",
                "not_after": found.not_valid_after_utc if found else None,
                "seen_at": command.finished_at or as_of,
            },
        )
        kept.append(row.pk)
    rows.exclude(pk__in=kept).delete()


def _asked(command: Command) -> list[str]:
    """Return OCPP's words for the kinds a station was asked for; none of them means all."""
    words = command.payload.get("certificateType") or OF_16.get(str(command.payload.get("kind")))
    return [words] if isinstance(words, str) else [str(word) for word in words or ()]


def _told(answer: Mapping[str, Any], asked: str) -> Iterator[tuple[str, HashData, bool]]:
    for told in _objects(answer.get("certificateHashData")):
        yield asked, read_hash_data(told), False
    for chain in _objects(answer.get("certificateHashDataChain")):
        kind = str(chain.get("certificateType", ""))[:40]
        for told in _objects([chain.get("certificateHashData")]):
            yield kind, read_hash_data(told), False
        for told in _objects(chain.get("childCertificateHashData")):
            yield kind, read_hash_data(told), True


def _objects(raw: object) -> list[Mapping[str, Any]]:
    return [row for row in raw if isinstance(row, Mapping)] if isinstance(raw, list) else []


def _known(station: Station) -> Known:
    """Return the certificates we know by their hashes: authorities, and what was signed here."""
    pems = CertificateAuthority.objects.filter(operator_id=station.operator_id)
    certificates = [requests.split_chain(pem)[0] for pem in pems.values_list("pem", flat=True)]
    chains = CertificateRequest.objects.filter(station=station).exclude(chain="")
    for chain in chains.values_list("chain", flat=True):
        certificates += requests.split_chain(chain)
    issuers = {one.subject.public_bytes(): one for one in certificates}
    known: Known = {}
    for certificate in certificates:
        issuer = issuers.get(certificate.issuer.public_bytes())
        for algorithm in ALGORITHMS if issuer else ():
            data = hash_data(certificate, issuer, algorithm) if issuer else None
            if data is not None:
                known[data] = certificate
    return known
