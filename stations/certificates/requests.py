"""What a station asks to have signed, read and held against who it is; from values alone."""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from stations.certificates.identity import CertificateRefused

STATION_KIND: Final = "ChargingStationCertificate"
# OCPP 2.0.1 A00.FR.506, A00.FR.507: what a key must be worth.
SHORTEST_RSA, SHORTEST_EC = 2048, 224


@dataclass(frozen=True)
class Request:
    """A request that proves its key; `pem` is the same request, written the usual way."""

    pem: str
    common_name: str
    csr: x509.CertificateSigningRequest


def read_request(text: str) -> Request:
    """Return what a station wants signed; raises CertificateRefused.

    Some firmware sends the request without the lines around it.
    """
    try:
        csr = _load(text)
        is_proven = csr.is_signature_valid
        key = csr.public_key()
    except (ValueError, UnsupportedAlgorithm, binascii.Error) as error:
        raise CertificateRefused("no request that can be read") from error
    if not is_proven:
        raise CertificateRefused("the request is not signed with its own key")
    _refuse_weak(key)
    found = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Request(
        pem=csr.public_bytes(Encoding.PEM).decode(),
        common_name=str(found[0].value) if found else "",
        csr=csr,
    )


def check_name(request: Request, *, kind: str, names: Collection[str]) -> None:
    """Raise CertificateRefused where a station asks for another one's name.

    Vehicles' certificates (V2G) name the EVSE in the vehicle's world, which is not ours to know.
    """
    if kind == STATION_KIND and request.common_name not in names:
        raise CertificateRefused(f"the name {request.common_name!r} is not this station's")


def check_chain(request: Request, leaf: x509.Certificate) -> None:
    """Raise CertificateRefused where a signed chain is not the answer to a request."""
    if leaf.public_key() != request.csr.public_key():
        raise CertificateRefused("the certificate is for another key than the station's")


def split_chain(text: str) -> list[x509.Certificate]:
    """Return the certificates of a PEM text, the station's first; raises CertificateRefused."""
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise CertificateRefused("no certificates that can be read") from error


def _load(text: str) -> x509.CertificateSigningRequest:
    if "-----BEGIN" in text:
        return x509.load_pem_x509_csr(text.replace("\\n", "\n").encode())
    return x509.load_der_x509_csr(base64.b64decode("".join(text.split()), validate=True))


def _refuse_weak(key: object) -> None:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA:
        raise CertificateRefused(f"an RSA key of {key.key_size} bits is too short")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < SHORTEST_EC:
        raise CertificateRefused(f"an elliptic key of {key.key_size} bits is too short")
