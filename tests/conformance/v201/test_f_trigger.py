"""Block F of OCPP 2.0.1: a station is asked to say something now."""

from typing import Any

from stations.models import Connector, MeterValue
from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, event, meter, status
from tests.conformance.player import Player


def triggers(
    bed: Bed,
    station: Player,
    message: str,
    answer: str = "Accepted",
    **place: Any,
) -> None:
    """Ask for a message; the station says whether it will send it."""
    asked = {"requestedMessage": message} | place
    state = "accepted" if answer == "Accepted" else "rejected"
    bed.exchange(station, "TriggerMessage", asked, {"status": answer}, state=state)


def reads(station: Player, evse: int) -> int:
    return MeterValue.objects.filter(
        station_id=station.row.pk,
        connector_id__in=station.row.connectors.filter(evse__number=evse),
    ).count()


def test_tc_f_11_meter_values_of_one_evse(bed: Bed, station: Player) -> None:
    """One EVSE's register comes, and is kept.

    F06
    """
    triggers(bed, station, "MeterValues", evse={"id": 1})
    assert station.call("MeterValues", {"evseId": 1} | meter(10, context="Trigger")) == {}

    assert (reads(station, 1), reads(station, 2)) == (1, 0)


def test_tc_f_12_meter_values_of_all_evses(bed: Bed, station: Player) -> None:
    """Every EVSE's register comes, and is kept.

    F06
    """
    triggers(bed, station, "MeterValues")
    for evse in (1, 2):
        payload = {"evseId": evse} | meter(10, context="Trigger")
        assert station.call("MeterValues", payload) == {}

    assert (reads(station, 1), reads(station, 2)) == (1, 1)


def test_tc_f_13_transaction_of_one_evse(bed: Bed, station: Player) -> None:
    """The transaction of one EVSE says where it stands.

    F06
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    triggers(bed, station, "TransactionEvent", evse={"id": 1})
    state = event("Updated", 1, "Trigger", -10, info={"chargingState": "Charging"})
    assert station.call("TransactionEvent", state | meter(250, -10, "Trigger")) == {}

    assert bed.session(station).last_register_wh == 250


def test_tc_f_14_transactions_of_all_evses(bed: Bed, station: Player) -> None:
    """Every transaction says where it stands.

    F06
    """
    for evse in (1, 2):
        info = {"transactionId": f"tx-{evse}"}
        started = begin(bed.token().uid, info=info) | {"evse": {"id": evse, "connectorId": 1}}
        station.call("TransactionEvent", started)
    triggers(bed, station, "TransactionEvent")
    for evse in (1, 2):
        info = {"transactionId": f"tx-{evse}", "chargingState": "Charging"}
        state = event("Updated", 1, "Trigger", -10, info=info)
        station.call("TransactionEvent", state | meter(250, -10, "Trigger"))

    assert [s.last_register_wh for s in station.row.sessions.all()] == [250, 250]


def test_tc_f_15_log_status_of_an_idle_station(bed: Bed, station: Player) -> None:
    """The station says that it uploads nothing.

    F06
    """
    triggers(bed, station, "LogStatusNotification")

    assert station.call("LogStatusNotification", {"status": "Idle"}) == {}
    assert bed.frames(station, "LogStatusNotification")


def test_tc_f_18_firmware_status_of_an_idle_station(bed: Bed, station: Player) -> None:
    """The station says that it installs nothing.

    F06
    """
    triggers(bed, station, "FirmwareStatusNotification")

    assert station.call("FirmwareStatusNotification", {"status": "Idle"}) == {}
    assert bed.frames(station, "FirmwareStatusNotification")


def test_tc_f_20_heartbeat(bed: Bed, station: Player) -> None:
    """A heartbeat comes at once.

    F06, G02.FR.03
    """
    triggers(bed, station, "Heartbeat")

    assert "currentTime" in station.call("Heartbeat", {})


def test_tc_f_23_status_of_one_connector_available(bed: Bed, station: Player) -> None:
    """A free connector says so.

    F06
    """
    _asked_for_status(bed, station, "Available")


def test_tc_f_24_status_of_one_connector_occupied(bed: Bed, station: Player) -> None:
    """An occupied connector says so.

    F06
    """
    _asked_for_status(bed, station, "Occupied")


def test_tc_f_27_not_implemented(bed: Bed, station: Player) -> None:
    """A station that cannot send a message says so, and the command ends as refused.

    F06
    """
    triggers(bed, station, "SignCombinedCertificate", "NotImplemented")


def _asked_for_status(bed: Bed, station: Player, word: str) -> None:
    triggers(bed, station, "StatusNotification", evse={"id": 1, "connectorId": 1})
    assert station.call("StatusNotification", status(word)) == {}

    connector = Connector.objects.get(station=station.row, evse__number=1)
    assert connector.status == word
