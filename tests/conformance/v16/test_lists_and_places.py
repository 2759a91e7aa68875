"""OCPP 1.6, local list and reservation profiles."""

from typing import Any

import pytest

from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player
from tests.conformance.v16.says import ACCEPTED, REJECTED, starts, stops, tells


@pytest.mark.parametrize(
    ("version", "state"), [(-1, "accepted"), (0, "accepted"), (3, "accepted")]
)
def test_tc_042_list_version(bed: Bed, station_16: Player, version: int, state: str) -> None:
    """The station says which list it has: none at all, an empty one, or the third.

    §5.10
    """
    answer = {"listVersion": version}
    bed.exchange(
        station_16,
        "GetLocalListVersion",
        {},
        answer,
        word="local_list_version",
        wish={},
        state=state,
    )


def sends(
    bed: Bed,
    station: Player,
    update: str,
    *uids: str,
    answer: str = "Accepted",
    state: str = "accepted",
) -> None:
    rows: list[dict[str, Any]] = [
        {"idTag": uid, "idTagInfo": {"status": "Accepted"}} for uid in uids
    ]
    listed = {"localAuthorizationList": rows} if rows else {}
    bed.exchange(
        station,
        "SendLocalList",
        {"listVersion": 4, "updateType": update} | listed,
        {"status": answer},
        word="send_local_list",
        wish={
            "version": 4,
            "update": update,
            "entries": [{"uid": uid, "status": "Accepted"} for uid in uids],
        },
        state=state,
    )


def test_tc_043_1_list_is_not_supported(bed: Bed, station_16: Player) -> None:
    """A station that keeps no list says so.

    §5.15
    """
    sends(bed, station_16, "Full", bed.token().uid, answer="NotSupported", state="rejected")


def test_tc_043_3_list_failed(bed: Bed, station_16: Player) -> None:
    """A station that could not keep it says so.

    §5.15
    """
    sends(bed, station_16, "Full", bed.token().uid, answer="Failed", state="rejected")


def test_tc_043_4_full_list(bed: Bed, station_16: Player) -> None:
    """The whole list is sent; then an empty one.

    §5.15
    """
    sends(bed, station_16, "Full", bed.token().uid, bed.token().uid)
    sends(bed, station_16, "Full")


def test_tc_043_5_changes(bed: Bed, station_16: Player) -> None:
    """Only what is new is sent.

    §5.15
    """
    sends(bed, station_16, "Differential", bed.token().uid)


def reserves(bed: Bed, station: Player, answer: str = "Accepted", connector: int = 1) -> str:
    """Ask for a place for a token; return its uid."""
    uid = bed.token().uid
    bed.exchange(
        station,
        "ReserveNow",
        {
            "connectorId": connector,
            "expiryDate": at(3600),
            "idTag": uid,
            "reservationId": 5,
        },
        {"status": answer},
        word="reserve",
        wish={"evse": connector, "expires_at": at(3600), "token": uid, "id": 5},
        state="accepted" if answer == "Accepted" else "rejected",
    )
    return uid


def test_tc_046_reserved_and_used(bed: Bed, station_16: Player) -> None:
    """A connector is kept, and used by whom it was kept for.

    §5.13, §4.8
    """
    uid = reserves(bed, station_16)
    tells(station_16, "Reserved", -70)
    number = starts(station_16, uid, reservationId=5)
    stops(station_16, number, idTag=uid)

    assert (bed.session(station_16).id_tag, bed.session(station_16).energy_wh) == (uid, 500)


def test_tc_047_reserved_and_expired(bed: Bed, station_16: Player) -> None:
    """Nobody came in time; the connector is free again.

    §5.13
    """
    reserves(bed, station_16)
    tells(station_16, "Reserved", -70)
    tells(station_16, "Available")

    assert station_16.row.connectors.get(evse__number=1).status == "Available"


@pytest.mark.parametrize("answer", ["Faulted", "Occupied", "Unavailable", "Rejected"])
def test_tc_048_not_reserved(bed: Bed, station_16: Player, answer: str) -> None:
    """A station that cannot keep the place says why.

    §5.13
    """
    reserves(bed, station_16, answer)


def test_tc_049_some_connector_is_reserved(bed: Bed, station_16: Player) -> None:
    """Some connector is kept; the station decides which.

    §5.13
    """
    reserves(bed, station_16, connector=0)


@pytest.mark.parametrize(("answer", "state"), [(ACCEPTED, "accepted"), (REJECTED, "rejected")])
def test_tc_051_reservation_cancelled(
    bed: Bed, station_16: Player, answer: dict[str, Any], state: str
) -> None:
    """The place is given free again, or there was none.

    §5.1
    """
    bed.exchange(
        station_16,
        "CancelReservation",
        {"reservationId": 5},
        answer,
        word="cancel_reservation",
        wish={"id": 5},
        state=state,
    )
