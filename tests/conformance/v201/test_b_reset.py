"""Block B of OCPP 2.0.1: a station or one of its EVSEs is restarted."""

from stations.models import Station
from tests.conformance.bed import Bed
from tests.conformance.phrases import BOOT_2, begin, end, event
from tests.conformance.player import Player


def charges(station: Player, uid: str) -> None:
    assert station.call("TransactionEvent", begin(uid))["idTokenInfo"]["status"] == "Accepted"


def boots_again(station: Player, reason: str) -> None:
    station.reconnect()
    answer = station.call("BootNotification", BOOT_2 | {"reason": reason})
    assert answer["status"] == "Accepted"


def test_tc_b_20_reset_on_idle_without_transaction(bed: Bed, station: Player) -> None:
    """A station at rest is restarted and boots again.

    B11
    """
    before = Station.objects.get(pk=station.row.pk)
    bed.exchange(station, "Reset", {"type": "OnIdle"}, {"status": "Accepted"})
    boots_again(station, "RemoteReset")

    after = Station.objects.get(pk=station.row.pk)
    assert after.last_boot_at != before.last_boot_at
    assert after.epoch > before.epoch


def test_tc_b_21_reset_on_idle_waits_for_the_transaction(bed: Bed, station: Player) -> None:
    """Scheduled is a promise: the transaction ends by itself, then the station restarts.

    B12
    """
    charges(station, bed.token().uid)
    bed.exchange(station, "Reset", {"type": "OnIdle"}, {"status": "Scheduled"})
    station.call("TransactionEvent", end(1, 900, "EVDisconnected", "EVCommunicationLost"))
    boots_again(station, "ScheduledReset")

    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 800)


def test_tc_b_22_immediate_reset_ends_the_transaction(bed: Bed, station: Player) -> None:
    """The station ends the transaction because of the reset, and the session is complete.

    B12
    """
    charges(station, bed.token().uid)
    bed.exchange(station, "Reset", {"type": "Immediate"}, {"status": "Accepted"})
    station.call("TransactionEvent", end(1, 700, "ImmediateReset", "ResetCommand"))
    boots_again(station, "RemoteReset")

    session = bed.session(station)
    assert (session.state, session.stop_reason) == ("completed", "ImmediateReset")


def test_tc_b_25_reset_one_evse_without_transaction(bed: Bed, station: Player) -> None:
    """One EVSE is restarted; the connection stays.

    B11
    """
    bed.exchange(station, "Reset", {"type": "OnIdle", "evseId": 1}, {"status": "Accepted"})

    assert "currentTime" in station.call("Heartbeat", {})


def test_tc_b_26_reset_one_evse_when_its_transaction_ends(bed: Bed, station: Player) -> None:
    """The EVSE restarts when its transaction is over.

    B12
    """
    charges(station, bed.token().uid)
    bed.exchange(station, "Reset", {"type": "OnIdle", "evseId": 1}, {"status": "Scheduled"})
    station.call("TransactionEvent", end(1, 900, "EVDisconnected", "EVCommunicationLost"))

    assert bed.session(station).state == "completed"


def test_tc_b_27_reset_one_evse_at_once(bed: Bed, station: Player) -> None:
    """Only the transaction on that EVSE ends; the other one goes on.

    B12
    """
    charges(station, bed.token().uid)
    other = event("Started", 0, "CablePluggedIn", info={"transactionId": "tx-2"})
    station.call("TransactionEvent", other | {"evse": {"id": 2, "connectorId": 1}})
    bed.exchange(station, "Reset", {"type": "Immediate", "evseId": 1}, {"status": "Accepted"})
    station.call("TransactionEvent", end(1, 700, "ImmediateReset", "ResetCommand"))

    states = station.row.sessions.order_by("ocpp_transaction_id").values_list("state", flat=True)
    assert list(states) == ["completed", "open"]
