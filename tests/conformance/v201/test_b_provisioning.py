"""Block B of OCPP 2.0.1: how a station boots, and what is sent to one that is not accepted yet."""

from datetime import UTC, datetime, timedelta

import pytest

from stations.models import Connector, Station
from tests.conformance.bed import Bed
from tests.conformance.phrases import BOOT_2, status, variable
from tests.conformance.player import Player

SETTINGS = {
    "ocppVersion": "OCPP20",
    "ocppTransport": "JSON",
    "ocppCsmsUrl": "wss://csms.example/ocpp",
    "messageTimeout": 30,
    "securityProfile": 2,
    "ocppInterface": "Wired0",
}
PROFILE = {"configurationSlot": 1, "connectionData": SETTINGS}


def test_tc_b_01_cold_boot_accepted(bed: Bed) -> None:
    """The first boot is accepted, and the states it reports are kept.

    B01.FR.02, G02.FR.03, G02.FR.04
    """
    station = bed.player("2.0.1", registration="new")
    answer = station.call("BootNotification", BOOT_2)
    for evse in (1, 2):
        assert station.call("StatusNotification", status("Available", evse=evse)) == {}
    clock = station.call("Heartbeat", {})["currentTime"]

    assert (answer["status"], answer["interval"] > 0) == ("Accepted", True)
    for instant in (answer["currentTime"], clock):
        assert abs(datetime.fromisoformat(instant) - datetime.now(UTC)) < timedelta(minutes=5)
    row = Station.objects.get(pk=station.row.pk)
    assert (row.registration, row.vendor, row.firmware_version) == ("accepted", "Tested", "1.0")
    states = Connector.objects.filter(station=row).values_list("status", flat=True)
    assert list(states) == ["Available", "Available"]


def test_tc_b_02_cold_boot_pending(bed: Bed) -> None:
    """A station that is held back is asked about itself, and accepted when it boots again.

    B01.FR.02, B02.FR.01
    """
    station = bed.player("2.0.1", registration="pending")
    assert station.call("BootNotification", BOOT_2)["status"] == "Pending"
    wanted = variable("OCPPCommCtrlr", "OfflineThreshold")
    found = wanted | {"attributeStatus": "Accepted", "attributeValue": "60"}
    bed.exchange(
        station,
        "GetVariables",
        {"getVariableData": [wanted]},
        {"getVariableResult": [found]},
    )
    Station.objects.filter(pk=station.row.pk).update(registration="accepted")
    station.reconnect()

    assert station.call("BootNotification", BOOT_2)["status"] == "Accepted"


@pytest.mark.parametrize("registration", ["pending", "rejected"])
def test_tc_b_30_before_acceptance_other_messages_are_refused(bed: Bed, registration: str) -> None:
    """What a waiting station says unasked is refused with SecurityError.

    B02.FR.09, B03.FR.07
    """
    station = bed.player("2.0.1", registration=registration)
    answer = station.call("BootNotification", BOOT_2)

    assert answer["status"] == registration.capitalize()
    assert station.refused("Heartbeat", {}) == "SecurityError"
    assert Station.objects.get(pk=station.row.pk).last_boot_at is not None


def test_tc_b_31_pending_station_may_send_what_was_triggered(bed: Bed) -> None:
    """A waiting station is triggered, and what it then sends is taken.

    B02.FR.09
    """
    station = bed.player("2.0.1", registration="pending")
    station.call("BootNotification", BOOT_2)
    asked = bed.ask(station, "trigger_message", message="Heartbeat")
    assert station.obey("TriggerMessage", status="Accepted") == {"requestedMessage": "Heartbeat"}

    assert "currentTime" in station.call("Heartbeat", {})
    assert bed.ended(asked).state == "accepted"


def test_tc_b_42_network_profile_accepted(bed: Bed, station: Player) -> None:
    """A network connection profile is sent into a slot and taken.

    B09
    """
    bed.exchange(station, "SetNetworkProfile", PROFILE, {"status": "Accepted"})


def test_tc_b_44_network_profile_failed(bed: Bed, station: Player) -> None:
    """A station that could not keep the profile is shown as such.

    B09
    """
    bed.exchange(station, "SetNetworkProfile", PROFILE, {"status": "Failed"}, state="rejected")


def test_tc_b_58_no_common_subprotocol(bed: Bed) -> None:
    """A station that speaks none of our versions is not let in: the errata's reading of part 4.

    errata 2025-04
    """
    row = bed.row("2.0.1")

    assert bed.knock(row, subprotocol="ocpp9.9") == 400
    assert not Station.objects.get(pk=row.pk).is_online
