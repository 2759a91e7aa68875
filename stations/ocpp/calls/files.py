"""Files that travel: firmware to a station, logs from it (blocks L and N01)."""

from typing import Final

from stations import commands
from stations.ocpp.calls.said import MOST_ID, Payload, Said, Words, given, of_both

LOG_TYPES: Final = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}


def _retries(payload: Payload) -> Payload:
    return given(retries=payload.get("retries"), retryInterval=payload.get("retry_interval"))


def _request(payload: Payload, command_id: int) -> int:
    return int(payload.get("request", command_id % MOST_ID))


def _log(payload: Payload, command_id: int) -> Said:
    log = given(
        remoteLocation=payload["url"],
        oldestTimestamp=payload.get("since"),
        latestTimestamp=payload.get("until"),
    )
    kind = payload.get("kind", "diagnostics")
    call: Payload = {
        "logType": LOG_TYPES.get(kind, kind),
        "requestId": _request(payload, command_id),
        "log": log,
    }
    return "GetLog", call | _retries(payload)


def _log_16(payload: Payload, command_id: int) -> Said:
    if payload.get("kind", "diagnostics") != "diagnostics":
        return _log(payload, command_id)
    call = given(
        location=payload["url"], startTime=payload.get("since"), stopTime=payload.get("until")
    )
    return "GetDiagnostics", call | _retries(payload)


def _firmware(payload: Payload, command_id: int) -> Payload:
    firmware = given(
        location=payload["url"],
        retrieveDateTime=payload["retrieve_at"],
        installDateTime=payload.get("install_at"),
        signingCertificate=payload.get("signing_certificate"),
        signature=payload.get("signature"),
    )
    if ("signature" in firmware) != ("signingCertificate" in firmware):
        # A signature nobody can check is none (L01.FR.11).
        raise ValueError("a signature together with the certificate that signed")
    call: Payload = {"requestId": _request(payload, command_id), "firmware": firmware}
    return call | _retries(payload)


def _update_16(payload: Payload, command_id: int) -> Said:
    if payload.get("signature") or payload.get("signing_certificate"):
        return "SignedUpdateFirmware", _firmware(payload, command_id)
    call = {"location": payload["url"], "retrieveDate": payload["retrieve_at"]}
    return "UpdateFirmware", call | _retries(payload)


def _update_2(payload: Payload, command_id: int) -> Said:
    return "UpdateFirmware", _firmware(payload, command_id)


WORDS: Final[Words] = {
    **of_both(commands.UPDATE_FIRMWARE, _update_16, _update_2),
    **of_both(commands.GET_LOG, _log_16, _log),
}
