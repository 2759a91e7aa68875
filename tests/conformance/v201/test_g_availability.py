"""Block G of OCPP 2.0.1: put out of service and back, and what a connector says of itself."""

from typing import Any

from stations.models import Connector, Observation
from tests.conformance.bed import Bed
from tests.conformance.phrases import at, begin, end, status
from tests.conformance.player import Player

EVSE = {"evse": {"id": 1}}
CONNECTOR = {"evse": {"id": 1, "connectorId": 1}}


def becomes(
    bed: Bed, station: Player, wish: str, place: dict[str, Any], evses: tuple[int, ...]
) -> None:
    """Have what is named change at once; its connectors say what they are now."""
    bed.exchange(
        station, "ChangeAvailability", {"operationalStatus": wish} | place, {"status": "Accepted"}
    )
    word = "Available" if wish == "Operative" else "Unavailable"
    for evse in evses:
        assert station.call("StatusNotification", status(word, evse=evse)) == {}

    found = Connector.objects.filter(station=station.row, evse__number__in=evses)
    assert {connector.status for connector in found} == {word}


def becomes_later(bed: Bed, station: Player, place: dict[str, Any]) -> None:
    """Have what is named go out of service when its transaction has ended."""
    station.call("TransactionEvent", begin(bed.token().uid))
    asked = {"operationalStatus": "Inoperative"} | place
    bed.exchange(station, "ChangeAvailability", asked, {"status": "Scheduled"})
    assert bed.session(station).state == "open"
    station.call("TransactionEvent", end(1, 300, "EVDisconnected", "EVCommunicationLost"))
    station.call("StatusNotification", status("Unavailable"))

    assert bed.session(station).state == "completed"
    assert Connector.objects.get(station=station.row, evse__number=1).status == "Unavailable"


def test_tc_g_03_evse_out_of_service(bed: Bed, station: Player) -> None:
    """One EVSE goes out of service.

    G03
    """
    becomes(bed, station, "Inoperative", EVSE, (1,))


def test_tc_g_04_evse_into_service(bed: Bed, station: Player) -> None:
    """One EVSE comes back.

    G03
    """
    becomes(bed, station, "Operative", EVSE, (1,))


def test_tc_g_05_station_out_of_service(bed: Bed, station: Player) -> None:
    """The whole station goes out of service.

    G04
    """
    becomes(bed, station, "Inoperative", {}, (1, 2))


def test_tc_g_06_station_into_service(bed: Bed, station: Player) -> None:
    """The whole station comes back.

    G04
    """
    becomes(bed, station, "Operative", {}, (1, 2))


def test_tc_g_07_connector_out_of_service(bed: Bed, station: Player) -> None:
    """One connector goes out of service.

    G03
    """
    becomes(bed, station, "Inoperative", CONNECTOR, (1,))


def test_tc_g_08_connector_into_service(bed: Bed, station: Player) -> None:
    """One connector comes back.

    G03
    """
    becomes(bed, station, "Operative", CONNECTOR, (1,))


def test_tc_g_11_evse_after_its_transaction(bed: Bed, station: Player) -> None:
    """A charging EVSE goes out of service when it is done.

    G03
    """
    becomes_later(bed, station, EVSE)


def test_tc_g_14_station_after_its_transaction(bed: Bed, station: Player) -> None:
    """A charging station goes out of service when it is done.

    G04
    """
    becomes_later(bed, station, {})


def test_tc_g_17_connector_after_its_transaction(bed: Bed, station: Player) -> None:
    """A charging connector goes out of service when it is done.

    G03
    """
    becomes_later(bed, station, CONNECTOR)


def test_tc_g_20_lock_failure(bed: Bed, station: Player) -> None:
    """A lock that does not close is reported, confirmed, and there for the fault rules.

    G05.FR.03
    """
    data = {
        "eventId": 7,
        "timestamp": at(),
        "trigger": "Alerting",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }
    report = {"generatedAt": at(), "seqNo": 0, "eventData": [data]}
    assert station.call("NotifyEvent", report) == {}
    assert station.call("NotifyEvent", report) == {}

    seen = Observation.objects.get(station=station.row, kind="device_event")
    assert seen.detail["component"] == "ConnectorPlugRetentionLock"
    assert seen.connector == Connector.objects.get(station=station.row, evse__number=1)
