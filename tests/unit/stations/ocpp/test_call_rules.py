"""What the standard forbids beyond its schemas, and what an answer to a call means."""

from typing import Any

import pytest

from stations.ocpp import calls
from tests.unit.stations.ocpp.test_calls import PROFILE_2

VARIABLE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}


def profile(**changes: object) -> dict[str, Any]:
    return {"evseId": changes.pop("evse", 1), "chargingProfile": PROFILE_2 | changes}


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("SetChargingProfile", profile(chargingProfilePurpose="TxProfile")),
        ("SetChargingProfile", profile(transactionId="7")),
        (
            "SetChargingProfile",
            profile(chargingProfilePurpose="TxProfile", transactionId="7", evse=0),
        ),
        (
            "SetChargingProfile",
            profile(chargingProfilePurpose="ChargingStationExternalConstraints"),
        ),
        ("SetChargingProfile", profile(chargingProfilePurpose="ChargingStationMaxProfile")),
        ("SetChargingProfile", profile(chargingProfileKind="Recurring")),
        ("SetChargingProfile", profile(recurrencyKind="Daily")),
        (
            "RequestStartTransaction",
            {
                "idToken": {"idToken": "A1", "type": "Central"},
                "remoteStartId": 1,
                "chargingProfile": PROFILE_2,
            },
        ),
        (
            "ClearChargingProfile",
            {
                "chargingProfileCriteria": {
                    "chargingProfilePurpose": "ChargingStationExternalConstraints"
                }
            },
        ),
        (
            "SetVariables",
            {
                "setVariableData": [
                    VARIABLE | {"attributeValue": "1"},
                    VARIABLE | {"attributeValue": "2", "attributeType": "Actual"},
                ]
            },
        ),
        ("GetVariables", {"getVariableData": [VARIABLE, VARIABLE]}),
        ("TriggerMessage", {"requestedMessage": "StatusNotification", "evse": {"id": 1}}),
        ("CustomerInformation", {"requestId": 1, "report": True, "clear": False}),
        (
            "CustomerInformation",
            {"requestId": 1, "report": False, "clear": False, "customerIdentifier": "A"},
        ),
    ],
)
def test_a_valid_payload_that_breaks_a_rule_does_not_leave(
    name: str, payload: dict[str, Any]
) -> None:
    with pytest.raises(calls.CallUnfit):
        calls.translate("2.0.1", 1, name, payload)


def test_a_schedule_begins_at_its_beginning_and_goes_on() -> None:
    for starts in ([60], [0, 60, 60], [0, 120, 60], []):
        periods = [{"startPeriod": start, "limit": 6.0} for start in starts]
        schedule = [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": periods}]

        with pytest.raises(calls.CallUnfit):
            calls.translate("2.0.1", 1, "SetChargingProfile", profile(chargingSchedule=schedule))


def rows(*words: str) -> list[dict[str, str]]:
    return [{"attributeStatus": word, "status": word} for word in words]


@pytest.mark.parametrize(
    ("action", "answer", "state"),
    [
        ("Reset", {"status": "Accepted"}, "accepted"),
        ("Reset", {"status": " accepted "}, "accepted"),
        ("Reset", {"status": "Scheduled"}, "accepted"),
        ("Reset", {"status": "Rejected"}, "rejected"),
        ("Reset", {"status": None}, "rejected"),
        ("Reset", {}, "unknown"),
        ("ClearCache", {"status": "Rejected"}, "rejected"),
        ("UnlockConnector", {"status": "Unlocked"}, "accepted"),
        ("UnlockConnector", {"status": "OngoingAuthorizedTransaction"}, "rejected"),
        ("GetLog", {"status": "AcceptedCanceled"}, "accepted"),
        ("SendLocalList", {"status": "VersionMismatch"}, "rejected"),
        ("GetLocalListVersion", {"versionNumber": 4}, "accepted"),
        ("GetTransactionStatus", {"messagesInQueue": False}, "accepted"),
        ("CostUpdated", {}, "accepted"),
        ("SetVariables", {"setVariableResult": rows("Accepted", "RebootRequired")}, "accepted"),
        ("SetVariables", {"setVariableResult": rows("Accepted", "Rejected")}, "rejected"),
        ("SetVariables", {"setVariableResult": rows("UnknownVariable")[0]}, "rejected"),
        ("SetVariables", {}, "unknown"),
        ("GetVariables", {"getVariableResult": rows("Accepted", "UnknownVariable")}, "accepted"),
        ("GetVariables", {"getVariableResult": rows("UnknownVariable")}, "rejected"),
        ("GetVariables", {"getVariableResult": rows("Rejected")}, "rejected"),
        ("SetVariableMonitoring", {"setMonitoringResult": rows("Duplicate")}, "rejected"),
        ("ClearVariableMonitoring", {"clearMonitoringResult": rows("NotFound")}, "accepted"),
    ],
)
def test_an_answer_is_read_for_what_it_promises(
    action: str, answer: dict[str, Any], state: str
) -> None:
    assert calls.final_state("2.0.1", action, answer) == state


@pytest.mark.parametrize(
    ("action", "payload", "message"),
    [
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}, "Heartbeat"),
        ("TriggerMessage", {"requestedMessage": "SignV2GCertificate"}, "SignCertificate"),
        ("GetBaseReport", {"requestId": 1}, "NotifyReport"),
        ("GetMonitoringReport", {"requestId": 1}, "NotifyMonitoringReport"),
        ("Reset", {"type": "OnIdle"}, ""),
    ],
)
def test_what_we_asked_for_is_known_by_its_own_name(
    action: str, payload: dict[str, Any], message: str
) -> None:
    assert calls.triggered_by(action, payload) == message
