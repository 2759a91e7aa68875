"""Our words for power, lists, reservations and screens in each version's words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stations import commands

Payload = dict[str, Any]
Say = Callable[[Payload, int], tuple[str, Payload]]

# Our word for what a profile is for, in 1.6 and in 2.x.
PURPOSES_16: Final = {
    "station_max": "ChargePointMaxProfile",
    "tx_default": "TxDefaultProfile",
    "tx": "TxProfile",
}
PURPOSES_2: Final = {
    "station_max": "ChargingStationMaxProfile",
    "tx_default": "TxDefaultProfile",
    "tx": "TxProfile",
    "priority": "PriorityCharging",
}
TOKEN_TYPES: Final = {
    "rfid": "ISO14443",
    "app": "Central",
    "ad_hoc": "Central",
    "central": "Central",
}
SHORT_TAG: Final = 20


def _given(**fields: object) -> Payload:
    """Return the fields that are said; an empty one is left out, not sent as null."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _number(value: object) -> int | float:
    """Return a limit as a number with at most one decimal, as both versions ask."""
    rounded = round(float(str(value)), 1)
    return int(rounded) if rounded.is_integer() else rounded


def _periods(profile: Payload) -> list[Payload]:
    return [
        _given(
            startPeriod=int(period["start"]),
            limit=_number(period["limit"]),
            numberPhases=period.get("phases"),
        )
        for period in profile["periods"]
    ]


def _schedule(profile: Payload) -> Payload:
    minimum = profile.get("min_rate")
    return _given(
        startSchedule=profile.get("start"),
        duration=profile.get("duration"),
        chargingRateUnit=profile["unit"],
        chargingSchedulePeriod=_periods(profile),
        minChargingRate=None if minimum is None else _number(minimum),
    )


def _common(profile: Payload, purposes: Mapping[str, str]) -> Payload:
    purpose, transaction = purposes[profile["purpose"]], profile.get("transaction")
    if (purpose == "TxProfile") != bool(transaction):
        # K01.FR.03 and K01.FR.09: a session's profile names its session, no other one does.
        raise ValueError("a transaction with a TxProfile, and with no other profile")
    return _given(
        stackLevel=int(profile["stack_level"]),
        chargingProfilePurpose=purpose,
        chargingProfileKind=profile["kind"],
        recurrencyKind=profile.get("recurrency"),
        validFrom=profile.get("valid_from"),
        validTo=profile.get("valid_to"),
    )


def _set_profile_16(payload: Payload, _: int) -> tuple[str, Payload]:
    profile = payload["profile"]
    call = {"chargingProfileId": int(profile["id"]), **_common(profile, PURPOSES_16)}
    if profile.get("transaction"):
        call["transactionId"] = int(profile["transaction"])
    call["chargingSchedule"] = _schedule(profile)
    return "SetChargingProfile", {
        "connectorId": int(payload["evse"]),
        "csChargingProfiles": call,
    }


def _set_profile_2(payload: Payload, _: int) -> tuple[str, Payload]:
    profile = payload["profile"]
    call = {"id": int(profile["id"]), **_common(profile, PURPOSES_2)}
    if profile.get("transaction"):
        call["transactionId"] = str(profile["transaction"])
    call["chargingSchedule"] = [{"id": int(profile["id"]), **_schedule(profile)}]
    return "SetChargingProfile", {"evseId": int(payload["evse"]), "chargingProfile": call}


def _clear_profile_16(payload: Payload, _: int) -> tuple[str, Payload]:
    if payload.get("id") is not None:
        return "ClearChargingProfile", {"id": int(payload["id"])}
    purpose = payload.get("purpose")
    return "ClearChargingProfile", _given(
        connectorId=payload.get("evse"),
        chargingProfilePurpose=PURPOSES_16[purpose] if purpose else None,
        stackLevel=payload.get("stack_level"),
    )


def _clear_profile_2(payload: Payload, _: int) -> tuple[str, Payload]:
    if payload.get("id") is not None:
        return "ClearChargingProfile", {"chargingProfileId": int(payload["id"])}
    purpose = payload.get("purpose")
    criteria = _given(
        evseId=payload.get("evse"),
        chargingProfilePurpose=PURPOSES_2[purpose] if purpose else None,
        stackLevel=payload.get("stack_level"),
    )
    return "ClearChargingProfile", {"chargingProfileCriteria": criteria}


def _composite_16(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {"connectorId": int(payload["evse"]), "duration": int(payload["duration"])}
    return "GetCompositeSchedule", call | _given(chargingRateUnit=payload.get("unit"))


def _composite_2(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {"evseId": int(payload["evse"]), "duration": int(payload["duration"])}
    return "GetCompositeSchedule", call | _given(chargingRateUnit=payload.get("unit"))


def _list_16(payload: Payload, _: int) -> tuple[str, Payload]:
    entries = []
    for entry in payload["entries"]:
        if len(entry["uid"]) > SHORT_TAG:
            raise ValueError(f"tags of at most {SHORT_TAG} characters")
        row: Payload = {"idTag": entry["uid"]}
        if entry.get("status"):
            row["idTagInfo"] = _given(
                status=entry["status"],
                expiryDate=entry.get("expires"),
                parentIdTag=entry.get("group"),
            )
        entries.append(row)
    call: Payload = {"listVersion": int(payload["version"]), "updateType": payload["update"]}
    return "SendLocalList", call | _given(localAuthorizationList=entries or None)


def _list_2(payload: Payload, _: int) -> tuple[str, Payload]:
    entries = []
    for entry in payload["entries"]:
        row: Payload = {"idToken": _token(entry["uid"], entry.get("kind"))}
        if entry.get("status"):
            group = entry.get("group")
            row["idTokenInfo"] = _given(
                status=entry["status"],
                cacheExpiryDateTime=entry.get("expires"),
                groupIdToken=_token(group, "central") if group else None,
            )
        entries.append(row)
    call: Payload = {"versionNumber": int(payload["version"]), "updateType": payload["update"]}
    return "SendLocalList", call | _given(localAuthorizationList=entries or None)


def _token(uid: str, kind: object) -> Payload:
    return {"idToken": uid, "type": TOKEN_TYPES.get(str(kind), "ISO14443")}


def _list_version(_payload: Payload, _: int) -> tuple[str, Payload]:
    return "GetLocalListVersion", {}


def _reserve_16(payload: Payload, _: int) -> tuple[str, Payload]:
    return "ReserveNow", {
        "connectorId": int(payload.get("evse") or 0),
        "expiryDate": payload["expires_at"],
        "idTag": payload["token"],
        "reservationId": int(payload["id"]),
    }


def _reserve_2(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {
        "id": int(payload["id"]),
        "expiryDateTime": payload["expires_at"],
        "idToken": _token(payload["token"], payload.get("token_kind")),
    }
    return "ReserveNow", call | _given(evseId=payload.get("evse") or None)


def _cancel_reservation(payload: Payload, _: int) -> tuple[str, Payload]:
    return "CancelReservation", {"reservationId": int(payload["id"])}


def _show_message(payload: Payload, _: int) -> tuple[str, Payload]:
    message = _given(
        id=int(payload["id"]),
        priority=payload["priority"],
        state=payload.get("state"),
        startDateTime=payload.get("start"),
        endDateTime=payload.get("end"),
        transactionId=payload.get("transaction"),
        message=_given(
            format=payload.get("format", "UTF8"),
            language=payload.get("language"),
            content=payload["text"],
        ),
    )
    return "SetDisplayMessage", {"message": message}


def _clear_message(payload: Payload, _: int) -> tuple[str, Payload]:
    return "ClearDisplayMessage", {"id": int(payload["id"])}


def _of_both(word: str, old: Say, new: Say) -> dict[tuple[str, str], Say]:
    return {("1.6", word): old, ("2.0.1", word): new, ("2.1", word): new}


def _of_new(word: str, new: Say) -> dict[tuple[str, str], Say]:
    return {("2.0.1", word): new, ("2.1", word): new}


WORDS: Final[Mapping[tuple[str, str], Say]] = {
    **_of_both(commands.SET_PROFILE, _set_profile_16, _set_profile_2),
    **_of_both(commands.CLEAR_PROFILE, _clear_profile_16, _clear_profile_2),
    **_of_both(commands.COMPOSITE_SCHEDULE, _composite_16, _composite_2),
    **_of_both(commands.SEND_LOCAL_LIST, _list_16, _list_2),
    **_of_both(commands.LOCAL_LIST_VERSION, _list_version, _list_version),
    **_of_both(commands.RESERVE, _reserve_16, _reserve_2),
    **_of_both(commands.CANCEL_RESERVATION, _cancel_reservation, _cancel_reservation),
    **_of_new(commands.SHOW_MESSAGE, _show_message),
    **_of_new(commands.CLEAR_MESSAGE, _clear_message),
}
