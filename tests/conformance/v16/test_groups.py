"""OCPP 1.6, core and reservation: tokens of one parent."""

from datetime import UTC, datetime, timedelta

from stations import reservations
from stations.models import Command
from tests.conformance.bed import Bed
from tests.conformance.player import Player
from tests.conformance.v16.says import starts, stops


def test_tc_068_ended_by_another_of_the_group(bed: Bed, station_16: Player) -> None:
    """Both tokens have one parent; the second one ends what the first one began.

    §4.1, §4.10
    """
    one, other = bed.token(group="FLEET"), bed.token(group="FLEET")
    number = starts(station_16, one.uid)
    asked = station_16.call("Authorize", {"idTag": other.uid})["idTagInfo"]
    stopped = stops(station_16, number, idTag=other.uid)["idTagInfo"]

    assert (asked["parentIdTag"], stopped["parentIdTag"]) == ("FLEET", "FLEET")
    session = bed.session(station_16)
    assert (session.state, session.token_id) == ("completed", one.pk)


def test_tc_069_stop_by_a_stranger(bed: Bed, station_16: Player) -> None:
    """A token of no group says so; whether it may end the transaction is the station's to know.

    §4.1, §4.10
    """
    one, other = bed.token(group="FLEET"), bed.token()
    number = starts(station_16, one.uid)

    assert "parentIdTag" not in station_16.call("Authorize", {"idTag": other.uid})["idTagInfo"]
    stops(station_16, number, idTag=one.uid)
    assert bed.session(station_16).state == "completed"


def test_tc_053_reserved_for_a_group(bed: Bed, station_16: Player) -> None:
    """The reservation names the parent, and another one of it comes.

    §5.13
    """
    now, other = datetime.now(UTC), bed.token(group="FLEET")
    made = reservations.reserve(
        station=station_16.row,
        connector=station_16.row.connectors.get(evse__number=1),
        token=bed.token(group="FLEET"),
        expires_at=now + timedelta(hours=1),
        requested_by=bed.cast.cilla,
        as_of=now,
    )
    told = station_16.obey("ReserveNow", status="Accepted")
    bed.ended(Command.objects.filter(station=station_16.row).latest("pk"))
    bed.follow(station_16)
    assert (told["parentIdTag"], told["reservationId"]) == ("FLEET", made.number)
    starts(station_16, other.uid, reservationId=made.number)
    bed.follow(station_16)

    made.refresh_from_db()
    assert made.state == "used"
