"""ChargePointErrorCode of OCPP 1.6."""

from collections.abc import Mapping
from typing import Final

from faults.rules.vocabulary.meaning import Meaning, always, down, hint

OCPP_16: Final[Mapping[str, Meaning]] = {
    "connectorlockfailure": down("F26", 3),
    "evcommunicationerror": hint("F27"),
    "groundfailure": down("F30", 1),
    "hightemperature": down("F04", 2),
    "internalerror": down("F02", 2),
    "locallistconflict": always("F37", 3),
    "overcurrentfailure": down("F31", 3),
    "overvoltage": down("F31", 1),
    "undervoltage": down("F31", 3),
    "powermeterfailure": always("F33", 3),
    "powerswitchfailure": down("F29", 1),
    "readerfailure": always("F36", 3),
    "resetfailure": down("F02", 3),
    "weaksignal": Meaning("F17", 4, as_warning=5),
}
# These say so little that a maker's own known code beside them is the better word.
VAGUE: Final = frozenset({"othererror", "internalerror", "evcommunicationerror"})
OTHER: Final = "othererror"
# As OCPP writes them, for people.
OCPP_16_NAMES: Final[Mapping[str, str]] = {
    name.lower(): name
    for name in (
        "ConnectorLockFailure",
        "EVCommunicationError",
        "GroundFailure",
        "HighTemperature",
        "InternalError",
        "LocalListConflict",
        "OverCurrentFailure",
        "OverVoltage",
        "UnderVoltage",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
        "WeakSignal",
    )
}
