"""Every call to a station, in every version: complete tables, valid words, read answers."""

import os
from pathlib import Path
from typing import Any

import ocpp
import pytest

from stations import commands
from stations.ocpp import calls, routing, schemas
from tests.unit.stations.ocpp.minimal import AT, smallest

VERSIONS = ("1.6", "2.0.1", "2.1")
CALLABLE = [(version, name) for version in VERSIONS for name in sorted(calls.CALLABLE[version])]
PERIODS = [{"startPeriod": 0, "limit": 16.0}]
PROFILE_16 = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS},
}
PROFILE_2 = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [
        {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS},
    ],
}
# What the schema alone lets pass, and a rule of the standard does not.
FULLER: dict[str, dict[str, Any]] = {
    "CustomerInformation": {"customerIdentifier": "A1"},
    "SetChargingProfile": {"chargingProfile": PROFILE_2},
    "SetNetworkProfile": {
        "connectionData": {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": "wss://csms.example/ocpp",
            "messageTimeout": 30,
            "securityProfile": 2,
            "ocppInterface": "Wired0",
        }
    },
}


def published(version: str) -> set[str]:
    folder = Path(ocpp.__file__).parent / schemas.FOLDERS[version] / "schemas"
    names = {Path(name).stem for name in os.listdir(folder) if not name.endswith("Response.json")}
    return {name.removesuffix("Request") for name in names}


@pytest.mark.parametrize(("version", "down"), [("1.6", 26), ("2.0.1", 40), ("2.1", 55)])
def test_every_published_action_is_in_a_table(version: str, down: int) -> None:
    up, ours = set(routing.ROUTES[version]), calls.CALLABLE[version]

    assert published(version) == up | ours
    assert len(ours) == down
    assert up & ours == {"DataTransfer"}


@pytest.mark.parametrize(("version", "name"), CALLABLE)
def test_every_call_goes_there_and_back(version: str, name: str) -> None:
    payload = smallest(version, name, is_answer=False)
    payload |= FULLER.get(name, {})
    if version == "1.6" and name == "SetChargingProfile":
        payload = {"connectorId": 1, "csChargingProfiles": PROFILE_16}

    assert calls.translate(version, 7, name, payload) == (name, payload)
    answer = smallest(version, name, is_answer=True)
    assert calls.final_state(version, name, answer) in {"accepted", "rejected"}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_station_says_to_us_is_not_said_to_it(version: str) -> None:
    for action in set(routing.ROUTES[version]) - {"DataTransfer"}:
        with pytest.raises(calls.CallUnfit, match="no call to a station"):
            calls.translate(version, 1, action, {})


WORDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("remote_start", {"token": "A1"}, "RemoteStartTransaction", "RequestStartTransaction"),
    ("remote_start", {"token": "A1", "evse": 2}, "RemoteStartTransaction", "RequestStart"),
    ("remote_stop", {"transaction": "7"}, "RemoteStopTransaction", "RequestStopTransaction"),
    ("reset", {}, "Reset", "Reset"),
    ("reset", {"type": "hard"}, "Reset", "Reset"),
    ("unlock", {"evse": 1}, "UnlockConnector", "UnlockConnector"),
    ("change_availability", {"operative": False}, "ChangeAvail", "ChangeAvailability"),
    ("change_availability", {"operative": True, "evse": 1}, "ChangeAvail", "ChangeAvail"),
    ("clear_cache", {}, "ClearCache", "ClearCache"),
    ("trigger_message", {"message": "Heartbeat"}, "TriggerMessage", "TriggerMessage"),
    (
        "trigger_message",
        {"message": "SignChargePointCertificate"},
        "ExtendedTriggerMessage",
        "TriggerMessage",
    ),
    ("trigger_message", {"message": "StatusNotification", "evse": 1}, "Trigger", "Trigger"),
    ("trigger_message", {"message": "DiagnosticsStatusNotification"}, "Trigger", "Trigger"),
    (
        "update_firmware",
        {"url": "https://f.example/a", "retrieve_at": AT},
        "UpdateFirmware",
        "UpdateFirmware",
    ),
    (
        "update_firmware",
        {"url": "x", "retrieve_at": AT, "signing_certificate": "PEM", "signature": "AA=="},
        "SignedUpdateFirmware",
        "UpdateFirmware",
    ),
    ("get_log", {"url": "https://u.example/a"}, "GetDiagnostics", "GetLog"),
    ("get_log", {"url": "x", "kind": "security", "since": AT}, "GetLog", "GetLog"),
    (
        "install_certificate",
        {"kind": "csms_root", "certificate": "PEM"},
        "InstallCertificate",
        "InstallCertificate",
    ),
    ("installed_certificates", {"kind": "manufacturer_root"}, "GetInstalled", "GetInstalled"),
    (
        "delete_certificate",
        {"issuer_name_hash": "a", "issuer_key_hash": "b", "serial_number": "1"},
        "DeleteCertificate",
        "DeleteCertificate",
    ),
    ("certificate_signed", {"chain": "PEM"}, "CertificateSigned", "CertificateSigned"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("word", "payload", "old", "new"), WORDS)
def test_one_word_of_ours_is_said_in_every_version(
    version: str, word: str, payload: dict[str, Any], old: str, new: str
) -> None:
    name, _ = calls.translate(version, 7, word, payload)

    assert name.startswith(old if version == "1.6" else new)


def test_configuration_is_one_word_with_each_versions_own_names() -> None:
    variable = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
    get, put = commands.GET_CONFIGURATION, commands.SET_CONFIGURATION

    assert calls.translate("1.6", 1, get, {}) == ("GetConfiguration", {})
    assert calls.translate("1.6", 1, put, {"key": "A", "value": True})[1]["value"] == "true"
    name, said = calls.translate("2.0.1", 1, get, {"variables": [variable]})
    assert (name, len(said["getVariableData"])) == ("GetVariables", 1)
    name, said = calls.translate("2.1", 1, put, {"variables": [variable | {"value": 300}]})
    assert said["setVariableData"][0]["attributeValue"] == "300"


@pytest.mark.parametrize(
    ("version", "action", "payload", "why"),
    [
        ("1.6", "transaction_status", {}, "OCPP 1.6 has no transaction_status"),
        ("1.6", "SetVariables", {}, "no action of OCPP 1.6"),
        ("2.0.1", "NoSuchThing", {}, "no action"),
        ("2.0.1", "remote_start", {}, "needs token"),
        ("2.0.1", "unlock", {"evse": "left"}, "unlock needs"),
        ("2.0.1", "change_availability", {"operative": "no"}, "true or false"),
        ("1.6", "Reset", {"type": "Cold"}, "type is none of"),
        ("1.6", "Reset", {}, "type is missing"),
        ("1.6", "Reset", {"type": "Soft", "x": 1}, "unknown"),
        ("1.6", "UpdateFirmware", {"location": "ftp://a/b", "retrieveDate": "1"}, "no date-time"),
        ("2.1", "update_firmware", {"url": "x", "retrieve_at": AT, "signature": "A"}, "cert"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(
    version: str, action: str, payload: dict[str, Any], why: str
) -> None:
    with pytest.raises(calls.CallUnfit, match=why):
        calls.translate(version, 1, action, payload)


def test_a_refusal_never_repeats_a_secret() -> None:
    payload = {"key": "AuthorizationKey", "value": "s3cret" * 200}

    with pytest.raises(calls.CallUnfit) as caught:
        calls.translate("1.6", 1, "ChangeConfiguration", payload)

    assert "s3cret" not in str(caught.value)
