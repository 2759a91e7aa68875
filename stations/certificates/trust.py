"""Whom an operator trusts: authorities are added and taken away, certificates revoked."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from chargenet.core.models import Operator, User
from stations.certificates import fingerprints
from stations.certificates.identity import (
    Anchor,
    CertificateRefused,
    Trust,
    fingerprint_of,
    name_of,
)
from stations.certificates.requests import split_chain
from stations.models import CertificateAuthority, RevokedCertificate

Use = CertificateAuthority.Use


@transaction.atomic
def add_authorities(
    *,
    operator: Operator,
    use: str,
    text: str,
    organization: str = "",
    added_by: User | None,
    as_of: datetime,
) -> list[CertificateAuthority]:
    """Trust every certificate of a PEM text for one use; twice is once.

    Raises CertificateRefused.
    """
    if use not in Use.values:
        raise CertificateRefused("no use that is known")
    found = split_chain(text)
    for certificate in found:
        if as_of > certificate.not_valid_after_utc:
            raise CertificateRefused(f"{name_of(certificate.subject)} is out of date")
        if not _is_authority(certificate):
            raise CertificateRefused(f"{name_of(certificate.subject)} is no authority")
    return [
        CertificateAuthority.objects.update_or_create(
            operator=operator,
            use=use,
            fingerprint=fingerprint_of(certificate),
            defaults={"is_active": True, "organization": organization[:160]},
            create_defaults={
                "name": name_of(certificate.subject)[:160],
                "organization": organization[:160],
                "pem": pem_of(certificate),
                "not_before": certificate.not_valid_before_utc,
                "not_after": certificate.not_valid_after_utc,
                "added_by": added_by,
                "added_at": as_of,
            },
        )[0]
        for certificate in found
    ]


def ensure_station_authority(operator: Operator, pem: str, *, as_of: datetime) -> None:
    """Trust the authority that signs for an operator here, as it must be."""
    add_authorities(operator=operator, use=Use.STATION, text=pem, added_by=None, as_of=as_of)


def drop_authority(*, authority: CertificateAuthority) -> None:
    """Trust an authority no more: what it signed opens nothing from now on."""
    CertificateAuthority.objects.filter(pk=authority.pk).update(is_active=False)


def revoke(
    *,
    operator: Operator,
    serial_number: str,
    reason: str = "",
    revoked_by: User | None,
    as_of: datetime,
) -> RevokedCertificate:
    """Have a certificate count no more, from the next handshake. Raises CertificateRefused."""
    serial = fingerprints.plain_serial(serial_number)
    if not all(digit in "0123456789abcdef" for digit in serial):
        raise CertificateRefused("a serial number is written in hexadecimal digits")
    row, _made = RevokedCertificate.objects.get_or_create(
        operator=operator,
        serial_number=serial,
        defaults={"reason": reason[:160], "revoked_by": revoked_by, "revoked_at": as_of},
    )
    return row


@transaction.atomic
def read_revocations(
    *, operator: Operator, data: bytes, added_by: User | None, as_of: datetime
) -> int:
    """Take over a revocation list of a trusted authority; returns how many were new.

    Raises CertificateRefused where nobody the operator trusts signed it.
    """
    try:
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        crl = x509.load_pem_x509_crl(data) if is_pem else x509.load_der_x509_crl(data)
    except ValueError as error:
        raise CertificateRefused("no revocation list that can be read") from error
    anchors = CertificateAuthority.objects.filter(operator=operator, is_active=True)
    keys = [split_chain(pem)[0].public_key() for pem in anchors.values_list("pem", flat=True)]
    if not any(crl.is_signature_valid(key) for key in keys):  # type: ignore[arg-type]
        raise CertificateRefused("nobody the operator trusts signed this list")
    before = RevokedCertificate.objects.filter(operator=operator).count()
    RevokedCertificate.objects.bulk_create(
        (
            RevokedCertificate(
                operator=operator,
                serial_number=f"{one.serial_number:x}",
                reason="revocation list",
                revoked_by=added_by,
                revoked_at=as_of,
            )
            for one in crl
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    return RevokedCertificate.objects.filter(operator=operator).count() - before


def trust_of(operator: Operator) -> Trust:
    """Return whose signature counts for an operator's stations, and what is revoked."""
    rows = CertificateAuthority.objects.filter(operator=operator, use=Use.STATION, is_active=True)
    revoked = RevokedCertificate.objects.filter(operator=operator)
    return Trust(
        [Anchor(row.pem, row.organization or operator.legal_name) for row in rows],
        set(revoked.values_list("serial_number", flat=True)),
    )


def pem_of(certificate: x509.Certificate) -> str:
    """Return a certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return certificate.issuer == certificate.subject  # the roots of old
    except ValueError:
        return False
