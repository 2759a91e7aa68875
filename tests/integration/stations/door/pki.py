"""Authorities and certificates for tests, made in milliseconds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
YEAR = timedelta(days=365)


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def name(common_name: str, organization: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


@dataclass(frozen=True)
class Authority:
    """One that signs; what it signs says whose it is."""

    key: Key
    certificate: x509.Certificate

    def sign(
        self,
        common_name: str,
        organization: str,
        *,
        public_key: PublicKey | None = None,
        starts: datetime | None = None,
        ends: datetime | None = None,
        is_authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return _signed(
            name(common_name, organization),
            self.certificate.subject,
            public_key or new_key().public_key(),
            self.key,
            starts or now - timedelta(hours=1),
            ends or now + YEAR,
            is_authority=is_authority,
        )


def new_authority(
    common_name: str = "Nord Charging CA", ends: datetime | None = None
) -> Authority:
    key, now = new_key(), datetime.now(UTC)
    subject = name(common_name)
    certificate = _signed(
        subject,
        subject,
        key.public_key(),
        key,
        now - 2 * YEAR,
        ends or now + 10 * YEAR,
        is_authority=True,
    )
    return Authority(key, certificate)


def new_request(key: Key, common_name: str, organization: str = "") -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name(common_name, organization))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: PublicKey,
    signing_key: Key,
    starts: datetime,
    ends: datetime,
    *,
    is_authority: bool,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(signing_key, hashes.SHA256())
    )


def new_crl(authority: Authority, gone: list[x509.Certificate]) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + YEAR)
    )
    for certificate in gone:
        revoked = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(revoked.revocation_date(now).build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM)
