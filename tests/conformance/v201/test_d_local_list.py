"""Block D of OCPP 2.0.1: the list of tokens a station keeps by itself."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.phrases import card
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}


def entry(uid: str, status: str = "Accepted") -> dict[str, Any]:
    return {"idToken": card(uid), "idTokenInfo": {"status": status}}


def sent(bed: Bed, station: Player, version: int, kind: str, *entries: dict[str, Any]) -> None:
    listed = {"localAuthorizationList": list(entries)} if entries else {}
    asked = {"versionNumber": version, "updateType": kind} | listed
    bed.exchange(station, "SendLocalList", asked, ACCEPTED)


def test_tc_d_01_full_list(bed: Bed, station: Player) -> None:
    """The whole list is sent.

    D01
    """
    sent(bed, station, 1, "Full", entry(bed.token().uid), entry(bed.token().uid))


def test_tc_d_02_changes(bed: Bed, station: Player) -> None:
    """Only what is new is sent, as the next version.

    D01
    """
    sent(bed, station, 1, "Full", entry(bed.token().uid))
    sent(bed, station, 2, "Differential", entry(bed.token().uid))


def test_tc_d_03_removal(bed: Bed, station: Player) -> None:
    """A token without a verdict is taken off the list.

    D01
    """
    uid = bed.token().uid
    sent(bed, station, 1, "Full", entry(uid))
    sent(bed, station, 2, "Differential", {"idToken": card(uid)})


def test_tc_d_04_empty_list(bed: Bed, station: Player) -> None:
    """A full list of nothing empties the station's.

    D01
    """
    sent(bed, station, 1, "Full", entry(bed.token().uid))
    sent(bed, station, 2, "Full")


def test_tc_d_08_version(bed: Bed, station: Player) -> None:
    """The station says which version it has.

    D02
    """
    bed.exchange(station, "GetLocalListVersion", {}, {"versionNumber": 2})


def test_tc_d_09_no_list(bed: Bed, station: Player) -> None:
    """A station without a list says 0.

    D02
    """
    bed.exchange(station, "GetLocalListVersion", {}, {"versionNumber": 0})
