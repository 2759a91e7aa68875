"""Block H of OCPP 2.0.1: a place is kept for somebody."""

from datetime import datetime
from typing import Any

from stations.models import Command
from tests.conformance.bed import Bed
from tests.conformance.phrases import PLACE, at, card, event, status
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}


def reserves(
    bed: Bed, station: Player, answer: str = "Accepted", **more: Any
) -> tuple[Command, dict[str, Any]]:
    """Ask for a place for a token; return the command and what was asked."""
    asked = {"id": 5, "expiryDateTime": at(3600), "idToken": card(bed.token().uid)} | more
    state = "accepted" if answer == "Accepted" else "rejected"
    return bed.exchange(station, "ReserveNow", asked, {"status": answer}, state=state), asked


def test_tc_h_01_one_evse(bed: Bed, station: Player) -> None:
    """An EVSE is kept, and used by whom it was kept for.

    H01, H03
    """
    _, asked = reserves(bed, station, evseId=1)
    assert datetime.fromisoformat(asked["expiryDateTime"]).tzinfo is not None
    station.call("StatusNotification", status("Reserved"))
    started = event("Started", 0, "Authorized", idToken=asked["idToken"], reservationId=5)
    answer = station.call("TransactionEvent", started | PLACE)

    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert bed.session(station).id_tag == asked["idToken"]["idToken"]


def test_tc_h_07_not_used(bed: Bed, station: Player) -> None:
    """Nobody came in time, and the station says so.

    H04
    """
    reserves(bed, station, evseId=1)
    update = {"reservationId": 5, "reservationUpdateStatus": "Expired"}
    assert station.call("ReservationStatusUpdate", update) == {}

    assert bed.frames(station, "ReservationStatusUpdate")


def test_tc_h_08_any_evse(bed: Bed, station: Player) -> None:
    """Some EVSE is kept; the station decides which.

    H01
    """
    reserves(bed, station)


def test_tc_h_14_as_many_as_there_are(bed: Bed, station: Player) -> None:
    """Every EVSE is spoken for, so all are reserved; one more is refused.

    H01
    """
    for number in (1, 2):
        reserves(bed, station, id=number)
    for evse in (1, 2):
        station.call("StatusNotification", status("Reserved", evse=evse))
    reserves(bed, station, "Occupied", id=3)

    assert {c.status for c in station.row.connectors.all()} == {"Reserved"}


def test_tc_h_15_a_kind_of_connector(bed: Bed, station: Player) -> None:
    """A connector of a kind is kept.

    H01
    """
    reserves(bed, station, connectorType="cType2")


def test_tc_h_17_cancelled(bed: Bed, station: Player) -> None:
    """The place is given free again.

    H02
    """
    reserves(bed, station, evseId=1)
    bed.exchange(station, "CancelReservation", {"reservationId": 5}, ACCEPTED)


def test_tc_h_20_faulted(bed: Bed, station: Player) -> None:
    """The EVSE breaks, and the station takes the reservation back.

    H04
    """
    reserves(bed, station, evseId=1)
    station.call("StatusNotification", status("Faulted"))
    update = {"reservationId": 5, "reservationUpdateStatus": "Removed"}
    assert station.call("ReservationStatusUpdate", update) == {}

    assert station.row.connectors.get(evse__number=1).status == "Faulted"


def test_tc_h_22_never(bed: Bed, station: Player) -> None:
    """A station that keeps no places refuses.

    H01
    """
    reserves(bed, station, "Rejected", evseId=1)
