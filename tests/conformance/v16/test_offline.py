"""OCPP 1.6, core profile: what was queued while the line was cut."""

from datetime import timedelta

from stations.models import Session
from tests.conformance.bed import Bed
from tests.conformance.phrases import when
from tests.conformance.player import Player
from tests.conformance.v16.says import charges, starts, stops, tells


def test_tc_032_1_power_fails_in_a_transaction(bed: Bed, station_16: Player) -> None:
    """The station comes back and says that the transaction ended with the power.

    §3.7, §4.10
    """
    _, number = charges(bed, station_16)
    station_16.reconnect()
    stops(station_16, number, wh=400, reason="PowerLoss")

    session = bed.session(station_16)
    assert (session.state, session.stop_reason) == ("completed", "PowerLoss")
    assert session.energy_wh == 300


def test_tc_037_1_started_offline(bed: Bed, station_16: Player) -> None:
    """A start of an hour ago counts from an hour ago.

    §3.7, §4.8
    """
    station_16.reconnect()
    number = starts(station_16, bed.token().uid, -3600)

    session = bed.session(station_16)
    assert (session.ocpp_transaction_id, session.started_at) == (str(number), when(-3600))
    assert session.received_at - session.started_at > timedelta(minutes=50)


def test_tc_037_3_started_offline_with_an_invalid_token(bed: Bed, station_16: Player) -> None:
    """The station let in whom it should not have; it hears so, and the session is kept.

    §4.8
    """
    station_16.reconnect()
    given = {"connectorId": 1, "idTag": "NOBODYS-CARD", "meterStart": 0}
    answer = station_16.call("StartTransaction", given | {"timestamp": "2026-01-01T00:00:00Z"})

    assert answer["idTagInfo"]["status"] == "Invalid"
    assert answer["transactionId"] > 0
    assert bed.session(station_16).flags == ["token_invalid"]


def test_tc_038_stopped_offline(bed: Bed, station_16: Player) -> None:
    """A stop from the queue counts from when it was.

    §3.7, §4.10
    """
    uid, number = charges(bed, station_16)
    station_16.reconnect()
    stops(station_16, number, seconds=-20, idTag=uid)

    session = bed.session(station_16)
    assert (session.state, session.ended_at) == ("completed", when(-20))


def test_tc_039_whole_transaction_offline(bed: Bed, station_16: Player) -> None:
    """A whole transaction comes in a burst, the states before it.

    §3.7
    """
    uid = bed.token().uid
    station_16.reconnect()
    for word, seconds in (("Charging", -3500), ("Finishing", -100), ("Available", -90)):
        tells(station_16, word, seconds)
    number = starts(station_16, uid, -3500)
    stops(station_16, number, 5100, -100, idTag=uid)

    session = bed.session(station_16)
    assert (session.state, session.energy_wh, session.needs_review) == ("completed", 5000, False)
    assert (session.started_at, session.ended_at) == (when(-3500), when(-100))
    assert station_16.row.connectors.get(evse__number=1).status == "Available"


def test_tc_901_a_message_sent_twice_counts_once(bed: Bed, station_16: Player) -> None:
    """Start and stop are sent again with new message ids; the answers are the first ones.

    §3.7
    """
    uid = bed.token().uid
    first, again = starts(station_16, uid), starts(station_16, uid)
    ends = [stops(station_16, first, idTag=uid) for _ in range(2)]

    assert first == again
    assert ends[0] == ends[1]
    assert Session.objects.get(station=station_16.row).energy_wh == 500
