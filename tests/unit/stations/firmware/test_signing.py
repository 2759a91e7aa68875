"""S32: an image is handed out only where its maker signed it, and nobody changed it since."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from stations.firmware.signing import FirmwareRefused, verify_firmware
from tests.integration.stations.door import pki

IMAGE = b"firmware " * 1000
NOW = datetime.now(UTC)
MAKER = pki.new_authority("Maker")
KEY = pki.new_key()
SIGNER = MAKER.sign("Signing", "Maker", public_key=KEY.public_key())
SIGNATURE = base64.b64encode(KEY.sign(IMAGE, ec.ECDSA(hashes.SHA256()))).decode()


def verified(**changes: object) -> str:
    given = {
        "digest": hashlib.sha256(IMAGE).digest(),
        "signature": SIGNATURE,
        "signing_certificate": pki.pem(SIGNER),
        "roots": [pki.pem(MAKER.certificate)],
        "as_of": NOW,
    }
    return verify_firmware(**(given | changes)).name  # type: ignore[arg-type]


def test_an_image_its_maker_signed_is_good() -> None:
    assert verified() == "Signing"


def test_rsa_with_pss_is_good_and_the_older_padding_is_not() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signer = pki.pem(MAKER.sign("Signing", "Maker", public_key=key.public_key()))
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
    new = base64.b64encode(key.sign(IMAGE, pss, hashes.SHA256())).decode()
    old = base64.b64encode(key.sign(IMAGE, padding.PKCS1v15(), hashes.SHA256())).decode()

    assert verified(signature=new, signing_certificate=signer) == "Signing"
    with pytest.raises(FirmwareRefused, match="does not fit"):
        verified(signature=old, signing_certificate=signer)


def test_a_chain_through_one_in_between_is_good_and_through_a_leaf_is_not() -> None:
    key = pki.new_key()
    between = MAKER.sign("Between", "Maker", public_key=key.public_key(), is_authority=True)
    signer = pki.Authority(key, between).sign("Deep", "Maker", public_key=KEY.public_key())
    chain = pki.pem(signer) + pki.pem(between)
    assert verified(signing_certificate=chain) == "Deep"

    leaf = MAKER.sign("Leaf", "Maker", public_key=key.public_key())
    forged = pki.Authority(key, leaf).sign("Forged", "Maker", public_key=KEY.public_key())
    with pytest.raises(FirmwareRefused, match="No manufacturer you trust"):
        verified(signing_certificate=pki.pem(forged) + pki.pem(leaf))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"digest": hashlib.sha256(b"changed").digest()}, "does not fit"),
        (
            {"roots": [pki.pem(pki.new_authority("Other").certificate)]},
            "No manufacturer you trust",
        ),
        ({"roots": []}, "No manufacturer you trust"),
        ({"as_of": NOW + timedelta(days=800)}, "out of date"),
        ({"revoked": {f"{SIGNER.serial_number:x}"}}, "was revoked"),
        ({"signature": "???"}, "cannot be read"),
        ({"signing_certificate": "nonsense"}, "cannot be read"),
        ({"signature": ""}, "does not fit"),
    ],
)
def test_what_is_not_the_makers_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(FirmwareRefused, match=reason):
        verified(**changes)
