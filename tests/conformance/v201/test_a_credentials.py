"""Block A of OCPP 2.0.1: a station's password and security profile are changed over the wire."""

from datetime import UTC, datetime
from typing import Any

from stations import credentials
from stations.models import Command, Station
from tests.conformance.bed import Bed
from tests.conformance.phrases import BOOT_2, variable
from tests.conformance.player import Player
from tests.integration.stations.charger import PASSWORD

BASIC = variable("SecurityCtrlr", "BasicAuthPassword")
PRIORITY = variable("OCPPCommCtrlr", "NetworkConfigurationPriority")


def rotates(bed: Bed, station: Player, answer: str) -> str:
    """Give the station a new password, have it answer, and return the password."""
    command = credentials.rotate_password(
        station=station.row, requested_by=bed.cast.cilla, as_of=datetime.now(UTC)
    )
    (told,) = station.expect("SetVariables")["setVariableData"]
    new: str = told.pop("attributeValue")
    assert told == BASIC
    assert 16 <= len(new) <= 40
    station.answer(setVariableResult=[BASIC | {"attributeStatus": answer}])
    ended = bed.ended(command)
    bed.follow(station)
    assert new not in f"{ended.payload} {ended.answer}"
    return new


def test_tc_a_09_new_password_is_taken(bed: Bed, station: Player) -> None:
    """Once the station took it, only the new password opens.

    A01.FR.03, A01.FR.08, A01.FR.09
    """
    station.password = rotates(bed, station, "Accepted")
    station.reconnect()
    assert station.call("BootNotification", BOOT_2)["status"] == "Accepted"
    station.leave()

    assert bed.knock(station.row, password=PASSWORD) == 401
    kept = Station.objects.get(pk=station.row.pk).password_hash
    assert station.password not in kept


def test_tc_a_10_new_password_is_refused(bed: Bed, station: Player) -> None:
    """Where the station refused it, the old password goes on opening, and only that.

    A01.FR.04
    """
    new = rotates(bed, station, "Rejected")
    station.reconnect()
    assert station.call("BootNotification", BOOT_2)["status"] == "Accepted"
    station.leave()

    assert bed.knock(station.row, password=new) == 401
    assert Command.objects.get(station=station.row).state == "rejected"


def upgrades(bed: Bed, station: Player) -> None:
    """Play the steps of a change of profile up to the restart."""
    slots = PRIORITY | {"attributeStatus": "Accepted", "attributeValue": "1"}
    station.obey("GetVariables", getVariableResult=[slots])
    steps: list[tuple[str, dict[str, Any]]] = [
        ("SetNetworkProfile", {"status": "Accepted"}),
        (
            "SetVariables",
            {"setVariableResult": [PRIORITY | {"attributeStatus": "RebootRequired"}]},
        ),
        ("Reset", {"status": "Accepted"}),
    ]
    said = []
    for action, answer in steps:
        bed.ended(Command.objects.filter(station=station.row).latest("pk"))
        bed.follow(station)
        said.append(station.obey(action, **answer))
    bed.ended(Command.objects.filter(station=station.row).latest("pk"))
    bed.follow(station)

    network, priority, _ = said
    assert network["connectionData"]["securityProfile"] == 2
    assert network["connectionData"]["ocppCsmsUrl"].startswith("wss://")
    slot = str(network["configurationSlot"])
    assert priority["setVariableData"][0]["attributeValue"].startswith(slot)


def test_tc_a_19_security_profile_is_raised(bed: Bed, station: Player, settings: Any) -> None:
    """The station is given a better profile, comes back with it, and never with the old one.

    A05.FR.07, A00.FR.001, A00.FR.002
    """
    settings.GATEWAY_URL = "wss://csms.example"
    credentials.change_profile(
        station=station.row, profile=2, requested_by=bed.cast.cilla, as_of=datetime.now(UTC)
    )
    upgrades(bed, station)
    station.is_tls = True
    station.reconnect()
    assert station.call("BootNotification", BOOT_2)["status"] == "Accepted"
    station.leave()

    assert Station.objects.get(pk=station.row.pk).security_profile == 2
    assert bed.knock(station.row) == 401
    assert bed.knock(station.row, is_tls=True) == 101
