"""Our words for power, lists, reservations and screens in each version's words."""

from collections.abc import Mapping
from typing import Final

from stations import commands
from stations.ocpp.calls.said import Payload, Words, given, of_both, of_new, token

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
SHORT_TAG: Final = 20


def _number(value: object) -> int | float:
    """Return a limit as a number with at most one decimal, as both versions ask."""
    rounded = round(float(str(value)), 1)
    return int(rounded) if rounded.is_integer() else rounded


def _periods(profile: Payload) -> list[Payload]:
    return [
        given(
            startPeriod=int(period["start"]),
            limit=_number(period["limit"]),
            numberPhases=period.get("phases"),
        )
        for period in profile["periods"]
    ]


def _schedule(profile: Payload) -> Payload:
    minimum = profile.get("min_rate")
    return given(
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
    return given(
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
    return "ClearChargingProfile", given(
        connectorId=payload.get("evse"),
        chargingProfilePurpose=PURPOSES_16[purpose] if purpose else None,
        stackLevel=payload.get("stack_level"),
    )


def _clear_profile_2(payload: Payload, _: int) -> tuple[str, Payload]:
    if payload.get("id") is not None:
        return "ClearChargingProfile", {"chargingProfileId": int(payload["id"])}
    purpose = payload.get("purpose")
    criteria = given(
        evseId=payload.get("evse"),
        chargingProfilePurpose=PURPOSES_2[purpose] if purpose else None,
        stackLevel=payload.get("stack_level"),
    )
    return "ClearChargingProfile", {"chargingProfileCriteria": criteria}


def _composite_16(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {"connectorId": int(payload["evse"]), "duration": int(payload["duration"])}
    return "GetCompositeSchedule", call | given(chargingRateUnit=payload.get("unit"))


def _composite_2(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {"evseId": int(payload["evse"]), "duration": int(payload["duration"])}
    return "GetCompositeSchedule", call | given(chargingRateUnit=payload.get("unit"))


def _list_16(payload: Payload, _: int) -> tuple[str, Payload]:
    entries = []
    for entry in payload["entries"]:
        if len(entry["uid"]) > SHORT_TAG:
            raise ValueError(f"tags of at most {SHORT_TAG} characters")
        row: Payload = {"idTag": entry["uid"]}
        if entry.get("status"):
            row["idTagInfo"] = given(
                status=entry["status"],
                expiryDate=entry.get("expires"),
                parentIdTag=entry.get("group"),
            )
        entries.append(row)
    call: Payload = {"listVersion": int(payload["version"]), "updateType": payload["update"]}
    return "SendLocalList", call | given(localAuthorizationList=entries or None)


def _list_2(payload: Payload, _: int) -> tuple[str, Payload]:
    entries = []
    for entry in payload["entries"]:
        row: Payload = {"idToken": token(entry["uid"], entry.get("kind"))}
        if entry.get("status"):
            group = entry.get("group")
            row["idTokenInfo"] = given(
                status=entry["status"],
                cacheExpiryDateTime=entry.get("expires"),
                groupIdToken=token(group, "central") if group else None,
            )
        entries.append(row)
    call: Payload = {"versionNumber": int(payload["version"]), "updateType": payload["update"]}
    return "SendLocalList", call | given(localAuthorizationList=entries or None)


def _list_version(_payload: Payload, _: int) -> tuple[str, Payload]:
    return "GetLocalListVersion", {}


def _reserve_16(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {
        "connectorId": int(payload.get("evse") or 0),
        "expiryDate": payload["expires_at"],
        "idTag": payload["token"],
        "reservationId": int(payload["id"]),
    }
    # Whoever is of the same group may come instead.
    return "ReserveNow", call | given(parentIdTag=payload.get("group"))


def _reserve_2(payload: Payload, _: int) -> tuple[str, Payload]:
    call = {
        "id": int(payload["id"]),
        "expiryDateTime": payload["expires_at"],
        "idToken": token(payload["token"], payload.get("token_kind")),
    }
    group = payload.get("group")
    return "ReserveNow", call | given(
        evseId=payload.get("evse") or None,
        groupIdToken=token(group, "central") if group else None,
    )


def _cancel_reservation(payload: Payload, _: int) -> tuple[str, Payload]:
    return "CancelReservation", {"reservationId": int(payload["id"])}


def _show_message(payload: Payload, _: int) -> tuple[str, Payload]:
    message = given(
        id=int(payload["id"]),
        priority=payload["priority"],
        state=payload.get("state"),
        startDateTime=payload.get("start"),
        endDateTime=payload.get("end"),
        transactionId=payload.get("transaction"),
        message=given(
            format=payload.get("format", "UTF8"),
            language=payload.get("language"),
            content=payload["text"],
        ),
    )
    return "SetDisplayMessage", {"message": message}


def _clear_message(payload: Payload, _: int) -> tuple[str, Payload]:
    return "ClearDisplayMessage", {"id": int(payload["id"])}


WORDS: Final[Words] = {
    **of_both(commands.SET_PROFILE, _set_profile_16, _set_profile_2),
    **of_both(commands.CLEAR_PROFILE, _clear_profile_16, _clear_profile_2),
    **of_both(commands.COMPOSITE_SCHEDULE, _composite_16, _composite_2),
    **of_both(commands.SEND_LOCAL_LIST, _list_16, _list_2),
    **of_both(commands.LOCAL_LIST_VERSION, _list_version, _list_version),
    **of_both(commands.RESERVE, _reserve_16, _reserve_2),
    **of_both(commands.CANCEL_RESERVATION, _cancel_reservation, _cancel_reservation),
    **of_new(commands.SHOW_MESSAGE, _show_message),
    **of_new(commands.CLEAR_MESSAGE, _clear_message),
}
