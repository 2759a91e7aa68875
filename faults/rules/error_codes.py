"""What the words of stations mean: OCPP error codes, MREC codes, components of the device model.

Sources: OCPP 1.6 ChargePointErrorCode; OCPP 2.0.1 part 2 appendix 3 (components); ChargeX MREC
revision 5, which travels as vendorErrorCode (1.6) or techCode (2.x) "CX0nn".
"""

import re
from dataclasses import dataclass

from faults.rules.facts import DeviceEvent, StatusSign

# Stations say in many ways that nothing is wrong.
NOTHING = frozenset({"", "noerror", "none", "nofault", "ok", "0", "00", "0000", "0x0000", "null"})
FAULTED = "Faulted"
# In these states nobody can charge, whatever else the station says.
DOWN = frozenset({FAULTED, "Unavailable"})
WARNING = 4


@dataclass(frozen=True, slots=True)
class Meaning:
    """The fault a word stands for; `as_warning` is its severity while the place still works."""

    code: str
    severity: int
    as_warning: int = WARNING


def _same(code: str, severity: int) -> Meaning:
    return Meaning(code, severity, as_warning=max(severity, WARNING))


UNKNOWN_WORD = Meaning("F05", 3, as_warning=5)
FAULTED_WITHOUT_REASON = _same("F02", 3)

OCPP_16 = {
    "connectorlockfailure": _same("F26", 3),
    "evcommunicationerror": Meaning("F27", 3, as_warning=5),
    "groundfailure": _same("F30", 1),
    "hightemperature": _same("F04", 2),
    "internalerror": _same("F02", 2),
    "locallistconflict": Meaning("F37", 3, as_warning=3),
    "overcurrentfailure": _same("F31", 3),
    "overvoltage": _same("F31", 1),
    "undervoltage": _same("F31", 3),
    "powermeterfailure": Meaning("F33", 3, as_warning=3),
    "powerswitchfailure": _same("F29", 1),
    "readerfailure": Meaning("F36", 3, as_warning=3),
    "resetfailure": _same("F02", 3),
    "weaksignal": Meaning("F17", 4, as_warning=5),
}

MREC = {
    "cx001": _same("F26", 3),
    "cx002": _same("F30", 1),
    "cx003": _same("F04", 4),
    "cx004": _same("F31", 3),
    "cx005": _same("F31", 1),
    "cx006": _same("F31", 3),
    "cx007": Meaning("F17", 4, as_warning=5),
    "cx008": Meaning("F08", 1, as_warning=1),
    "cx009": Meaning("F37", 5, as_warning=5),
    "cx010": Meaning("F39", 5, as_warning=5),
    "cx011": _same("F28", 3),
    "cx012": _same("F28", 3),
    "cx013": Meaning("F17", 4, as_warning=5),
    "cx014": Meaning("F27", 3, as_warning=5),
    "cx015": _same("F40", 2),
    "cx016": Meaning("F39", 5, as_warning=5),
    "cx017": Meaning("F29", 1, as_warning=1),
    "cx018": _same("F20", 4),
    "cx019": Meaning("F21", 1, as_warning=1),
    "cx020": Meaning("F27", 3, as_warning=5),
    "cx021": _same("F28", 3),
    "cx022": Meaning("F28", 1, as_warning=1),
    "cx023": Meaning("F27", 3, as_warning=5),
    "cx024": Meaning("F29", 1, as_warning=1),
    "cx025": Meaning("F26", 3, as_warning=3),
    "cx026": Meaning("F32", 1, as_warning=1),
}

COMPONENTS = {
    "aircoolingsystem": _same("F04", 2),
    "liquidcoolingsystem": _same("F04", 2),
    "acdcconverter": _same("F24", 4),
    "cablebreakawaysensor": Meaning("F32", 1, as_warning=1),
    "caseaccesssensor": Meaning("F07", 1, as_warning=1),
    "chargingstation": _same("F02", 2),
    "connector": _same("F02", 3),
    "connectorholstersensor": _same("F26", 3),
    "connectorplugretentionlock": _same("F26", 3),
    "connectorprotectionrelease": _same("F31", 3),
    "controller": _same("F02", 2),
    "controlmetering": Meaning("F33", 3, as_warning=3),
    "cppwmcontroller": Meaning("F27", 3, as_warning=5),
    "datalink": Meaning("F17", 4, as_warning=5),
    "display": Meaning("F36", 4, as_warning=4),
    "electricalfeed": _same("F31", 3),
    "elvsupply": _same("F02", 2),
    "emergencystopsensor": Meaning("F08", 1, as_warning=1),
    "evretentionlock": _same("F26", 3),
    "evse": _same("F02", 3),
    "fiscalmetering": Meaning("F33", 3, as_warning=3),
    "floodsensor": Meaning("F07", 1, as_warning=1),
    "groundisolationprotection": Meaning("F28", 1, as_warning=1),
    "overcurrentprotection": _same("F31", 3),
    "powercontactor": Meaning("F29", 1, as_warning=1),
    "rcd": Meaning("F30", 1, as_warning=1),
    "shocksensor": Meaning("F07", 1, as_warning=1),
    "temperaturesensor": _same("F04", 2),
    "tiltsensor": Meaning("F07", 1, as_warning=1),
    "tokenreader": Meaning("F36", 3, as_warning=3),
    "uiinput": Meaning("F36", 4, as_warning=4),
    "upstreamprotectiontrigger": _same("F40", 2),
}
HOT_CONNECTOR = _same("F20", 4)
# The faults that a station can report of itself.
CODES = frozenset(
    meaning.code
    for meaning in (UNKNOWN_WORD, *OCPP_16.values(), *MREC.values(), *COMPONENTS.values())
) | {HOT_CONNECTOR.code}
# A change of these, to true, is trouble; a change of anything else is only a value.
TROUBLE = frozenset({"problem", "tripped", "overload", "fault", "faulted"})


def fold(word: str) -> str:
    """Return a word as compared: without case, spaces and signs between its letters."""
    return re.sub(r"[^0-9a-z]", "", word.lower())


def is_nothing(word: str) -> bool:
    """Return whether a code says that nothing is wrong."""
    return fold(word) in NOTHING


def words_of(sign: StatusSign) -> tuple[str, ...]:
    """Return the single codes a status carries; some makes send several with commas between."""
    vendors = [word.strip() for word in re.split(r"[,;]", sign.vendor_error_code)]
    known = [word for word in vendors if fold(word) in MREC]
    if known:
        return tuple(known)
    if not is_nothing(sign.error_code) and fold(sign.error_code) != "othererror":
        return (sign.error_code,)
    said = tuple(word for word in vendors if not is_nothing(word))
    if said:
        return said
    return () if is_nothing(sign.error_code) else (sign.error_code,)


def meaning_of_word(word: str) -> Meaning:
    """Return what one error code means; an unknown one is F05, to be mapped by a person."""
    return MREC.get(fold(word)) or OCPP_16.get(fold(word)) or UNKNOWN_WORD


def meaning_of_event(event: DeviceEvent) -> Meaning | None:
    """Return the trouble a device event reports, or None where it only reports a value."""
    tech, component = fold(event.tech_code), fold(event.component)
    if tech in MREC:
        return MREC[tech]
    if tech in NOTHING and not _is_trouble(event):
        return None
    if component == "temperaturesensor" and event.connector_id is not None:
        return HOT_CONNECTOR
    return COMPONENTS.get(component, UNKNOWN_WORD)


def is_trouble_over(event: DeviceEvent) -> bool:
    """Return whether an event says of a trouble that it is gone, without the word cleared."""
    return fold(event.variable) in TROUBLE and fold(event.value) in {"false", "0"}


def _is_trouble(event: DeviceEvent) -> bool:
    if event.trigger == "Alerting":
        return True
    return fold(event.variable) in TROUBLE and fold(event.value) in {"true", "1"}
