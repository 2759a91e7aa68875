"""Block H of OCPP 2.0.1: a place is kept for somebody."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stations import reservations
from stations.models import Command, Reservation, Token
from tests.conformance.bed import Bed
from tests.conformance.phrases import PLACE, at, card, event, status
from tests.conformance.player import Player


def reserves(
    bed: Bed,
    station: Player,
    evse: int | None = 1,
    answer: str = "Accepted",
    *,
    group: str = "",
) -> tuple[Reservation, dict[str, Any]]:
    """Ask for a place for a new token; return the reservation and what was asked."""
    now = datetime.now(UTC)
    connector = station.row.connectors.get(evse__number=evse) if evse else None
    made = reservations.reserve(
        station=station.row,
        connector=connector,
        token=bed.token(group=group),
        expires_at=now + timedelta(hours=1),
        requested_by=bed.cast.cilla,
        as_of=now,
    )
    told = station.obey("ReserveNow", status=answer)
    follows(bed, station)
    assert told["idToken"]["idToken"] == made.token.uid
    assert told.get("evseId") == evse
    made.refresh_from_db()
    return made, told


def follows(bed: Bed, station: Player) -> None:
    bed.ended(Command.objects.filter(station=station.row).latest("pk"))
    bed.follow(station)


def updated(bed: Bed, station: Player, made: Reservation, word: str) -> str:
    """Have the station end a reservation; return what became of it."""
    update = {"reservationId": made.number, "reservationUpdateStatus": word}
    assert station.call("ReservationStatusUpdate", update) == {}
    bed.follow(station)
    made.refresh_from_db()
    return made.state


def uses(station: Player, made: Reservation, uid: str, **more: Any) -> dict[str, Any]:
    """Begin a transaction under a reservation."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    started = event("Started", 0, "Authorized", timestamp=now, reservationId=made.number)
    more |= {"idToken": card(uid)}
    return station.call("TransactionEvent", started | PLACE | more)


def test_tc_h_01_one_evse(bed: Bed, station: Player) -> None:
    """An EVSE is kept, and used by whom it was kept for.

    H01, H03
    """
    made, told = reserves(bed, station)
    assert (made.state, told["id"]) == ("active", made.number)
    station.call("StatusNotification", status("Reserved"))
    answer = uses(station, made, made.token.uid)
    bed.follow(station)

    assert answer["idTokenInfo"]["status"] == "Accepted"
    made.refresh_from_db()
    assert (made.state, made.session_id) == ("used", bed.session(station).pk)


def test_tc_h_07_not_used(bed: Bed, station: Player) -> None:
    """Nobody came in time, and the station says so.

    H04
    """
    made, _ = reserves(bed, station)

    assert updated(bed, station, made, "Expired") == "expired"


def test_tc_h_08_any_evse(bed: Bed, station: Player) -> None:
    """Some EVSE is kept; the station decides which.

    H01
    """
    made, _ = reserves(bed, station, None)

    assert (made.state, made.connector_id) == ("active", None)


def test_tc_h_14_as_many_as_there_are(bed: Bed, station: Player) -> None:
    """Every EVSE is spoken for, so all are reserved; one more is refused.

    H01
    """
    for _ in (1, 2):
        assert reserves(bed, station, None)[0].state == "active"
    for evse in (1, 2):
        station.call("StatusNotification", status("Reserved", evse=evse))
    late, _ = reserves(bed, station, None, "Occupied")

    assert (late.state, late.reason) == ("refused", "Occupied")
    assert {c.status for c in station.row.connectors.all()} == {"Reserved"}


def test_tc_h_15_a_kind_of_connector(bed: Bed, station: Player) -> None:
    """A connector of a kind is kept, asked for in OCPP's own words.

    H01
    """
    token: Token = bed.token()
    asked = {"id": 5, "expiryDateTime": at(3600), "idToken": card(token.uid)}

    bed.exchange(
        station, "ReserveNow", asked | {"connectorType": "cType2"}, {"status": "Accepted"}
    )


def test_tc_h_17_cancelled(bed: Bed, station: Player) -> None:
    """The place is given free again.

    H02
    """
    made, _ = reserves(bed, station)
    assert reservations.cancel(
        reservation=made, requested_by=bed.cast.cilla, as_of=datetime.now(UTC)
    )
    told = station.obey("CancelReservation", status="Accepted")
    follows(bed, station)

    assert told == {"reservationId": made.number}
    made.refresh_from_db()
    assert made.state == "cancelled"


def test_tc_h_19_used_by_another_of_the_group(bed: Bed, station: Player) -> None:
    """The reservation names the group, and another one of it comes.

    H03
    """
    made, told = reserves(bed, station, group="FLEET-19")
    assert told["groupIdToken"]["idToken"] == "FLEET-19"
    other = bed.token(group="FLEET-19")
    answer = uses(station, made, other.uid)
    bed.follow(station)

    assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == "FLEET-19"
    made.refresh_from_db()
    assert (made.state, bed.session(station).token_id) == ("used", other.pk)


def test_tc_h_20_faulted(bed: Bed, station: Player) -> None:
    """The EVSE breaks, and the station takes the reservation back.

    H04
    """
    made, _ = reserves(bed, station)
    station.call("StatusNotification", status("Faulted"))

    assert updated(bed, station, made, "Removed") == "removed"
    assert station.row.connectors.get(evse__number=1).status == "Faulted"


def test_tc_h_22_never(bed: Bed, station: Player) -> None:
    """A station that keeps no places refuses.

    H01
    """
    made, _ = reserves(bed, station, 1, "Rejected")

    assert (made.state, made.reason) == ("refused", "Rejected")
