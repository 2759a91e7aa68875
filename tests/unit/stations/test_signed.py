"""Signed meter values: OCMF read, signatures held against keys."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from stations.metering import signed

KEY = ec.generate_private_key(ec.SECP256R1())
READING = {"MS": "M-1", "RD": [{"RV": 12.345, "RU": "kWh"}, {"RV": "13.5", "RU": "kWh"}]}


def public(key: Any = KEY) -> str:
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return str(der.hex())


def ocmf(reading: Any = None, key: Any = KEY, **told: Any) -> str:
    payload = json.dumps(READING if reading is None else reading)
    sign = key.sign(payload.encode(), ec.ECDSA(hashes.SHA256()))
    signature = {"SA": "ECDSA-secp256r1-SHA256", "SD": sign.hex()} | told
    return f"OCMF|{payload}|{json.dumps(signature)}"


def test_a_true_signature_holds_and_the_reading_is_read() -> None:
    document = signed.parse_ocmf(ocmf())

    assert signed.check(document, public()) == signed.Verdict("good")
    assert (document.meter_serial, document.energy_wh) == ("M-1", 13_500)


def test_a_changed_reading_or_another_meter_s_key_does_not_hold() -> None:
    changed = signed.parse_ocmf(ocmf().replace("13.5", "14.5"))
    other = ec.generate_private_key(ec.SECP256R1())

    assert signed.check(changed, public()).word == "bad"
    assert signed.check(signed.parse_ocmf(ocmf()), public(other)).word == "bad"


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({}, ""),
        ({"SA": "RSA-2048"}, "KEY"),
        ({"SA": "ECDSA-secp256r1-MD5"}, "KEY"),
        ({}, "3059"),
        ({}, "RSA"),
    ],
)
def test_what_cannot_be_checked_is_unknown_never_good(told: dict[str, Any], key: str) -> None:
    keys = {
        "KEY": public(),
        "RSA": public(rsa.generate_private_key(65537, 2048)) if key == "RSA" else "",
    }

    verdict = signed.check(signed.parse_ocmf(ocmf(**told)), keys.get(key, key))

    assert (verdict.word, bool(verdict.reason)) == ("unknown", True)


def test_a_signature_may_be_base64_and_a_payload_may_hold_a_bar() -> None:
    reading = {"GI": "a|b", "RD": []}
    raw = json.dumps(reading)
    sign = KEY.sign(raw.encode(), ec.ECDSA(hashes.SHA256()))
    text = ocmf(reading, SE="base64", SD=base64.b64encode(sign).decode())

    document = signed.parse_ocmf(text)

    assert signed.check(document, public()).word == "good"
    assert document.energy_wh is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OCMF|{}",
        "XCMF|{}|{}",
        "OCMF|x|{}",
        "OCMF|[]|{}",
        "OCMF|{}|{}",
        "OCMF|{}|" + "x" * 70_000,
    ],
)
def test_what_is_no_ocmf_says_so(text: str) -> None:
    with pytest.raises(signed.NotOcmf):
        signed.parse_ocmf(text)


@pytest.mark.parametrize("entry", [{"RV": "x"}, {"RV": 1, "RU": "Ah"}, {"RV": "NaN"}])
def test_a_register_nobody_can_read_is_none(entry: dict[str, Any]) -> None:
    assert signed.parse_ocmf(ocmf({"RD": [entry]})).energy_wh is None
    assert signed.parse_ocmf(ocmf({"RD": [7]})).energy_wh is None


def test_text_and_key_are_unwrapped_as_each_version_wraps_them() -> None:
    text = ocmf()
    told = base64.b64encode(f"oca:base16:asn1:{public()}".encode()).decode()
    sample = {
        "signedMeterValue": {
            "signedMeterData": base64.b64encode(text.encode()).decode(),
            "publicKey": told,
            "encodingMethod": "OCMF",
        }
    }

    assert signed.unwrap(sample) == (text, public(), "OCMF")
    assert signed.unwrap({"value": text, "format": "SignedData"}) == (text, "", "")
    raw = base64.b64encode(bytes.fromhex(public())).decode()
    plain = {"signedMeterValue": {"signedMeterData": "plain!", "publicKey": raw}}
    assert signed.unwrap(plain) == ("plain!", public(), "")
    plain["signedMeterValue"]["publicKey"] = "oca:base64:odd"
    assert signed.unwrap(plain)[1] == ""


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for candidate in (text, f"OCMF|{text}|{text}", f'OCMF|{{"RD":[{text}]}}|{{"SD":"{text}"}}'):
        try:
            document = signed.parse_ocmf(candidate)
        except signed.NotOcmf:
            continue
        assert signed.check(document, public()).word in {"bad", "unknown"}
