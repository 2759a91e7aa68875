"""Why a session ended, where the reason is a fault (OCPP 1.6 Reason, 2.x ReasonEnumType).

An emergency stop is told by the gateway as an event of its sensor, of the whole station.
"""

from collections.abc import Mapping
from typing import Final

from faults.rules.vocabulary.meaning import Meaning, always, down

STOPS: Final[Mapping[str, Meaning]] = {
    "groundfault": down("F30", 1),
    "overcurrentfault": always("F31", 3),
    "powerloss": always("F40", 4),
    "powerquality": always("F31", 4),
    "reqenergytransferrejected": always("F39", 5),
}
