"""What a 1.6 charger answers to each command."""

from collections.abc import Callable
from typing import Any

from stations.simulator import charging, settings, wire, wishes
from stations.simulator.charger import Station
from stations.simulator.connector import Connector
from stations.simulator.dialect import stamp
from stations.simulator.fleet import TokenSpec
from stations.simulator.outbox import Item

Payload = dict[str, Any]


def answer(station: Station, action: str, payload: Payload) -> Payload:
    """Return the answer to a command; raises wire.Unknown."""
    try:
        return COMMANDS[action](station, payload)
    except KeyError:
        if action in COMMANDS:
            raise
        raise wire.Unknown(action) from None


def _connector(station: Station, payload: Payload) -> Connector | None:
    return station.connectors.get(int(payload.get("connectorId") or 0))


def _word(*, accepted: bool) -> Payload:
    return {"status": "Accepted" if accepted else "Rejected"}


def _remote_start(station: Station, payload: Payload) -> Payload:
    connector = _connector(station, payload)
    if payload.get("connectorId") and connector is None:
        return {"status": "Rejected"}
    token = TokenSpec(str(payload["idTag"]))
    return _word(accepted=station.remote_start(connector, token, None))


def _remote_stop(station: Station, payload: Payload) -> Payload:
    return _word(accepted=station.remote_stop(int(payload["transactionId"])))


def _reset(station: Station, payload: Payload) -> Payload:
    station.reset("HardReset" if payload["type"] == "Hard" else "SoftReset")
    return {"status": "Accepted"}


def _trigger(station: Station, payload: Payload) -> Payload:
    wanted = str(payload["requestedMessage"])
    chosen = _connector(station, payload)
    if payload.get("connectorId") and chosen is None:
        return {"status": "Rejected"}
    connectors = [chosen] if chosen else list(station.connectors.values())
    if wanted == "BootNotification":
        station.outbox.put(station.dialect.boot(station.spec, "Triggered"))
    elif wanted == "Heartbeat":
        station.outbox.put(station.dialect.heartbeat())
    elif wanted == "StatusNotification":
        for connector in connectors:
            station.outbox.put(connector.status_item())
    elif wanted == "MeterValues":
        for connector in connectors:
            connector.sample("Trigger")
    elif wanted == "FirmwareStatusNotification":
        station.outbox.put(Item("FirmwareStatusNotification", {"status": "Idle"}))
    elif wanted == "DiagnosticsStatusNotification":
        station.outbox.put(Item("DiagnosticsStatusNotification", {"status": "Idle"}))
    else:
        return {"status": "NotImplemented"}
    return {"status": "Accepted"}


def _availability(station: Station, payload: Payload) -> Payload:
    chosen = _connector(station, payload)
    if payload["connectorId"] and chosen is None:
        return {"status": "Rejected"}
    connectors = [chosen] if chosen else list(station.connectors.values())
    operative = payload["type"] == "Operative"
    return {"status": station.set_operative(connectors, operative=operative)}


def _unlock(station: Station, payload: Payload) -> Payload:
    connector = _connector(station, payload)
    if connector is None or connector.spec.kind == "tethered":
        return {"status": "NotSupported"}
    return {"status": "Unlocked" if station.unlock(connector) else "UnlockFailed"}


def _configuration(station: Station, payload: Payload) -> Payload:
    values = station.settings.values
    asked = [str(key) for key in payload.get("key") or values]
    known = [
        {"key": key, "readonly": key in settings.READ_ONLY, "value": values[key]}
        for key in asked
        if key in values
    ]
    known += [{"key": key, "readonly": False} for key in asked if key in settings.WRITE_ONLY]
    unknown = [key for key in asked if key not in values and key not in settings.WRITE_ONLY]
    return {"configurationKey": known} | ({"unknownKey": unknown} if unknown else {})


def _configure(station: Station, payload: Payload) -> Payload:
    key, value = str(payload["key"]), str(payload["value"])
    word = station.settings.set(key, value)
    if key == "AuthorizationKey" and word == "Accepted":
        station.set_password(value)
    return {"status": word}


def _reserve(station: Station, payload: Payload) -> Payload:
    connector = _connector(station, payload)
    if connector is None:
        return {"status": "Rejected"}
    word = wishes.reserve(connector, int(payload["reservationId"]), str(payload["idTag"]))
    return {"status": word}


def _cancel_reservation(station: Station, payload: Payload) -> Payload:
    return _word(
        accepted=wishes.cancel_reservation(
            list(station.connectors.values()), int(payload["reservationId"])
        )
    )


def _set_profile(station: Station, payload: Payload) -> Payload:
    number = int(payload["connectorId"])
    if number and number not in station.connectors:
        return {"status": "Rejected"}
    profile = charging.read_profile(number, payload["csChargingProfiles"])
    took = charging.take(station.profiles, profile, station.connectors.values())
    return _word(accepted=took)


def _clear_profile(station: Station, payload: Payload) -> Payload:
    cleared = charging.clear(
        station.profiles,
        number=payload.get("id"),
        evse=payload.get("connectorId"),
        purpose=payload.get("chargingProfilePurpose"),
        stack_level=payload.get("stackLevel"),
    )
    return {"status": "Accepted" if cleared else "Unknown"}


def _composite(station: Station, payload: Payload) -> Payload:
    connector = _connector(station, payload)
    if connector is None:
        return {"status": "Rejected"}
    duration_s = int(payload["duration"])
    periods = charging.composite(station.profiles, connector, station.now(), duration_s)
    return {
        "status": "Accepted",
        "connectorId": connector.spec.number,
        "scheduleStart": stamp(station.now()),
        "chargingSchedule": {
            "duration": duration_s,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": periods,
        },
    }


def _list_version(station: Station, _payload: Payload) -> Payload:
    return {"listVersion": station.local_list.version}


def _send_list(station: Station, payload: Payload) -> Payload:
    rows = [
        (str(row["idTag"]), row.get("idTagInfo"))
        for row in payload.get("localAuthorizationList", [])
    ]
    version, update = int(payload["listVersion"]), str(payload["updateType"])
    return {"status": station.local_list.take(version, update, rows)}


COMMANDS: dict[str, Callable[[Station, Payload], Payload]] = {
    "CancelReservation": _cancel_reservation,
    "ChangeAvailability": _availability,
    "ChangeConfiguration": _configure,
    "ClearCache": lambda _station, _payload: {"status": "Accepted"},
    "ClearChargingProfile": _clear_profile,
    "DataTransfer": lambda _station, _payload: {"status": "UnknownVendorId"},
    "GetCompositeSchedule": _composite,
    "GetConfiguration": _configuration,
    "GetLocalListVersion": _list_version,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "ReserveNow": _reserve,
    "Reset": _reset,
    "SendLocalList": _send_list,
    "SetChargingProfile": _set_profile,
    "TriggerMessage": _trigger,
    "UnlockConnector": _unlock,
}
