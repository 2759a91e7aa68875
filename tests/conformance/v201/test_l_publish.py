"""Block L of OCPP 2.0.1: firmware that a local controller hands out to its neighbours."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.player import Player

CHECKSUM = "d41d8cd98f00b204e9800998ecf8427e"
PUBLISH = {
    "location": "https://firmware.example/t2-2.0.bin",
    "checksum": CHECKSUM,
    "requestId": 17,
}


def publishes(bed: Bed, station: Player, *states: str, **last: Any) -> None:
    """Have firmware published; every state is confirmed and kept."""
    bed.exchange(station, "PublishFirmware", PUBLISH, {"status": "Accepted"})
    for state in states:
        more = last if state == states[-1] else {}
        told = {"status": state, "requestId": 17} | more
        assert station.call("PublishFirmwareStatusNotification", told) == {}
    bed.follow(station)

    rows = bed.reports(station, "PublishFirmwareStatusNotification")
    assert [row.payload["status"] for row in rows] == list(states)
    assert all(row.request_id == 17 and row.applied_at for row in rows)


def withdraws(bed: Bed, station: Player, answer: str, state: str) -> None:
    asked = {"checksum": CHECKSUM}
    bed.exchange(station, "UnpublishFirmware", asked, {"status": answer}, state=state)


def test_tc_l_17_published(bed: Bed, station: Player) -> None:
    """Downloaded, proved, and offered at an address of its own.

    L03
    """
    states = ("Idle", "Downloading", "Downloaded", "ChecksumVerified", "Published")
    publishes(bed, station, *states, location=["http://192.0.2.1/t2-2.0.bin"])


def test_tc_l_19_checksum_is_wrong(bed: Bed, station: Player) -> None:
    """What was downloaded is not what was meant.

    L03
    """
    publishes(bed, station, "Downloading", "Downloaded", "InvalidChecksum")


def test_tc_l_20_publishing_failed(bed: Bed, station: Player) -> None:
    """It could not be offered.

    L03
    """
    states = ("Downloading", "Downloaded", "ChecksumVerified", "PublishFailed")
    publishes(bed, station, *states)


def test_tc_l_21_withdrawn(bed: Bed, station: Player) -> None:
    """What was offered no longer is.

    L04
    """
    withdraws(bed, station, "Unpublished", "accepted")


def test_tc_l_22_nothing_to_withdraw(bed: Bed, station: Player) -> None:
    """There is no such firmware there.

    L04
    """
    withdraws(bed, station, "NoFirmware", "rejected")


def test_tc_l_23_somebody_is_downloading(bed: Bed, station: Player) -> None:
    """It stays as long as a neighbour is downloading it.

    L04
    """
    withdraws(bed, station, "DownloadOngoing", "rejected")


def test_tc_l_24_download_failed(bed: Bed, station: Player) -> None:
    """The file could not be had.

    L03
    """
    publishes(bed, station, "Downloading", "DownloadFailed")
