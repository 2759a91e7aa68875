"""What a station's answer means: whether it will do what it was asked."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stations.ocpp import schemas

# Scheduled and RebootRequired are promises to do it; only a plain no is a no.
KEPT_WORDS: Final = {
    "accepted",
    "scheduled",
    "rebootrequired",
    "unlocked",
    "acceptedcanceled",
    "unpublished",
}
REPORTS: Final = {
    "GetBaseReport": "NotifyReport",
    "GetReport": "NotifyReport",
    "GetMonitoringReport": "NotifyMonitoringReport",
    "GetChargingProfiles": "ReportChargingProfiles",
    "GetDisplayMessages": "NotifyDisplayMessages",
    "CustomerInformation": "NotifyCustomerInformation",
}
# Our names of a message where the one that is asked for is called otherwise.
TRIGGERED: Final = {
    "SignChargePointCertificate": "SignCertificate",
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignV2G20Certificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
}


def triggered_by(action: str, payload: Mapping[str, Any]) -> str:
    """Return the message a call of ours asks the station to send, or an empty text."""
    wanted = str(payload.get("requestedMessage", ""))
    return REPORTS.get(action) or TRIGGERED.get(wanted, wanted)


def granted_by(action: str, payload: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Return the schedule a call gives the session at an EVSE (2.x); empty for any other call."""
    profile = payload.get("chargingProfile")
    if action != "SetChargingProfile" or not isinstance(profile, Mapping):
        return {}
    if profile.get("chargingProfilePurpose") != "TxProfile":
        return {}
    return {payload["evseId"]: profile["chargingSchedule"][0]}


def final_state(version: str, action: str, answer: Mapping[str, Any]) -> str:
    """Return accepted or rejected; unknown where an answer that must say it does not.

    Read leniently: the answer may break its schema in every other way.
    """
    for name, judge in LISTS.items():
        if name in answer:
            found = answer[name]
            rows = found if isinstance(found, list) else [found]
            return "accepted" if judge([_word(row) for row in rows]) else "rejected"
    if "status" in answer:
        return "accepted" if _word(answer) in KEPT_WORDS else "rejected"
    schema = schemas.load_schema(version, action, is_answer=True) or {}
    says_more = [name for name in schema.get("required", ()) if name in ("status", *LISTS)]
    return "unknown" if says_more else "accepted"


def _word(row: object) -> str:
    if not isinstance(row, Mapping):
        return ""
    return str(row.get("attributeStatus", row.get("status", ""))).strip().lower()


def _is_done(word: str) -> bool:
    return word in KEPT_WORDS


# A call of many parts did what it was asked when every part did; a question, when any part was
# answered with a value; what is gone already is cleared.
LISTS: Final[Mapping[str, Callable[[list[str]], bool]]] = {
    "setVariableResult": lambda words: all(map(_is_done, words)),
    "getVariableResult": lambda words: any(map(_is_done, words)),
    "setMonitoringResult": lambda words: all(map(_is_done, words)),
    "clearMonitoringResult": lambda words: all(_is_done(w) or w == "notfound" for w in words),
    "clearTariffsResult": lambda words: all(_is_done(w) or w == "notariff" for w in words),
}
