"""Block F of OCPP 2.0.1: started, stopped and unlocked from afar."""

from typing import Any

from stations.models import Command
from tests.conformance.bed import Bed
from tests.conformance.phrases import PLACE, card, charging, event, meter, status
from tests.conformance.player import Player


def starts(bed: Bed, station: Player, uid: str, **more: Any) -> tuple[Command, int]:
    """Ask for a start, which is taken; return the command and the number it goes by."""
    command = bed.ask(station, "remote_start", token=uid, evse=1, **more)
    told = station.obey("RequestStartTransaction", status="Accepted")
    assert (told["idToken"]["idToken"], told["evseId"]) == (uid, 1)
    number: int = told["remoteStartId"]
    return command, number


def begun(kind: str, number: int, trigger: str, remote: int, **more: Any) -> dict[str, Any]:
    return event(kind, number, trigger, -50, info={"remoteStartId": remote}, **more)


def test_tc_f_01_cable_first(bed: Bed, station: Player) -> None:
    """The plug has begun a transaction that our request gives a payer.

    F01, F02.FR.05
    """
    uid = bed.token().uid
    station.call("TransactionEvent", event("Started", 0, "CablePluggedIn", -60, **PLACE))
    command = bed.ask(station, "remote_start", token=uid, evse=1)
    told = station.obey("RequestStartTransaction", status="Accepted", transactionId="tx-1")
    answer = station.call(
        "TransactionEvent",
        begun("Updated", 1, "RemoteStart", told["remoteStartId"], idToken=card(uid)),
    )

    assert answer["idTokenInfo"]["status"] == "Accepted"
    session = bed.session(station)
    assert (session.id_tag, session.remote_start_id) == (uid, told["remoteStartId"])
    assert bed.ended(command).state == "accepted"


def test_tc_f_02_request_first_token_is_asked_for(bed: Bed, station: Player) -> None:
    """A station that verifies remote tokens asks before it begins.

    F02, F02.FR.05
    """
    uid = bed.token().uid
    command, number = starts(bed, station, uid)
    assert station.call("Authorize", {"idToken": card(uid)})["idTokenInfo"]["status"] == "Accepted"
    station.call(
        "TransactionEvent",
        begun("Started", 0, "RemoteStart", number, idToken=card(uid)) | PLACE,
    )
    station.call("StatusNotification", status("Occupied"))
    station.call("TransactionEvent", charging("Charging", 1, -40))

    session = bed.session(station)
    assert (session.remote_start_id, session.id_tag) == (number, uid)
    assert bed.ended(command).state == "accepted"


def test_tc_f_03_request_first_token_is_taken(bed: Bed, station: Player) -> None:
    """A station that trusts remote tokens begins at once.

    F02, F02.FR.05
    """
    uid = bed.token().uid
    command, number = starts(bed, station, uid)
    answer = station.call(
        "TransactionEvent",
        begun("Started", 0, "RemoteStart", number, idToken=card(uid)) | PLACE,
    )

    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert bed.session(station).remote_start_id == number
    assert bed.ended(command).state == "accepted"


def test_tc_f_04_request_first_and_no_vehicle(bed: Bed, station: Player) -> None:
    """Started from afar, but nobody plugs in: it times out with no energy.

    F02
    """
    uid = bed.token().uid
    command, number = starts(bed, station, uid)
    started = begun("Started", 0, "RemoteStart", number, idToken=card(uid)) | PLACE
    station.call("TransactionEvent", started | meter(500, -50))
    ended = event("Ended", 1, "EVConnectTimeout", info={"stoppedReason": "Timeout"})
    station.call("TransactionEvent", ended | meter(500))

    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 0)
    assert session.stop_reason == "Timeout"
    assert bed.ended(command).state == "accepted"


def test_tc_f_06_connector_is_unlocked(bed: Bed, station: Player) -> None:
    """A stuck plug is let go.

    F05
    """
    bed.exchange(
        station, "UnlockConnector", {"evseId": 1, "connectorId": 1}, {"status": "Unlocked"}
    )
