"""Our commands in each version's words; what leaves follows the schema."""

from collections.abc import Callable, Mapping
from typing import Any

from stations import commands
from stations.ocpp import calls_files, calls_smart, schemas

Payload = dict[str, Any]
# Scheduled and RebootRequired are promises to do it; only a plain no is a no.
KEPT_WORDS = {"Accepted", "AcceptedCanceled", "Scheduled", "RebootRequired", "Unlocked"}


class CallUnfit(ValueError):
    """A command that cannot be said in the station's version, or not with this payload."""


def translate(version: str, command_id: int, action: str, payload: Payload) -> tuple[str, Payload]:
    """Return the action and payload a station of a version understands; raises CallUnfit."""
    say = WORDS.get((version, action))
    try:
        name, fitted = say(payload, command_id) if say else (action, payload)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CallUnfit(f"{action} needs {error}") from error
    if not schemas.is_known(version, name):
        raise CallUnfit(f"{name} is no action of OCPP {version}.")
    if not schemas.checker(version, name, is_answer=False)(fitted):
        raise CallUnfit(f"The payload does not follow the schema of {name}.")
    return name, fitted


def triggered_by(action: str, payload: Mapping[str, Any]) -> str:
    """Return the message a call of ours asks the station to send, or an empty text."""
    if action in {"GetBaseReport", "GetReport"}:
        return "NotifyReport"
    wanted = str(payload.get("requestedMessage", ""))
    return "SignCertificate" if wanted.startswith("Sign") else wanted


def final_state(answer: Mapping[str, Any]) -> str:
    """Return whether a station's answer means that it will do what it was asked."""
    status = answer.get("status")
    return "accepted" if status is None or status in KEPT_WORDS else "rejected"


def _start_16(payload: Payload, _: int) -> tuple[str, Payload]:
    call: Payload = {"idTag": payload["token"]}
    if payload.get("evse"):
        call["connectorId"] = int(payload["evse"])
    return "RemoteStartTransaction", call


def _start_201(payload: Payload, command_id: int) -> tuple[str, Payload]:
    token = {"idToken": payload["token"], "type": payload.get("token_type", "Central")}
    # Our command's number comes back in the TransactionEvent it leads to (F02.FR.05).
    call: Payload = {"idToken": token, "remoteStartId": command_id % 2**31}
    if payload.get("evse"):
        call["evseId"] = int(payload["evse"])
    return "RequestStartTransaction", call


def _stop_16(payload: Payload, _: int) -> tuple[str, Payload]:
    return "RemoteStopTransaction", {"transactionId": int(payload["transaction"])}


def _stop_201(payload: Payload, _: int) -> tuple[str, Payload]:
    return "RequestStopTransaction", {"transactionId": str(payload["transaction"])}


def _reset_16(payload: Payload, _: int) -> tuple[str, Payload]:
    return "Reset", {"type": "Hard" if payload.get("type") == "hard" else "Soft"}


def _reset_201(payload: Payload, _: int) -> tuple[str, Payload]:
    return "Reset", {"type": "Immediate" if payload.get("type") == "hard" else "OnIdle"}


def _trigger_16(payload: Payload, _: int) -> tuple[str, Payload]:
    call: Payload = {"requestedMessage": payload["message"]}
    if payload.get("evse"):
        call["connectorId"] = int(payload["evse"])
    return "TriggerMessage", call


def _trigger_201(payload: Payload, _: int) -> tuple[str, Payload]:
    call: Payload = {"requestedMessage": payload["message"]}
    if payload.get("evse"):
        call["evse"] = {"id": int(payload["evse"])}
        if payload["message"] == "StatusNotification":
            call["evse"]["connectorId"] = int(payload.get("connector", 1))
    return "TriggerMessage", call


WORDS: Mapping[tuple[str, str], Callable[[Payload, int], tuple[str, Payload]]] = {
    **calls_files.WORDS,
    **calls_smart.WORDS,
    ("1.6", commands.REMOTE_START): _start_16,
    ("2.0.1", commands.REMOTE_START): _start_201,
    ("2.1", commands.REMOTE_START): _start_201,
    ("1.6", commands.REMOTE_STOP): _stop_16,
    ("2.0.1", commands.REMOTE_STOP): _stop_201,
    ("2.1", commands.REMOTE_STOP): _stop_201,
    ("1.6", commands.RESET): _reset_16,
    ("2.0.1", commands.RESET): _reset_201,
    ("2.1", commands.RESET): _reset_201,
    ("1.6", commands.TRIGGER): _trigger_16,
    ("2.0.1", commands.TRIGGER): _trigger_201,
    ("2.1", commands.TRIGGER): _trigger_201,
}
