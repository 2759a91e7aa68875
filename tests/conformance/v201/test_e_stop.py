"""Block E of OCPP 2.0.1: every way in which a transaction may end."""

from typing import Any

from stations.models import Session
from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, card, charging, end, event, status, when
from tests.conformance.player import Player


def charges(bed: Bed, station: Player) -> str:
    """Begin a transaction that charges; return its token."""
    uid = bed.token().uid
    station.call("Authorize", {"idToken": card(uid)})
    station.call("TransactionEvent", begin(uid))
    station.call("TransactionEvent", charging("Charging", 1, -50))
    return uid


def stops(bed: Bed, station: Player, reason: str, trigger: str, **more: Any) -> Session:
    """End the transaction, and return its session, which is whole."""
    answer = station.call("TransactionEvent", end(2, 600.4, reason, trigger, **more))
    asked_for_token = "idToken" in more
    assert ("idTokenInfo" in answer) == asked_for_token
    station.call("StatusNotification", status("Available"))

    session = bed.session(station)
    assert (session.state, session.energy_wh, session.flags) == ("completed", 500, [])
    assert (session.stop_reason, session.ended_at) == (reason, when())
    return session


def test_tc_e_07_ends_when_the_power_path_opens(bed: Bed, station: Player) -> None:
    """The driver stops it with the same card.

    E06, E01.FR.12
    """
    uid = charges(bed, station)

    stops(bed, station, "Local", "StopAuthorized", idToken=card(uid))


def test_tc_e_08_ends_when_energy_stops(bed: Bed, station: Player) -> None:
    """The driver stops it, and it ends with the last energy.

    E06
    """
    uid = charges(bed, station)
    info = {"chargingState": "EVConnected"}

    stops(bed, station, "Local", "StopAuthorized", idToken=card(uid), info=info)


def test_tc_e_14_ends_when_unplugged_at_the_station(bed: Bed, station: Player) -> None:
    """Stopped by card first, then ended by the plug at the station's side.

    E06
    """
    uid = charges(bed, station)
    stopped = event("Updated", 2, "StopAuthorized", -20, idToken=card(uid))
    assert station.call("TransactionEvent", stopped)["idTokenInfo"]["status"] == "Accepted"
    answer = station.call("TransactionEvent", end(3, 600, "Local", "EVCommunicationLost"))

    assert answer == {}
    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 500)


def test_tc_e_15_ends_with_the_drivers_card(bed: Bed, station: Player) -> None:
    """Presented again, the card ends it.

    E07
    """
    uid = charges(bed, station)

    stops(bed, station, "Local", "StopAuthorized", idToken=card(uid))


def test_tc_e_16_ends_for_an_invalid_token(bed: Bed, station: Player) -> None:
    """The token turns out to be invalid, and the station ends what it began.

    E05.FR.01, E01.FR.12
    """
    answer = station.call("TransactionEvent", begin("NOBODYS-CARD"))
    assert answer["idTokenInfo"]["status"] == "Invalid"
    station.call("TransactionEvent", end(1, 100, "DeAuthorized", "Deauthorized"))

    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 0)
    assert session.stop_reason == "DeAuthorized"


def test_tc_e_17_ends_when_the_vehicle_unplugs(bed: Bed, station: Player) -> None:
    """Pulled out at the vehicle, the station takes the authorization back.

    E05
    """
    charges(bed, station)

    stops(bed, station, "EVDisconnected", "EVCommunicationLost")


def test_tc_e_19_ends_when_the_bay_is_empty(bed: Bed, station: Player) -> None:
    """The vehicle has driven off.

    E08
    """
    charges(bed, station)

    stops(bed, station, "Local", "EVDeparted")


def test_tc_e_20_ends_when_unplugged_at_the_vehicle(bed: Bed, station: Player) -> None:
    """Pulled out at the vehicle, it ends.

    E09
    """
    charges(bed, station)

    stops(bed, station, "EVDisconnected", "EVCommunicationLost")


def test_tc_e_21_ends_by_our_request(bed: Bed, station: Player) -> None:
    """We ask the station to end it, and it does.

    F03.FR.01
    """
    charges(bed, station)
    asked = bed.ask(station, "remote_stop", transaction="tx-1")
    told = station.obey("RequestStopTransaction", status="Accepted")

    assert told == {"transactionId": "tx-1"}
    stops(bed, station, "Remote", "RemoteStop")
    assert bed.ended(asked).state == "accepted"


def test_tc_e_22_ends_when_the_vehicle_is_full(bed: Bed, station: Player) -> None:
    """The vehicle asks for no more energy, and that ends it.

    E06
    """
    charges(bed, station)

    stops(
        bed,
        station,
        "StoppedByEV",
        "ChargingStateChanged",
        info={"chargingState": "SuspendedEV"},
    )


def test_tc_e_26_unplugged_at_the_vehicle_and_plugged_in_again(bed: Bed, station: Player) -> None:
    """The transaction outlives a pulled plug.

    E09
    """
    charges(bed, station)
    lost = event("Updated", 2, "EVCommunicationLost", -40, info={"chargingState": "Idle"})
    station.call("TransactionEvent", lost)
    assert bed.session(station).state == "open"
    back = event("Updated", 3, "CablePluggedIn", -30, info={"chargingState": "EVConnected"})
    station.call("TransactionEvent", back)
    station.call("TransactionEvent", charging("Charging", 4, -20))
    station.call("TransactionEvent", end(5, 600, "Local", "StopAuthorized"))

    session = bed.session(station)
    assert (session.state, session.energy_wh, session.flags) == ("completed", 500, [])


def test_tc_e_39_ends_when_no_vehicle_comes(bed: Bed, station: Player) -> None:
    """Authorized, but nobody plugged in: it times out with no energy.

    E05
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    station.call("TransactionEvent", end(1, 100, "Timeout", "EVConnectTimeout"))

    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 0)
    assert session.stop_reason == "Timeout"
