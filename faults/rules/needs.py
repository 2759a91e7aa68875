"""What each fault is seen by: without its signals a rule is blind, with some of them it half sees.

The signals are the words of `stations.commissioning.SIGNALS`. OCPP 1.6 gives the reason in
StatusNotification; OCPP 2.x says no more than Faulted there and the reason in NotifyEvent.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["full", "degraded", "blind"]


@dataclass(frozen=True, slots=True)
class Need:
    """The signals one rule wants; `in_16` where 1.6 needs others. Nothing wanted: always seen."""

    signals: tuple[str, ...] = ()
    in_16: tuple[str, ...] | None = None

    def of(self, version: str) -> tuple[str, ...]:
        """Return the signals wanted of a station of a version."""
        return self.in_16 if version == "1.6" and self.in_16 is not None else self.signals


_REPORTED = Need(("status", "device_events"), in_16=("status",))
_HOT_CABLE = Need(("status", "device_events", "temperature"), in_16=("status", "temperature"))
_HOT_CABINET = Need(
    ("status", "device_events", "temperature_body"), in_16=("status", "temperature_body")
)
_VOLTAGE = Need(("status", "device_events", "voltage"), in_16=("status", "voltage"))
_METER = Need(("status", "device_events", "energy"), in_16=("status", "energy"))

NEEDS: Final[Mapping[str, Need]] = {
    "F01": Need(),
    "F02": _REPORTED,
    "F03": Need(),
    "F04": _HOT_CABINET,
    "F05": _REPORTED,
    "F06": Need(("status",)),
    "F07": _REPORTED,
    "F08": _REPORTED,
    "F09": Need(),
    "F10": Need(("sessions", "energy")),
    "F11": Need(("sessions",)),
    "F12": Need(("sessions", "energy")),
    "F13": Need(),
    "F14": Need(("status",)),
    "F15": Need(("status", "sessions", "power")),
    "F16": Need(("clock",)),
    "F17": _REPORTED,
    "F18": Need(("sessions",)),
    "F19": Need(),
    "F20": _HOT_CABLE,
    "F21": _HOT_CABLE,
    "F22": Need(("sessions", "temperature", "current")),
    "F23": Need(("sessions", "power", "soc", "power_offered")),
    "F24": Need(("status", "device_events", "power"), in_16=("status", "power")),
    "F25": Need(("sessions", "phases")),
    "F26": _REPORTED,
    "F27": _REPORTED,
    "F28": _REPORTED,
    "F29": _METER,
    "F30": _REPORTED,
    "F31": _VOLTAGE,
    "F32": _REPORTED,
    "F33": _METER,
    "F34": Need(("sessions", "energy", "power")),
    "F35": Need(("sessions", "current", "voltage")),
    "F36": _REPORTED,
    "F37": _REPORTED,
    "F38": Need(),
    "F39": Need(("sessions", "energy")),
    "F40": _REPORTED,
    "F41": Need(),
    "F42": Need(),
    "F43": Need(),
    "F44": Need(("sessions", "energy")),
}


def level_of(code: str, version: str, given: Set[str]) -> tuple[Level, tuple[str, ...]]:
    """Return how well a fault is seen with the signals given, and which are wanting."""
    wanted = NEEDS[code].of(version) if code in NEEDS else ("status",)
    wanting = tuple(signal for signal in wanted if signal not in given)
    if not wanting:
        return "full", ()
    return ("degraded" if len(wanting) < len(wanted) else "blind"), wanting
