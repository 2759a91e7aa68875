"""What the standard forbids beyond its schemas, before a call leaves."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from stations.ocpp.calls.said import Payload


class CallUnfit(ValueError):
    """A command that cannot be said in the station's version, or not with this payload."""


def check_rules(name: str, payload: Payload) -> None:
    """Raise CallUnfit where a payload that follows the schema breaks a rule of the standard."""
    rule = RULES.get(name)
    if rule is not None:
        rule(payload)


def _variables_once(payload: Payload) -> None:
    """Refuse the same attribute of the same variable twice in one call (B05.FR.13)."""
    for items in payload.values():
        seen = [_attribute(item) for item in items] if isinstance(items, list) else []
        if len(set(seen)) != len(seen):
            raise CallUnfit("The same variable stands twice in one call.")


def _attribute(item: Mapping[str, Any]) -> str:
    parts = (item.get("component"), item.get("variable"), item.get("attributeType", "Actual"))
    return json.dumps(parts, sort_keys=True).lower()


def _set_profile(payload: Payload) -> None:
    profile = payload.get("csChargingProfiles") or payload.get("chargingProfile") or {}
    place = payload.get("connectorId", payload.get("evseId"))
    purpose = profile["chargingProfilePurpose"]
    _own_purpose(purpose)
    if purpose == "TxProfile":
        if "transactionId" not in profile:
            raise CallUnfit("A TxProfile names its transaction.")  # K01.FR.03
        if place == 0:
            raise CallUnfit("A TxProfile is for one EVSE.")  # K01.FR.16
    elif "transactionId" in profile:
        raise CallUnfit("Only a TxProfile names a transaction.")
    if purpose in {"ChargePointMaxProfile", "ChargingStationMaxProfile"} and place != 0:
        raise CallUnfit("The station's own limit is for EVSE 0.")
    _recurrence(profile)


def _start_with_profile(payload: Payload) -> None:
    """Refuse a profile that is not for the session to come (F01.FR.08, 1.6 §5.11)."""
    profile = payload.get("chargingProfile")
    if profile is None:
        return
    if profile["chargingProfilePurpose"] != "TxProfile":
        raise CallUnfit("A start takes a TxProfile along, or none.")
    if "transactionId" in profile:
        raise CallUnfit("A session that has not begun has no transaction yet.")
    _recurrence(profile)


def _recurrence(profile: Mapping[str, Any]) -> None:
    is_recurring = profile["chargingProfileKind"] == "Recurring"
    if is_recurring != ("recurrencyKind" in profile):
        raise CallUnfit("A recurring profile says how often, and no other one does.")
    schedules = profile["chargingSchedule"]
    for schedule in schedules if isinstance(schedules, list) else [schedules]:
        starts = [period["startPeriod"] for period in schedule["chargingSchedulePeriod"]]
        if starts[:1] != [0] or starts != sorted(set(starts)):
            raise CallUnfit("The periods of a schedule begin at 0 and follow each other.")


def _own_purpose(purpose: str) -> None:
    if purpose == "ChargingStationExternalConstraints":
        # What somebody else limits is theirs to say, never ours (K01.FR.22).
        raise CallUnfit("External constraints are not ours to set.")


def _clear_profile(payload: Payload) -> None:
    criteria = payload.get("chargingProfileCriteria") or payload
    _own_purpose(criteria.get("chargingProfilePurpose", ""))


def _trigger(payload: Payload) -> None:
    evse = payload.get("evse", {"connectorId": 0})
    if payload["requestedMessage"] == "StatusNotification" and "connectorId" not in evse:
        raise CallUnfit("A status is asked of a connector.")  # F06.FR.12


def _customer(payload: Payload) -> None:
    """Refuse to ask for nobody, or for two people at once (N09.FR.09, N10)."""
    names = {"customerIdentifier", "idToken", "customerCertificate"} & payload.keys()
    if len(names) != 1:
        raise CallUnfit("One person is named, in one way.")
    if not payload["report"] and not payload["clear"]:
        raise CallUnfit("Report, clear, or both.")


def _network(payload: Payload) -> None:
    if payload["connectionData"]["ocppTransport"] != "JSON":
        raise CallUnfit("We speak OCPP over JSON.")


RULES: Final[Mapping[str, Callable[[Payload], None]]] = {
    "SetVariables": _variables_once,
    "GetVariables": _variables_once,
    "SetChargingProfile": _set_profile,
    "RemoteStartTransaction": _start_with_profile,
    "RequestStartTransaction": _start_with_profile,
    "ClearChargingProfile": _clear_profile,
    "TriggerMessage": _trigger,
    "CustomerInformation": _customer,
    "SetNetworkProfile": _network,
}
