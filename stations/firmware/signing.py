"""Whether an image is what its signer made: pure, over the image's SHA-256."""

import base64
import binascii
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

PREHASHED = utils.Prehashed(hashes.SHA256())


class SignatureWrong(ValueError):
    """The signature does not fit, or nobody can tell; the sentence says which."""


def verify(*, sha256: bytes, signature: str, certificate: str, as_of: datetime) -> None:
    """Return where a base64 signature over an image fits the signer's PEM certificate.

    RSA-PSS, RSA PKCS#1 v1.5 or ECDSA, over SHA-256. Raises SignatureWrong. Source: OCPP 2.0.1
    L01.FR.11, L01.FR.12; the 1.6 security whitepaper §4.2.
    """
    signed = _decoded(signature)
    signer = _signer(certificate)
    if not signer.not_valid_before_utc <= as_of <= signer.not_valid_after_utc:
        raise SignatureWrong("The signing certificate is not valid now.")
    key = signer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        _verify_rsa(key, signed, sha256)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        try:
            key.verify(signed, sha256, ec.ECDSA(PREHASHED))
        except InvalidSignature as error:
            raise SignatureWrong("The signature does not fit the file.") from error
    else:
        raise SignatureWrong("The signing key is neither RSA nor ECDSA.")


def _verify_rsa(key: rsa.RSAPublicKey, signed: bytes, sha256: bytes) -> None:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    for scheme in (pss, padding.PKCS1v15()):
        try:
            key.verify(signed, sha256, scheme, PREHASHED)
        except InvalidSignature:
            continue
        return
    raise SignatureWrong("The signature does not fit the file.")


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureWrong("The signature is not base64.") from error


def _signer(certificate: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(certificate.encode())[0]
    except (ValueError, IndexError, UnsupportedAlgorithm) as error:
        raise SignatureWrong("The signing certificate is not PEM.") from error
