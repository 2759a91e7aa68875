"""Remote control: start, stop, unlock, availability, reset, ask (2.0.1 blocks B, F and G)."""

from typing import Final

from stations import commands
from stations.ocpp.calls.said import MOST_ID, Payload, Said, Words, given, of_both, of_new, plain

# What only the security extension of 1.6 can be asked for.
EXTENDED: Final = {"LogStatusNotification", "SignChargePointCertificate"}
# One wish, named after either version.
NAMES_16: Final = {
    "SignChargingStationCertificate": "SignChargePointCertificate",
    "TransactionEvent": "MeterValues",
}
NAMES_2: Final = {
    "SignChargePointCertificate": "SignChargingStationCertificate",
    "DiagnosticsStatusNotification": "LogStatusNotification",
}
STATES: Final = {True: "Operative", False: "Inoperative"}


def _start_16(payload: Payload, _: int) -> Said:
    call: Payload = {"idTag": payload["token"]}
    if payload.get("evse"):
        call["connectorId"] = int(payload["evse"])
    return "RemoteStartTransaction", call | given(chargingProfile=payload.get("profile"))


def _start_2(payload: Payload, command_id: int) -> Said:
    spoken = {"idToken": payload["token"], "type": payload.get("token_type", "Central")}
    # Our command's number comes back in the TransactionEvent it leads to (F02.FR.05).
    call: Payload = {"idToken": spoken, "remoteStartId": command_id % MOST_ID}
    if payload.get("evse"):
        call["evseId"] = int(payload["evse"])
    return "RequestStartTransaction", call | given(chargingProfile=payload.get("profile"))


def _stop_16(payload: Payload, _: int) -> Said:
    return "RemoteStopTransaction", {"transactionId": int(payload["transaction"])}


def _stop_2(payload: Payload, _: int) -> Said:
    return "RequestStopTransaction", {"transactionId": str(payload["transaction"])}


def _reset_16(payload: Payload, _: int) -> Said:
    return "Reset", {"type": "Hard" if payload.get("type") == "hard" else "Soft"}


def _reset_2(payload: Payload, _: int) -> Said:
    call: Payload = {"type": "Immediate" if payload.get("type") == "hard" else "OnIdle"}
    return "Reset", call | given(evseId=payload.get("evse"))


def _trigger_16(payload: Payload, _: int) -> Said:
    message = NAMES_16.get(payload["message"], payload["message"])
    call: Payload = {"requestedMessage": message}
    if payload.get("evse"):
        call["connectorId"] = int(payload["evse"])
    return ("ExtendedTriggerMessage" if message in EXTENDED else "TriggerMessage"), call


def _trigger_2(payload: Payload, _: int) -> Said:
    message = NAMES_2.get(payload["message"], payload["message"])
    call: Payload = {"requestedMessage": message}
    if payload.get("evse"):
        call["evse"] = {"id": int(payload["evse"])}
        if message == "StatusNotification":
            # A state is a connector's: the EVSE alone names none (F06.FR.12).
            call["evse"]["connectorId"] = int(payload.get("connector", 1))
    return "TriggerMessage", call


def _unlock_16(payload: Payload, _: int) -> Said:
    return "UnlockConnector", {"connectorId": int(payload["evse"])}


def _unlock_2(payload: Payload, _: int) -> Said:
    call = {"evseId": int(payload["evse"]), "connectorId": int(payload.get("connector") or 1)}
    return "UnlockConnector", call


def _availability_16(payload: Payload, _: int) -> Said:
    call = {"connectorId": int(payload.get("evse") or 0), "type": _wanted(payload)}
    return "ChangeAvailability", call


def _availability_2(payload: Payload, _: int) -> Said:
    call: Payload = {"operationalStatus": _wanted(payload)}
    if payload.get("evse"):
        connector = payload.get("connector")
        call["evse"] = given(
            id=int(payload["evse"]), connectorId=int(connector) if connector else None
        )
    return "ChangeAvailability", call


def _wanted(payload: Payload) -> str:
    wanted = payload["operative"]
    if not isinstance(wanted, bool):
        raise TypeError("operative as true or false")
    return STATES[wanted]


def _transaction_status(payload: Payload, _: int) -> Said:
    transaction = payload.get("transaction")
    return "GetTransactionStatus", given(transactionId=str(transaction) if transaction else None)


WORDS: Final[Words] = {
    **of_both(commands.REMOTE_START, _start_16, _start_2),
    **of_both(commands.REMOTE_STOP, _stop_16, _stop_2),
    **of_both(commands.RESET, _reset_16, _reset_2),
    **of_both(commands.TRIGGER, _trigger_16, _trigger_2),
    **of_both(commands.UNLOCK, _unlock_16, _unlock_2),
    **of_both(commands.CHANGE_AVAILABILITY, _availability_16, _availability_2),
    **of_both(commands.CLEAR_CACHE, plain("ClearCache"), plain("ClearCache")),
    **of_new(commands.TRANSACTION_STATUS, _transaction_status),
}
