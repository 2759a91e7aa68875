"""How OCPP names a certificate without sending it: hashes of its issuer, and its serial number."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHMS: Final = {
    "SHA256": hashlib.sha256,
    "SHA384": hashlib.sha384,
    "SHA512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class HashData:
    """OCPP's CertificateHashData, all in small letters without leading zeros."""

    algorithm: str
    issuer_name: str
    issuer_key: str
    serial_number: str


def read_hash_data(told: Mapping[str, Any]) -> HashData:
    """Return what a station said of a certificate."""
    return HashData(
        algorithm=str(told.get("hashAlgorithm", "SHA256"))[:8],
        issuer_name=str(told.get("issuerNameHash", "")).lower()[:128],
        issuer_key=str(told.get("issuerKeyHash", "")).lower()[:128],
        serial_number=plain_serial(str(told.get("serialNumber", ""))),
    )


def hash_data(
    certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str
) -> HashData | None:
    """Return how OCPP names a certificate; None where its issuer's key is of no kind it knows."""
    key = _key_bits(issuer)
    if key is None or algorithm not in ALGORITHMS:
        return None
    digest = ALGORITHMS[algorithm]
    return HashData(
        algorithm=algorithm,
        issuer_name=digest(certificate.issuer.public_bytes()).hexdigest(),
        issuer_key=digest(key).hexdigest(),
        serial_number=f"{certificate.serial_number:x}",
    )


def plain_serial(text: str) -> str:
    """Return a serial number in small hexadecimal letters without leading zeros."""
    return text.strip().lower().removeprefix("0x").replace(":", "").lstrip("0")[:40] or "0"


def _key_bits(issuer: x509.Certificate) -> bytes | None:
    """Return the key as it stands in the certificate's bit string, without what kind it is."""
    key = issuer.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return None
