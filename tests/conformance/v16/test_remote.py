"""OCPP 1.6, core and remote trigger: what we ask of a station."""

from typing import Any

import pytest

from stations.models import Command
from tests.conformance.bed import Bed
from tests.conformance.player import Player
from tests.conformance.v16.says import ACCEPTED, REJECTED, charges, starts, stops, tells


def wants_start(bed: Bed, station: Player, uid: str, answer: str = "Accepted") -> Command:
    state = "accepted" if answer == "Accepted" else "rejected"
    return bed.exchange(
        station,
        "RemoteStartTransaction",
        {"idTag": uid, "connectorId": 1},
        {"status": answer},
        word="remote_start",
        wish={"token": uid, "evse": 1},
        state=state,
    )


def test_tc_010_started_from_afar_plug_first(bed: Bed, station_16: Player) -> None:
    """Plugged in, then started by us.

    §5.11
    """
    uid = bed.token().uid
    tells(station_16, "Preparing", -61)
    wants_start(bed, station_16, uid)
    starts(station_16, uid)

    assert (bed.session(station_16).id_tag, bed.session(station_16).state) == (uid, "open")


def test_tc_011_1_started_from_afar_before_the_plug(bed: Bed, station_16: Player) -> None:
    """Started by us, then plugged in.

    §5.11
    """
    uid = bed.token().uid
    wants_start(bed, station_16, uid)
    tells(station_16, "Preparing", -61)
    starts(station_16, uid)

    assert bed.session(station_16).id_tag == uid


def test_tc_011_2_started_from_afar_and_nobody_plugs_in(bed: Bed, station_16: Player) -> None:
    """Nobody came: no session.

    §5.11
    """
    wants_start(bed, station_16, bed.token().uid)
    tells(station_16, "Preparing", -61)
    tells(station_16, "Available", -1)

    assert station_16.row.sessions.count() == 0


def test_tc_012_stopped_from_afar(bed: Bed, station_16: Player) -> None:
    """We ask for the end, and it comes.

    §5.12
    """
    _, number = charges(bed, station_16)
    bed.exchange(
        station_16,
        "RemoteStopTransaction",
        {"transactionId": number},
        ACCEPTED,
        word="remote_stop",
        wish={"transaction": str(number)},
    )
    stops(station_16, number, reason="Remote")

    assert bed.session(station_16).stop_reason == "Remote"


def test_tc_026_remote_start_refused(bed: Bed, station_16: Player) -> None:
    """A station that will not start says so.

    §5.11
    """
    wants_start(bed, station_16, bed.token().uid, "Rejected")


def test_tc_028_remote_stop_refused(bed: Bed, station_16: Player) -> None:
    """A station that knows no such transaction says so.

    §5.12
    """
    asked = {"transactionId": 4711}
    bed.exchange(station_16, "RemoteStopTransaction", asked, REJECTED, state="rejected")


def resets(bed: Bed, station: Player, kind: str) -> None:
    bed.exchange(
        station,
        "Reset",
        {"type": kind.capitalize()},
        ACCEPTED,
        word="reset",
        wish={"type": kind},
    )


def test_tc_013_hard_reset(bed: Bed, station_16: Player) -> None:
    """The station restarts at once; the session ends by it.

    §5.14
    """
    _, number = charges(bed, station_16)
    resets(bed, station_16, "hard")
    station_16.reconnect()
    stops(station_16, number, reason="HardReset")

    assert bed.session(station_16).stop_reason == "HardReset"


def test_tc_014_soft_reset(bed: Bed, station_16: Player) -> None:
    """The station ends its session first, then restarts.

    §5.14
    """
    _, number = charges(bed, station_16)
    resets(bed, station_16, "soft")
    stops(station_16, number, reason="SoftReset")
    station_16.reconnect()

    assert bed.session(station_16).state == "completed"


def unlocks(bed: Bed, station: Player, answer: str, state: str, connector: int = 1) -> None:
    bed.exchange(
        station,
        "UnlockConnector",
        {"connectorId": connector},
        {"status": answer},
        word="unlock",
        wish={"evse": connector},
        state=state,
    )


def test_tc_017_1_unlocked(bed: Bed, station_16: Player) -> None:
    """A socket lets go.

    §5.18
    """
    unlocks(bed, station_16, "Unlocked", "accepted")


def test_tc_017_2_nothing_to_unlock(bed: Bed, station_16: Player) -> None:
    """A fixed cable has no lock.

    §5.18
    """
    unlocks(bed, station_16, "NotSupported", "rejected")


def test_tc_018_1_unlocked_in_a_transaction(bed: Bed, station_16: Player) -> None:
    """A socket lets go while it charges: the transaction ends by it.

    §5.18
    """
    _, number = charges(bed, station_16)
    unlocks(bed, station_16, "Unlocked", "accepted")
    stops(station_16, number, reason="UnlockCommand")

    assert bed.session(station_16).stop_reason == "UnlockCommand"


def test_tc_030_unlocking_failed(bed: Bed, station_16: Player) -> None:
    """The lock is stuck.

    §5.18
    """
    unlocks(bed, station_16, "UnlockFailed", "rejected")


def test_tc_031_unlocking_nothing(bed: Bed, station_16: Player) -> None:
    """There is no such connector.

    §5.18
    """
    unlocks(bed, station_16, "NotSupported", "rejected", connector=9)


def triggers(bed: Bed, station: Player, message: str, answer: dict[str, Any], state: str) -> None:
    bed.exchange(
        station,
        "TriggerMessage",
        {"requestedMessage": message, "connectorId": 1},
        answer,
        word="trigger_message",
        wish={"message": message, "evse": 1},
        state=state,
    )


@pytest.mark.parametrize(
    "message",
    ["MeterValues", "Heartbeat", "StatusNotification", "BootNotification"],
)
def test_tc_054_triggered(bed: Bed, station_16: Player, message: str) -> None:
    """A message is asked for, and promised.

    §5.17
    """
    triggers(bed, station_16, message, ACCEPTED, "accepted")


def test_tc_055_not_triggered(bed: Bed, station_16: Player) -> None:
    """A station that will not send it says so.

    §5.17
    """
    triggers(bed, station_16, "MeterValues", REJECTED, "rejected")
