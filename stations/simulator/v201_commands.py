"""What a 2.0.1 station answers to each command."""

from collections.abc import Callable
from typing import Any

from stations.simulator import charging, inventory, settings, wire, wishes
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


def _at(station: Station, evse: Any) -> list[Connector]:
    """Return the connectors an EVSE address means; all without one."""
    everyone = list(station.connectors.values())
    if not evse:
        return everyone
    wanted = evse if isinstance(evse, dict) else {"id": evse}
    return [
        one
        for one in everyone
        if one.spec.evse == wanted["id"]
        and wanted.get("connectorId") in (None, one.spec.evse_connector)
    ]


def _word(*, accepted: bool) -> Payload:
    return {"status": "Accepted" if accepted else "Rejected"}


def _request_start(station: Station, payload: Payload) -> Payload:
    raw = payload["idToken"]
    token = TokenSpec(str(raw["idToken"]), str(raw["type"]))
    remote_id = int(payload["remoteStartId"])
    started = any(
        station.remote_start(one, token, remote_id) for one in _at(station, payload.get("evseId"))
    )
    return _word(accepted=started)


def _request_stop(station: Station, payload: Payload) -> Payload:
    return _word(accepted=station.remote_stop(str(payload["transactionId"])))


def _reset(station: Station, _payload: Payload) -> Payload:
    station.reset("HardReset")
    return {"status": "Accepted"}


def _trigger(station: Station, payload: Payload) -> Payload:
    wanted = str(payload["requestedMessage"])
    connectors = _at(station, payload.get("evse"))
    if not connectors:
        return {"status": "Rejected"}
    if wanted == "BootNotification":
        station.outbox.put(station.dialect.boot(station.spec, "Triggered"))
    elif wanted == "Heartbeat":
        station.outbox.put(station.dialect.heartbeat())
    elif wanted == "StatusNotification":
        for connector in connectors:
            station.outbox.put(connector.status_item())
    elif wanted in ("MeterValues", "TransactionEvent"):
        for connector in connectors:
            if wanted == "MeterValues" or connector.tx is not None:
                connector.sample("Trigger")
    else:
        return {"status": "NotImplemented"}
    return {"status": "Accepted"}


def _availability(station: Station, payload: Payload) -> Payload:
    connectors = _at(station, payload.get("evse"))
    if not connectors:
        return {"status": "Rejected"}
    operative = payload["operationalStatus"] == "Operative"
    return {"status": station.set_operative(connectors, operative=operative)}


def _unlock(station: Station, payload: Payload) -> Payload:
    address = {"id": payload["evseId"], "connectorId": payload["connectorId"]}
    found = _at(station, address)
    if not found:
        return {"status": "UnknownConnector"}
    if found[0].tx is not None:
        return {"status": "OngoingAuthorizedTransaction"}
    return {"status": "Unlocked" if station.unlock(found[0]) else "UnlockFailed"}


def _key(row: Payload) -> str | None:
    return settings.VARIABLES.get((row["component"]["name"], row["variable"]["name"]))


def _get_variables(station: Station, payload: Payload) -> Payload:
    rows = []
    for asked in payload["getVariableData"]:
        row = {"component": asked["component"], "variable": asked["variable"]}
        key = _key(asked)
        if key is None:
            row["attributeStatus"] = "UnknownVariable"
        elif key in settings.WRITE_ONLY:
            row["attributeStatus"] = "Rejected"
        else:
            row |= {"attributeStatus": "Accepted", "attributeValue": station.settings.values[key]}
        rows.append(row)
    return {"getVariableResult": rows}


def _set_variables(station: Station, payload: Payload) -> Payload:
    rows = []
    for wanted in payload["setVariableData"]:
        key, value = _key(wanted), str(wanted["attributeValue"])
        word = "UnknownVariable" if key is None else station.settings.set(key, value)
        if key == "AuthorizationKey" and word == "Accepted":
            station.set_password(value)
        rows.append(
            {
                "attributeStatus": word,
                "component": wanted["component"],
                "variable": wanted["variable"],
            }
        )
    return {"setVariableResult": rows}


def _transaction_status(station: Station, payload: Payload) -> Payload:
    wanted = payload.get("transactionId")
    queued = station.outbox.durable()
    if wanted is None:
        return {"messagesInQueue": bool(queued)}
    ongoing = any(one.tx and one.tx.id == wanted for one in station.connectors.values())
    mine = any(item.tx and item.tx.id == wanted for item in queued)
    return {"ongoingIndicator": ongoing, "messagesInQueue": mine}


def _reserve(station: Station, payload: Payload) -> Payload:
    found = _at(station, payload.get("evseId"))
    if not found:
        return {"status": "Rejected"}
    token = str(payload["idToken"]["idToken"])
    return {"status": wishes.reserve(found[0], int(payload["id"]), token)}


def _cancel_reservation(station: Station, payload: Payload) -> Payload:
    return _word(
        accepted=wishes.cancel_reservation(
            list(station.connectors.values()), int(payload["reservationId"])
        )
    )


def _set_profile(station: Station, payload: Payload) -> Payload:
    evse = int(payload["evseId"])
    if not _at(station, evse):
        return {"status": "Rejected"}
    profile = charging.read_profile(evse, payload["chargingProfile"])
    took = charging.take(station.profiles, profile, station.connectors.values())
    return _word(accepted=took)


def _clear_profile(station: Station, payload: Payload) -> Payload:
    criteria = payload.get("chargingProfileCriteria") or {}
    cleared = charging.clear(
        station.profiles,
        number=payload.get("chargingProfileId"),
        evse=criteria.get("evseId"),
        purpose=criteria.get("chargingProfilePurpose"),
        stack_level=criteria.get("stackLevel"),
    )
    return {"status": "Accepted" if cleared else "Unknown"}


def _composite(station: Station, payload: Payload) -> Payload:
    found = _at(station, payload["evseId"]) if payload["evseId"] else []
    if not found:
        return {"status": "Rejected"}
    duration_s = int(payload["duration"])
    schedule = {
        "evseId": int(payload["evseId"]),
        "duration": duration_s,
        "scheduleStart": stamp(station.now()),
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": charging.composite(
            station.profiles, found[0], station.now(), duration_s
        ),
    }
    return {"status": "Accepted", "schedule": schedule}


def _send_list(station: Station, payload: Payload) -> Payload:
    rows = [
        (str(row["idToken"]["idToken"]), row.get("idTokenInfo"))
        for row in payload.get("localAuthorizationList", [])
    ]
    version, update = int(payload["versionNumber"]), str(payload["updateType"])
    return {"status": station.local_list.take(version, update, rows)}


def _show(station: Station, payload: Payload) -> Payload:
    return {"status": station.screen.show(payload["message"])}


def _unshow(station: Station, payload: Payload) -> Payload:
    return {"status": station.screen.clear(int(payload["id"]))}


def _shown(station: Station, payload: Payload) -> Payload:
    messages = list(station.screen.messages.values())
    if not messages:
        return {"status": "Unknown"}
    told = {"requestId": payload["requestId"], "tbc": False, "messageInfo": messages}
    station.outbox.put(Item("NotifyDisplayMessages", told))
    return {"status": "Accepted"}


def _cost(station: Station, payload: Payload) -> Payload:
    station.screen.cost = str(payload["totalCost"])
    return {}


COMMANDS: dict[str, Callable[[Station, Payload], Payload]] = {
    "CancelReservation": _cancel_reservation,
    "ChangeAvailability": _availability,
    "ClearCache": lambda _station, _payload: {"status": "Accepted"},
    "ClearChargingProfile": _clear_profile,
    "ClearDisplayMessage": _unshow,
    "CostUpdated": _cost,
    "DataTransfer": lambda _station, _payload: {"status": "UnknownVendorId"},
    "ClearVariableMonitoring": inventory.clear_monitors,
    "GetBaseReport": inventory.report,
    "GetMonitoringReport": inventory.report_monitors,
    "GetCompositeSchedule": _composite,
    "GetDisplayMessages": _shown,
    "GetLocalListVersion": lambda station, _payload: {"versionNumber": station.local_list.version},
    "GetTransactionStatus": _transaction_status,
    "GetVariables": _get_variables,
    "RequestStartTransaction": _request_start,
    "RequestStopTransaction": _request_stop,
    "ReserveNow": _reserve,
    "Reset": _reset,
    "SendLocalList": _send_list,
    "SetChargingProfile": _set_profile,
    "SetMonitoringBase": inventory.choose_base,
    "SetMonitoringLevel": inventory.choose_level,
    "SetVariableMonitoring": inventory.set_monitors,
    "SetDisplayMessage": _show,
    "SetVariables": _set_variables,
    "TriggerMessage": _trigger,
    "UnlockConnector": _unlock,
}
