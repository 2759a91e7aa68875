"""Whose certificate it is: the checks of security profile 3, from values alone."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


class CertificateRefused(ValueError):
    """The certificate proves nothing to us; the text says why."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate whose signature an operator trusts, and the organization it signs for."""

    pem: str
    organization: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What an operator trusts; the serial numbers in small hexadecimal letters."""

    anchors: Sequence[Anchor] = ()
    revoked: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a certificate says it is."""

    common_name: str
    serial_number: str
    fingerprint: str
    not_after: datetime
    is_expired: bool


def check_identity(
    pem: bytes, *, names: Collection[str], trust: Trust, is_expired_allowed: bool, as_of: datetime
) -> Identity:
    """Return whose certificate this is, if it is one of the names'; raises CertificateRefused.

    Checks path, organization, name, time and revocation (A00.FR.403, 404, 405, 702, 429).
    """
    leaf = read_certificate(pem)
    _refuse_authority(leaf)
    anchor = _find_issuer(leaf, trust.anchors, as_of)
    organization = _name(leaf.subject, NameOID.ORGANIZATION_NAME)
    if organization != anchor.organization:
        raise CertificateRefused(f"organization {organization!r} is not {anchor.organization!r}")
    common_name = _name(leaf.subject, NameOID.COMMON_NAME)
    if not common_name or common_name not in names:
        raise CertificateRefused(f"name {common_name!r} is another station's")
    serial_number = f"{leaf.serial_number:x}"
    if serial_number in trust.revoked:
        raise CertificateRefused(f"certificate {serial_number} is revoked")
    if as_of < leaf.not_valid_before_utc:
        raise CertificateRefused(f"not valid before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M}")
    is_expired = as_of > leaf.not_valid_after_utc
    if is_expired and not is_expired_allowed:
        raise CertificateRefused(f"expired {leaf.not_valid_after_utc:%Y-%m-%d %H:%M}")
    return Identity(
        common_name=common_name,
        serial_number=serial_number,
        fingerprint=fingerprint_of(leaf),
        not_after=leaf.not_valid_after_utc,
        is_expired=is_expired,
    )


def read_certificate(pem: bytes) -> x509.Certificate:
    """Return the first certificate of a PEM text; raises CertificateRefused."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise CertificateRefused("no certificate that can be read") from error


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, in hexadecimal."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def name_of(name: x509.Name) -> str:
    """Return a name as people read it: its CN, else all of it."""
    return _name(name, NameOID.COMMON_NAME) or name.rfc4514_string()


def _refuse_authority(leaf: x509.Certificate) -> None:
    """Refuse a CA that shows itself as a station: what it signs must not be what it is."""
    try:
        constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return
    except ValueError as error:
        raise CertificateRefused("extensions that cannot be read") from error
    if constraints.ca:
        raise CertificateRefused("an authority's certificate, not a station's")


def _find_issuer(leaf: x509.Certificate, anchors: Sequence[Anchor], as_of: datetime) -> Anchor:
    for anchor in anchors:
        issuer = _anchor(anchor.pem)
        if issuer.subject != leaf.issuer:
            continue
        try:
            leaf.verify_directly_issued_by(issuer)
        except (InvalidSignature, TypeError, ValueError):
            continue
        if not issuer.not_valid_before_utc <= as_of <= issuer.not_valid_after_utc:
            raise CertificateRefused(f"its authority {name_of(issuer.subject)!r} is out of date")
        return anchor
    raise CertificateRefused(
        f"signed by {name_of(leaf.issuer)!r}, whom the operator does not trust"
    )


@lru_cache(maxsize=256)
def _anchor(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _name(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
