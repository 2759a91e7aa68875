"""Signed meter values: OCMF read, and its signature held against a public key (Eichrecht)."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

GOOD, BAD, UNKNOWN = "good", "bad", "unknown"
PREFIX: Final = "OCMF"
DEFAULT_ALGORITHM: Final = "ECDSA-secp256r1-SHA256"
HASHES: Final[Mapping[str, type[hashes.HashAlgorithm]]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
TO_WH: Final = {"WH": 1, "KWH": 1000}
LONGEST: Final = 64 * 1024


class NotOcmf(ValueError):
    """The text is no OCMF document."""


@dataclass(frozen=True, slots=True)
class Ocmf:
    """An OCMF document: the payload word for word, as it was signed, and its signature."""

    payload: str
    reading: Mapping[str, Any]
    signature: bytes
    algorithm: str

    @property
    def meter_serial(self) -> str:
        """Return the meter's serial number."""
        return str(self.reading.get("MS", ""))[:80]

    @property
    def energy_wh(self) -> int | None:
        """Return the last register of the document in Wh, None where it says none."""
        for entry in reversed(self.reading.get("RD") or []):
            if isinstance(entry, Mapping) and "RV" in entry:
                factor = TO_WH.get(str(entry.get("RU", "kWh")).upper())
                try:
                    value = Decimal(str(entry["RV"]))
                except InvalidOperation:
                    return None
                if factor is None or not value.is_finite():
                    return None
                return int(value * factor)
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a signature holds, and why not or why nobody knows."""

    word: str
    reason: str = ""


def parse_ocmf(text: str) -> Ocmf:
    """Read an OCMF document; raises NotOcmf. Source: OCMF 1.2 §4."""
    head, payload, rest = _split(text)
    if head != PREFIX:
        raise NotOcmf("it does not begin with OCMF")
    try:
        reading, told = json.loads(payload), json.loads(rest)
    except (ValueError, RecursionError) as error:
        raise NotOcmf("its parts are no JSON") from error
    if not isinstance(reading, dict) or not isinstance(told, dict):
        raise NotOcmf("its parts are no objects")
    encoding = str(told.get("SE", "hex")).lower()
    signature = decode(str(told.get("SD", "")), is_base64=encoding == "base64")
    if not signature:
        raise NotOcmf("it has no signature")
    return Ocmf(payload, reading, signature, str(told.get("SA", DEFAULT_ALGORITHM)))


def _split(text: str) -> tuple[str, str, str]:
    """Return the three parts; a bar inside the payload belongs to it."""
    text = text.strip()
    if len(text) > LONGEST or text.count("|") < 2:
        raise NotOcmf("it has not three parts")
    head, _, rest = text.partition("|")
    payload, _, signature = rest.rpartition("|")
    return head, payload, signature


def decode(text: str, *, is_base64: bool = False) -> bytes:
    """Return bytes written in hexadecimal, or base64; nothing where they are neither."""
    try:
        return base64.b64decode(text, validate=True) if is_base64 else bytes.fromhex(text)
    except (binascii.Error, ValueError):
        return b""


def unwrap(sample: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the signed text of a sample, the key it came with, and its encoding.

    2.x wraps text and key in base64; the key may be "oca:base16:asn1:" and hexadecimal (part 2
    signedMeterValue). 1.6 has the text as the value itself.
    """
    wrapped = sample.get("signedMeterValue")
    if not isinstance(wrapped, Mapping):
        return str(sample.get("value", "")), "", ""
    text = str(wrapped.get("signedMeterData", ""))
    plain = decode(text, is_base64=True)
    key = _key_of(str(wrapped.get("publicKey") or ""))
    encoding = str(wrapped.get("encodingMethod", ""))[:50]
    return (plain.decode("utf-8", "replace") if plain else text), key, encoding


def _key_of(text: str) -> str:
    plain = decode(text, is_base64=True)
    told = plain.decode("ascii", "replace") if plain else text
    if told.startswith("oca:"):
        parts = told.split(":")
        return parts[-1].lower() if len(parts) == 4 and parts[1] == "base16" else ""
    raw = decode(told) or plain
    return raw.hex()


def check(document: Ocmf, key_hex: str) -> Verdict:
    """Hold a document's signature against a public key in hexadecimal DER."""
    if not key_hex:
        return Verdict(UNKNOWN, "no key")
    name = document.algorithm.rpartition("-")[2].upper()
    if not document.algorithm.upper().startswith("ECDSA") or name not in HASHES:
        return Verdict(UNKNOWN, f"algorithm {document.algorithm[:40]}")
    try:
        key = load_der_public_key(bytes.fromhex(key_hex))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return Verdict(UNKNOWN, "key unreadable")
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return Verdict(UNKNOWN, "key of another kind")
    try:
        key.verify(document.signature, document.payload.encode(), ec.ECDSA(HASHES[name]()))
    except InvalidSignature:
        return Verdict(BAD, "the signature does not fit the reading")
    return Verdict(GOOD)
