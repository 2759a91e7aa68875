"""Certificates in a station: installed, listed, deleted, signed (blocks A02 and M)."""

from collections.abc import Mapping
from typing import Final

from stations import commands
from stations.ocpp.calls.said import Payload, Said, Words, given, of_both

# Our word for what a certificate is good for, in 1.6 and in 2.x.
KINDS_16: Final = {
    "csms_root": "CentralSystemRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
}
KINDS_2: Final = {
    "csms_root": "CSMSRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
    "mo_root": "MORootCertificate",
    "v2g_root": "V2GRootCertificate",
    "v2g_chain": "V2GCertificateChain",
    "oem_root": "OEMRootCertificate",
}
LEAVES: Final = {"station": "ChargingStationCertificate", "v2g": "V2GCertificate"}


def _kind(kinds: Mapping[str, str], payload: Payload) -> str:
    word = str(payload["kind"])
    if word not in kinds:
        raise ValueError(f"a kind of {', '.join(kinds)}")
    return kinds[word]


def _install_16(payload: Payload, _: int) -> Said:
    call = {"certificateType": _kind(KINDS_16, payload), "certificate": payload["certificate"]}
    return "InstallCertificate", call


def _install_2(payload: Payload, _: int) -> Said:
    call = {"certificateType": _kind(KINDS_2, payload), "certificate": payload["certificate"]}
    return "InstallCertificate", call


def _list_16(payload: Payload, _: int) -> Said:
    return "GetInstalledCertificateIds", {"certificateType": _kind(KINDS_16, payload)}


def _list_2(payload: Payload, _: int) -> Said:
    kind = [_kind(KINDS_2, payload)] if payload.get("kind") else None
    return "GetInstalledCertificateIds", given(certificateType=kind)


def _delete(payload: Payload, _: int) -> Said:
    return "DeleteCertificate", {
        "certificateHashData": {
            "hashAlgorithm": payload.get("algorithm", "SHA256"),
            "issuerNameHash": payload["issuer_name_hash"],
            "issuerKeyHash": payload["issuer_key_hash"],
            "serialNumber": payload["serial_number"],
        }
    }


def _signed_16(payload: Payload, _: int) -> Said:
    return "CertificateSigned", {"certificateChain": payload["chain"]}


def _signed_2(payload: Payload, _: int) -> Said:
    kind = payload.get("kind")
    return "CertificateSigned", {"certificateChain": payload["chain"]} | given(
        certificateType=LEAVES.get(str(kind), kind) if kind else None
    )


def _signed_21(payload: Payload, _: int) -> Said:
    name, call = _signed_2(payload, _)
    return name, call | given(requestId=payload.get("request_id"))


WORDS: Final[Words] = {
    **of_both(commands.INSTALL_CERTIFICATE, _install_16, _install_2),
    **of_both(commands.INSTALLED_CERTIFICATES, _list_16, _list_2),
    **of_both(commands.DELETE_CERTIFICATE, _delete, _delete),
    **of_both(commands.CERTIFICATE_SIGNED, _signed_16, _signed_2),
    ("2.1", commands.CERTIFICATE_SIGNED): _signed_21,
}
