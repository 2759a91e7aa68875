"""Error texts of the open-source charger stack, which many makes build on and send as they are.

Source: its error declarations (errors/*.yaml), types written "interface/Error". An interface
named here alone stands for all its errors but the ones named with it.
"""

from collections.abc import Mapping
from typing import Final

from faults.rules.vocabulary.meaning import NO_TROUBLE, Meaning, always, down, fold, hint

# What the MREC list has words for travels as MRECn…; these are the others.
TEXTS: Final[Mapping[str, Meaning]] = {
    "diodefault": hint("F27"),
    "ventilationnotavailable": always("F39", 5),
    "brownout": down("F31", 3),
    "energymanagement": always("F02", 4),
    "permanentfault": down("F02", 2),
    "internal": down("F02", 2),
    "inoperative": down("F02", 2),
    "tilted": always("F07", 1),
    "tiltdetected": always("F07", 1),
    "water": always("F07", 1),
    "wateringressdetected": always("F07", 1),
    "dooropen": always("F07", 1),
    "enclosureopen": always("F07", 1),
    "powermetertransactionstartfailed": always("F33", 3),
    "voltageplausibilityfault": down("F28", 3),
    "connectorlockcapnotcharged": always("F26", 3),
    "connectorlockunexpectedopen": always("F26", 3),
    "connectorlockunexpectedclose": always("F26", 3),
    "connectorlockfailedlock": always("F26", 3),
    "connectorlockfailedunlock": always("F26", 3),
    "hardwarefault": down("F02", 2),
    "selftest": down("F02", 2),
}
OF_INTERFACES: Final[Mapping[str, Meaning]] = {
    "acrcd": down("F30", 1),
    "acrcd/selftest": always("F30", 1),
    "connectorlock": always("F26", 3),
    "isolationmonitor": down("F28", 3),
    "isolationmonitor/devicefault": down("F28", 3),
    "overvoltagemonitor": always("F31", 1),
    "powermeter": always("F33", 3),
    "powersupplydc": down("F24", 3),
    "powersupplydc/overtemperature": down("F04", 3),
    "powersupplydc/undertemperature": down("F04", 4),
    "powersupplydc/undervoltageac": down("F31", 3),
    "powersupplydc/overvoltageac": down("F31", 1),
    "powersupplydc/undervoltagedc": down("F28", 3),
    "powersupplydc/overvoltagedc": down("F31", 1),
    "powersupplydc/overcurrentac": down("F31", 3),
    "powersupplydc/overcurrentdc": down("F31", 3),
    "powersupplydc/vendorwarning": always("F24", 4),
    "paymentterminal": always("F36", 3),
    "cardreader": always("F36", 3),
    "authtokenprovider": always("F36", 3),
    "authtokenvalidator": always("F37", 4),
    "parkingbay": NO_TROUBLE,
    "evsemanager": down("F02", 2),
    "evseboardsupport": down("F02", 2),
    "system": down("F02", 2),
}
# The maker says more beside it, so the word alone means nothing.
OPEN: Final = frozenset({"vendorerror", "vendorwarning"})


def find_text(word: str) -> Meaning | None:
    """Return what "interface/Error/detail", or the error alone, stands for."""
    parts = [fold(part) for part in word.split("/")]
    if len(parts) == 1:
        return TEXTS.get(parts[0])
    interface, error = parts[0], parts[1]
    if (found := OF_INTERFACES.get(f"{interface}/{error}")) is not None:
        return found
    if error in OPEN and interface in {"evsemanager", "evseboardsupport", "system"}:
        return None
    # a lost line to a part is that part's fault; what it measured has a word of its own
    return TEXTS.get(error) if error in _SPEAKING else OF_INTERFACES.get(interface)


_SPEAKING = frozenset(TEXTS) - {"hardwarefault", "selftest", "internal"}
