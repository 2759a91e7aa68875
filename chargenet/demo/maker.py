"""A manufacturer of the demo: its root certificate, and a firmware image it signed."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

BEFORE, AFTER = timedelta(days=365), timedelta(days=3650)
CONTENT: Final = b"This is no firmware: the demo's stations are simulated.\n" * 4000


@dataclass(frozen=True)
class Signed:
    """An image as a maker hands it out; certificates are PEM, the signature base64."""

    content: bytes
    signature: str
    certificate: str
    root: str


def sign_image(vendor: str, *, as_of: datetime) -> Signed:
    """Return the demo's image signed by a vendor that is made for it; its keys are forgotten."""
    root_key, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    root_name, name = _name(f"{vendor} Demo Root", vendor), _name(f"{vendor} Firmware", vendor)
    root = _certificate(
        root_name, root_name, root_key.public_key(), is_authority=True, as_of=as_of
    )
    leaf = _certificate(name, root_name, key.public_key(), is_authority=False, as_of=as_of)
    return Signed(
        content=CONTENT,
        signature=base64.b64encode(key.sign(CONTENT, ec.ECDSA(hashes.SHA256()))).decode(),
        certificate=_pem(leaf.sign(root_key, hashes.SHA256())),
        root=_pem(root.sign(root_key, hashes.SHA256())),
    )


def _name(common_name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    is_authority: bool,
    as_of: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(as_of - BEFORE)
        .not_valid_after(as_of + AFTER)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
