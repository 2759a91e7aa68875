"""Whether a firmware image is its maker's: certificate and signature, from values alone."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from stations.certificates.identity import CertificateRefused, name_of
from stations.certificates.requests import split_chain

MOST_BETWEEN: Final = 4


class FirmwareRefused(ValueError):
    """The image must not be handed out; the text says why (A00.FR.707)."""


@dataclass(frozen=True)
class Signer:
    """Who signed an image, and until when that counts."""

    name: str
    fingerprint: str
    not_after: datetime


def digest_image(parts: Sequence[bytes]) -> bytes:
    """Return the SHA-256 of an image that comes in parts."""
    digest = hashes.Hash(hashes.SHA256())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def verify_firmware(
    *,
    digest: bytes,
    signature: str,
    signing_certificate: str,
    roots: Sequence[str],
    as_of: datetime,
) -> Signer:
    """Return who signed an image; `digest` is its SHA-256, `signature` base64, the rest PEM.

    The signing certificate's text may bring those between it and a root of the manufacturer.
    Raises FirmwareRefused. Source: OCPP 2.0.1 L01, 1.6 security whitepaper 5.
    """
    try:
        leaf, *between = split_chain(signing_certificate)
        anchors = [
            one
            for root in roots
            for one in split_chain(root)
            if one.not_valid_before_utc <= as_of <= one.not_valid_after_utc
        ]
        raw = base64.b64decode("".join(signature.split()), validate=True)
    except (CertificateRefused, binascii.Error) as error:
        raise FirmwareRefused("the certificate or the signature cannot be read") from error
    _check_path(leaf, between[:MOST_BETWEEN], anchors, as_of)
    _check_signature(leaf, raw, digest)
    return Signer(
        name_of(leaf.subject), leaf.fingerprint(hashes.SHA256()).hex(), leaf.not_valid_after_utc
    )


def _check_path(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    as_of: datetime,
) -> None:
    current = leaf
    for _step in range(MOST_BETWEEN + 1):
        if not current.not_valid_before_utc <= as_of <= current.not_valid_after_utc:
            raise FirmwareRefused(f"the certificate of {name_of(current.subject)} is out of date")
        if any(_is_issued(current, by=anchor) for anchor in anchors) or current in anchors:
            return
        issuers = [one for one in between if _is_issued(current, by=one) and _may_sign(one)]
        if not issuers:
            break
        current = issuers[0]
    raise FirmwareRefused(f"no trusted manufacturer signed for {name_of(leaf.subject)}")


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
            raise FirmwareRefused("a kind of key that OCPP does not sign firmware with")
    except InvalidSignature as error:
        raise FirmwareRefused("the signature is not of this image") from error
