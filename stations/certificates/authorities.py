"""Who signs: adapters behind one protocol, a folder with an operator's key, or people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from stations.certificates.requests import Request

VALID_FOR: Final = timedelta(days=365)
# Clocks differ: a certificate is good a little before it was made.
LEEWAY: Final = timedelta(hours=1)


class AuthorityFailed(Exception):
    """The authority did not sign; `permanent` says whether asking again can help."""

    def __init__(self, text: str, *, permanent: bool) -> None:
        super().__init__(text)
        self.permanent = permanent


@dataclass(frozen=True)
class Signed:
    """A signed certificate with what lies between it and the root, and who signed it."""

    chain: str
    issuer: str


class Authority(Protocol):
    """Signs what a station asked for."""

    def sign(self, request: Request, *, organization: str, as_of: datetime) -> Signed | None:
        """Return the chain, or None where people sign; raises AuthorityFailed."""
        ...


class Manual:
    """Nobody here signs: an operator takes the request elsewhere and uploads the chain."""

    def sign(self, request: Request, *, organization: str, as_of: datetime) -> Signed | None:  # noqa: ARG002  the protocol's
        """Return nothing: the request waits."""
        return None


class Folder:
    """A folder with `ca.pem` (its own certificate first) and `ca.key`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sign(self, request: Request, *, organization: str, as_of: datetime) -> Signed | None:
        """Return a certificate for a year in the operator's name."""
        try:
            chain = x509.load_pem_x509_certificates((self._folder / "ca.pem").read_bytes())
            key = load_pem_private_key((self._folder / "ca.key").read_bytes(), password=None)
        except OSError as error:
            raise AuthorityFailed(str(error), permanent=False) from error
        except (TypeError, ValueError) as error:
            raise AuthorityFailed(f"unreadable: {error}", permanent=False) from error
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise AuthorityFailed("ca.key is neither RSA nor elliptic.", permanent=True)
        leaf = _certificate(request, chain[0], organization, as_of).sign(key, hashes.SHA256())
        # The root is what the other side has already.
        between = [one for one in chain if one.issuer != one.subject]
        pems = (one.public_bytes(Encoding.PEM).decode() for one in (leaf, *between))
        return Signed("".join(pems), chain[0].public_bytes(Encoding.PEM).decode())


def choose(folder: str, operator: str) -> Authority:
    """Return who signs for an operator: its folder where there is one, else people."""
    path = Path(folder) / operator
    return Folder(path) if folder and path.is_dir() else Manual()


def _certificate(
    request: Request, issuer: x509.Certificate, organization: str, as_of: datetime
) -> x509.CertificateBuilder:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, request.common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]
    )
    key = request.csr.public_key()
    usage = x509.KeyUsage(
        digital_signature=True,
        key_agreement=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(as_of - LEEWAY)
        .not_valid_after(min(as_of + VALID_FOR, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
