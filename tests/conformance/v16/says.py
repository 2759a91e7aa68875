"""What a station of OCPP 1.6 says in the cases."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player

Payload = dict[str, Any]
ACCEPTED: Payload = {"status": "Accepted"}
REJECTED: Payload = {"status": "Rejected"}


def status(word: str, seconds: int = 0, connector: int = 1, **more: Any) -> Payload:
    """Return a StatusNotification."""
    given = {"connectorId": connector, "errorCode": "NoError", "status": word}
    return given | {"timestamp": at(seconds)} | more


def tells(station: Player, word: str, seconds: int = 0, connector: int = 1, **more: Any) -> None:
    """Have a connector say what it is."""
    payload = status(word, seconds, connector, **more)
    assert station.call("StatusNotification", payload) == {}


def starts(station: Player, uid: str, seconds: int = -60, wh: int = 100, **more: Any) -> int:
    """Begin a transaction and return its number."""
    given = {"connectorId": 1, "idTag": uid, "meterStart": wh, "timestamp": at(seconds)}
    answer = station.call("StartTransaction", given | more)
    number: int = answer["transactionId"]
    assert number > 0
    return number


def stops(station: Player, number: int, wh: int = 600, seconds: int = 0, **more: Any) -> Payload:
    """End a transaction and return the answer."""
    given = {"transactionId": number, "meterStop": wh, "timestamp": at(seconds)}
    return station.call("StopTransaction", given | more)


def charges(bed: Bed, station: Player) -> tuple[str, int]:
    """Play a session up to where it charges; return its token and number."""
    uid = bed.token().uid
    tells(station, "Preparing", -62)
    answer = station.call("Authorize", {"idTag": uid})
    assert answer["idTagInfo"]["status"] == "Accepted"
    number = starts(station, uid)
    tells(station, "Charging", -59)
    return uid, number
