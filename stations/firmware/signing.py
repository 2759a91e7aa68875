"""Whether a firmware image is its maker's: certificate and signature, from values alone."""

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

MOST_BETWEEN: Final = 4
NOT_TRUSTED: Final = "No manufacturer you trust signed this. Trust its root first."


class FirmwareRefused(ValueError):
    """The image must not be handed out; the text says why (A00.FR.707)."""


@dataclass(frozen=True)
class Signer:
    """Who signed an image, and until when that counts."""

    name: str
    fingerprint: str
    not_after: datetime


def verify_firmware(
    *,
    digest: bytes,
    signature: str,
    signing_certificate: str,
    roots: Sequence[str],
    revoked: Collection[str] = (),
    as_of: datetime,
) -> Signer:
    """Return who signed an image; `digest` is its SHA-256, `signature` base64, the rest PEM.

    The signing certificate's text may bring those between it and a root of the manufacturer;
    `revoked` are serial numbers in plain hexadecimal digits.
    Raises FirmwareRefused. Source: OCPP 2.0.1 L01, 1.6 security whitepaper 5.
    """
    try:
        leaf, *between = _read_chain(signing_certificate)
        anchors = [
            one
            for root in roots
            for one in _read_chain(root)
            if one.not_valid_before_utc <= as_of <= one.not_valid_after_utc
        ]
        raw = base64.b64decode("".join(signature.split()), validate=True)
    except ValueError as error:
        raise FirmwareRefused("The certificate or the signature cannot be read.") from error
    _check_path(leaf, between[:MOST_BETWEEN], anchors, revoked, as_of)
    _check_signature(leaf, raw, digest)
    return Signer(_name(leaf), leaf.fingerprint(hashes.SHA256()).hex(), leaf.not_valid_after_utc)


def _check_path(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    revoked: Collection[str],
    as_of: datetime,
) -> None:
    current = leaf
    for _step in range(MOST_BETWEEN + 1):
        if not current.not_valid_before_utc <= as_of <= current.not_valid_after_utc:
            raise FirmwareRefused(f"The certificate of {_name(current)} is out of date.")
        if f"{current.serial_number:x}" in revoked:
            raise FirmwareRefused(f"The certificate of {_name(current)} was revoked.")
        if any(_is_issued(current, by=anchor) for anchor in anchors) or current in anchors:
            return
        issuers = [one for one in between if _is_issued(current, by=one) and _may_sign(one)]
        if not issuers:
            break
        current = issuers[0]
    raise FirmwareRefused(NOT_TRUSTED)


def _read_chain(text: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(text.encode())


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _is_issued(certificate: x509.Certificate, *, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _check_signature(leaf: x509.Certificate, signature: bytes, digest: bytes) -> None:
    key, hashed = leaf.public_key(), utils.Prehashed(hashes.SHA256())
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(signature, digest, pss, hashed)
        else:
            raise FirmwareRefused("OCPP signs no firmware with a key of this kind.")
    except InvalidSignature as error:
        raise FirmwareRefused("The signature does not fit the file.") from error
