"""Block E of OCPP 2.0.1: every point at which a transaction may begin."""

from tests.conformance.bed import Bed
from tests.conformance.phrases import (
    PLACE,
    begin,
    card,
    charging,
    event,
    meter,
    status,
    when,
)
from tests.conformance.player import Player

SIGNED = {
    "signedMeterData": "T0NNRnx7fQ==",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "",
}


def tells(station: Player, **event_payload: object) -> dict[str, object]:
    return station.call("TransactionEvent", dict(event_payload))


def test_tc_e_01_starts_when_the_power_path_closes(bed: Bed, station: Player) -> None:
    """Card and cable first; the transaction begins when both are there.

    E01.FR.11, E01.FR.12
    """
    token = bed.token()
    station.call("Authorize", {"idToken": card(token.uid)})
    station.call("StatusNotification", status("Occupied"))
    started = event("Started", 0, "ChargingStateChanged", -60, info={"chargingState": "Charging"})
    answer = tells(station, **started, **PLACE, idToken=card(token.uid), **meter(40, -60))

    assert answer["idTokenInfo"]["status"] == "Accepted"  # type: ignore[index]
    session = bed.session(station)
    assert (session.token_id, session.meter_start_wh) == (token.pk, 40)
    assert (session.state, session.connector.evse.number) == ("open", 1)


def test_tc_e_02_starts_when_energy_flows(bed: Bed, station: Player) -> None:
    """The transaction begins with the first energy.

    E01.FR.12
    """
    token = bed.token()
    station.call("Authorize", {"idToken": card(token.uid)})
    started = event("Started", 0, "ChargingStateChanged", -30, info={"chargingState": "Charging"})
    tells(station, **started, **PLACE, idToken=card(token.uid))

    assert bed.session(station).started_at == when(-30)


def test_tc_e_03_cable_first_then_card(bed: Bed, station: Player) -> None:
    """The plug begins it; who charges is said after.

    E02, E01.FR.12
    """
    token = bed.token(driver=bed.cast.bo)
    assert station.call("TransactionEvent", begin()) == {}
    authorized = event("Updated", 1, "Authorized", -50, idToken=card(token.uid))
    answer = station.call("TransactionEvent", authorized)
    station.call("TransactionEvent", charging("Charging", 2, -40))

    assert answer["idTokenInfo"]["status"] == "Accepted"
    session = bed.session(station)
    assert (session.driver_id, session.id_tag) == (bed.cast.bo.pk, token.uid)
    assert session.meter_start_wh == 100


def test_tc_e_04_card_first_then_cable(bed: Bed, station: Player) -> None:
    """The card begins it; where is said after.

    E03, E01.FR.12
    """
    token = bed.token()
    station.call(
        "TransactionEvent", event("Started", 0, "Authorized", -60, idToken=card(token.uid))
    )
    plugged = event("Updated", 1, "CablePluggedIn", -50, evse={"id": 2, "connectorId": 1})
    station.call("TransactionEvent", plugged)

    session = bed.session(station)
    assert (session.token_id, session.connector.evse.number) == (token.pk, 2)
    assert (session.flags, session.needs_review) == ([], False)


def test_a_card_elsewhere_leaves_the_session_at_the_other_evse_alone(
    bed: Bed, station: Player
) -> None:
    """While one EVSE charges, the next driver holds up a card before choosing one."""
    station.call("TransactionEvent", begin(bed.token().uid))
    next_one = event("Started", 0, "Authorized", -30, info={"transactionId": "tx-2"})
    station.call("TransactionEvent", next_one | {"idToken": card(bed.token().uid)})

    sessions = station.row.sessions.order_by("ocpp_transaction_id")
    assert [(s.state, s.connector.evse.number) for s in sessions] == [("open", 1), ("open", 2)]


def test_tc_e_09_starts_when_the_vehicle_connects(bed: Bed, station: Player) -> None:
    """The transaction begins with the plug.

    E01
    """
    started = event("Started", 0, "CablePluggedIn", -60, info={"chargingState": "EVConnected"})
    assert tells(station, **started, **PLACE) == {}

    assert (bed.session(station).state, bed.session(station).id_tag) == ("open", "")


def test_tc_e_10_starts_when_the_driver_is_authorized(bed: Bed, station: Player) -> None:
    """The transaction begins with the card.

    E01, E01.FR.12
    """
    token = bed.token()
    started = event("Started", 0, "Authorized", -60, idToken=card(token.uid))
    answer = tells(station, **started, **PLACE)

    assert answer["idTokenInfo"]["status"] == "Accepted"  # type: ignore[index]
    assert bed.session(station).token_id == token.pk


def test_tc_e_11_starts_with_the_first_signed_value(bed: Bed, station: Player) -> None:
    """The transaction begins when the meter has signed its register; the text is kept verbatim.

    E01
    """
    token = bed.token()
    value = meter(1_000, -60, "Transaction.Begin", signedMeterValue=SIGNED)
    started = event("Started", 0, "SignedDataReceived", -60, idToken=card(token.uid))
    tells(station, **started, **PLACE, **value)

    assert bed.session(station).meter_start_wh == 1_000
    assert SIGNED["signedMeterData"].encode() in bed.frames(station, "TransactionEvent")[0]


def test_tc_e_12_starts_when_the_bay_is_occupied(bed: Bed, station: Player) -> None:
    """A sensor begins it, before anybody said who they are.

    E01
    """
    assert tells(station, **event("Started", 0, "EVDetected", -60), **PLACE) == {}

    session = bed.session(station)
    assert (session.state, session.token_id) == ("open", None)


def test_tc_e_38_vehicle_is_not_ready(bed: Bed, station: Player) -> None:
    """Everything is there but the vehicle asks for nothing: the session is open, and parked.

    E03
    """
    token = bed.token()
    station.call("TransactionEvent", begin(token.uid))
    station.call("TransactionEvent", charging("EVConnected", 1, -50))
    station.call("TransactionEvent", charging("SuspendedEV", 2, -40))

    session = bed.session(station)
    assert (session.state, session.parking_since) == ("open", when(-40))


def test_tc_e_53_numbers_begin_at_0_in_every_transaction(bed: Bed, station: Player) -> None:
    """Two transactions both count from 0, and neither has a gap.

    E01
    """
    for name, seconds in (("tx-a", -60), ("tx-b", -30)):
        info = {"transactionId": name}
        station.call("TransactionEvent", begin(bed.token().uid, seconds, info=info))
        ended = event("Ended", 1, "StopAuthorized", seconds + 10, info=info)
        station.call("TransactionEvent", ended | meter(150, seconds + 10))

    sessions = station.row.sessions.order_by("id")
    assert [(s.state, s.energy_wh, s.flags) for s in sessions] == [("completed", 50, [])] * 2
