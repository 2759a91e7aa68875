"""Our words for files and for the everyday switches in each version's words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stations import commands

Payload = dict[str, Any]
Say = Callable[[Payload, int], tuple[str, Payload]]
LOG_TYPES: Final = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}


def _given(**fields: object) -> Payload:
    """Return the fields that are said; an empty one is left out, not sent as null."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _retries(payload: Payload) -> Payload:
    return _given(retries=payload.get("retries"), retryInterval=payload.get("retry_interval"))


def _log(payload: Payload, command_id: int) -> tuple[str, Payload]:
    log = _given(
        remoteLocation=payload["url"],
        oldestTimestamp=payload.get("since"),
        latestTimestamp=payload.get("until"),
    )
    call = {
        "logType": LOG_TYPES[payload["kind"]],
        "requestId": int(payload.get("request", command_id % 2**31)),
        "log": log,
    }
    return "GetLog", call | _retries(payload)


def _log_16(payload: Payload, command_id: int) -> tuple[str, Payload]:
    if payload["kind"] == "security":
        return _log(payload, command_id)
    call = _given(
        location=payload["url"], startTime=payload.get("since"), stopTime=payload.get("until")
    )
    return "GetDiagnostics", call | _retries(payload)


def _firmware(payload: Payload, command_id: int) -> Payload:
    firmware = _given(
        location=payload["url"],
        retrieveDateTime=payload["retrieve_at"],
        installDateTime=payload.get("install_at"),
        signingCertificate=payload.get("signing_certificate"),
        signature=payload.get("signature"),
    )
    request = int(payload.get("request", command_id % 2**31))
    return {"requestId": request, "firmware": firmware} | _retries(payload)


def _update_16(payload: Payload, command_id: int) -> tuple[str, Payload]:
    if payload.get("signature"):
        return "SignedUpdateFirmware", _firmware(payload, command_id)
    call = {"location": payload["url"], "retrieveDate": payload["retrieve_at"]}
    return "UpdateFirmware", call | _retries(payload)


def _update_2(payload: Payload, command_id: int) -> tuple[str, Payload]:
    return "UpdateFirmware", _firmware(payload, command_id)


def _unlock_16(payload: Payload, _: int) -> tuple[str, Payload]:
    return "UnlockConnector", {"connectorId": int(payload["evse"])}


def _unlock_2(payload: Payload, _: int) -> tuple[str, Payload]:
    place = {"evseId": int(payload["evse"]), "connectorId": int(payload.get("connector", 1))}
    return "UnlockConnector", place


def _state(payload: Payload) -> str:
    return "Operative" if payload["operative"] else "Inoperative"


def _availability_16(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {"connectorId": int(payload.get("evse") or 0), "type": _state(payload)}
    return "ChangeAvailability", call


def _availability_2(payload: Payload, _: int) -> tuple[str, Payload]:
    call: Payload = {"operationalStatus": _state(payload)}
    if payload.get("evse"):
        call["evse"] = _given(id=int(payload["evse"]), connectorId=payload.get("connector"))
    return "ChangeAvailability", call


def _clear_cache(_payload: Payload, _: int) -> tuple[str, Payload]:
    return "ClearCache", {}


BY_WORD: Final[Mapping[str, tuple[Say, Say]]] = {
    commands.GET_LOG: (_log_16, _log),
    commands.UPDATE_FIRMWARE: (_update_16, _update_2),
    commands.UNLOCK: (_unlock_16, _unlock_2),
    commands.CHANGE_AVAILABILITY: (_availability_16, _availability_2),
    commands.CLEAR_CACHE: (_clear_cache, _clear_cache),
}
WORDS: Final[Mapping[tuple[str, str], Say]] = {
    (version, word): says[version != "1.6"]
    for word, says in BY_WORD.items()
    for version in ("1.6", "2.0.1", "2.1")
}
