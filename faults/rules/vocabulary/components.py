"""Components of the device model of OCPP 2.x (2.0.1 part 2, appendix 3), and their variables."""

from collections.abc import Mapping
from typing import Final

from faults.rules.vocabulary.meaning import Meaning, always, down, hint

COMPONENTS: Final[Mapping[str, Meaning]] = {
    "acdcconverter": down("F24", 4),
    "aircoolingsystem": down("F04", 2),
    "authctrlr": always("F37", 4),
    "authcachectrlr": always("F37", 4),
    "bayoccupancysensor": always("F05", 5),
    "cablebreakawaysensor": always("F32", 1),
    "caseaccesssensor": always("F07", 1),
    "chademoctrlr": hint("F27"),
    "chargingstation": down("F02", 2),
    "clockctrlr": always("F16", 5),
    "connectedev": always("F39", 5),
    "connector": down("F02", 3),
    "connectorholsterrelease": down("F26", 3),
    "connectorholstersensor": down("F26", 3),
    "connectorplugretentionlock": down("F26", 3),
    "connectorprotectionrelease": down("F31", 3),
    "controller": down("F02", 2),
    "controlmetering": always("F33", 3),
    "cppwmcontroller": hint("F27"),
    "datalink": Meaning("F17", 4, as_warning=5),
    "devicedatactrlr": down("F02", 3),
    "display": always("F36", 4),
    "displaymessagectrlr": always("F36", 4),
    "electricalfeed": down("F31", 3),
    "elvsupply": down("F02", 2),
    "emergencystopsensor": always("F08", 1),
    "evretentionlock": down("F26", 3),
    "evse": down("F02", 3),
    "externaltemperaturesensor": always("F04", 5),
    "fiscalmetering": always("F33", 3),
    "floodsensor": always("F07", 1),
    "groundisolationprotection": always("F28", 1),
    "heater": always("F04", 4),
    "humiditysensor": always("F04", 4),
    "iso15118ctrlr": hint("F27"),
    "liquidcoolingsystem": down("F04", 2),
    "localauthlistctrlr": always("F37", 3),
    "localcontroller": down("F02", 3),
    "lowvoltagesupply": down("F02", 2),
    "networklink": Meaning("F17", 4, as_warning=5),
    "ocppcommctrlr": Meaning("F17", 4, as_warning=5),
    "overcurrentprotection": down("F31", 3),
    "overcurrentprotectionrecloser": down("F31", 3),
    "powercontactor": always("F29", 1),
    "rcd": always("F30", 1),
    "rcdrecloser": down("F30", 1),
    "realtimeclock": always("F16", 5),
    "shocksensor": always("F07", 1),
    "smartchargingctrlr": always("F02", 4),
    "temperaturesensor": down("F04", 2),
    "tiltsensor": always("F07", 1),
    "tokenreader": always("F36", 3),
    "uiinput": always("F36", 4),
    "upstreamprotectiontrigger": down("F40", 2),
    "vehicleidsensor": always("F05", 5),
}
# A change of these, to true, is trouble; a change of anything else is only a value.
TROUBLE: Final = frozenset({"problem", "tripped", "overload", "fault", "faulted"})
# Of a component that is there to raise an alarm, Active says that it does.
ALARMS: Final = frozenset(
    {
        "cablebreakawaysensor",
        "caseaccesssensor",
        "emergencystopsensor",
        "floodsensor",
        "shocksensor",
        "tiltsensor",
    }
)
AVAILABILITY: Final = "availabilitystate"
