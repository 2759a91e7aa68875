"""OCPP 1.6, core profile: from the first boot to the last kilowatt-hour."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stations import tokens
from stations.models import MeterValue, Observation, Station, StatusChange
from tests.conformance.bed import Bed
from tests.conformance.phrases import BOOT_16, at, when
from tests.conformance.player import Player
from tests.conformance.v16.says import charges, starts, stops, tells


def test_tc_001_cold_boot(bed: Bed) -> None:
    """The first boot is accepted, and the states it reports are kept.

    §4.2, §4.9
    """
    station = bed.player("1.6", registration="new")
    answer = station.call("BootNotification", BOOT_16)
    for connector in (0, 1, 2):
        tells(station, "Available", connector=connector)
    assert "currentTime" in station.call("Heartbeat", {})

    assert (answer["status"], answer["interval"] > 0) == ("Accepted", True)
    row = Station.objects.get(pk=station.row.pk)
    assert (row.registration, row.status) == ("accepted", "Available")
    assert [c.status for c in row.connectors.all()] == ["Available", "Available"]


@pytest.mark.parametrize("registration", ["pending", "rejected"])
def test_tc_002_not_accepted_yet(bed: Bed, registration: str) -> None:
    """A station that is held back hears so, and gets nothing else done.

    §4.2, errata 3.10
    """
    station = bed.player("1.6", registration=registration)
    answer = station.call("BootNotification", BOOT_16)

    assert answer["status"] == registration.capitalize()
    assert station.refused("Heartbeat", {}) == "SecurityError"
    assert Station.objects.get(pk=station.row.pk).registration == registration


def test_tc_003_plug_in_first(bed: Bed, station_16: Player) -> None:
    """Plug, card, charge, card, unplug: one whole session.

    §4.1, §4.8, §4.10
    """
    uid, number = charges(bed, station_16)
    assert stops(station_16, number, idTag=uid)["idTagInfo"]["status"] == "Accepted"
    tells(station_16, "Finishing", 1)
    tells(station_16, "Available", 2)

    session = bed.session(station_16)
    assert (session.state, session.energy_wh, session.flags) == ("completed", 500, [])
    assert (session.started_at, session.ended_at) == (when(-60), when())


def test_tc_004_1_card_first(bed: Bed, station_16: Player) -> None:
    """Card before plug: the same session.

    §4.1, §4.8
    """
    uid = bed.token().uid
    station_16.call("Authorize", {"idTag": uid})
    tells(station_16, "Preparing", -62)
    number = starts(station_16, uid)
    tells(station_16, "Charging", -59)
    stops(station_16, number, idTag=uid)

    assert bed.session(station_16).energy_wh == 500


def test_tc_004_2_card_first_and_nobody_plugs_in(bed: Bed, station_16: Player) -> None:
    """The connector gets ready, waits, and is free again: no session.

    §4.9
    """
    station_16.call("Authorize", {"idTag": bed.token().uid})
    tells(station_16, "Preparing", -60)
    tells(station_16, "Available", -30)

    assert station_16.row.sessions.count() == 0
    seen = StatusChange.objects.filter(station=station_16.row).order_by("occurred_at")
    assert [row.status for row in seen] == ["Preparing", "Available"]


def test_tc_005_1_unplugged_at_the_vehicle(bed: Bed, station_16: Player) -> None:
    """The plug is pulled, and the transaction ends.

    §4.10
    """
    _, number = charges(bed, station_16)
    tells(station_16, "SuspendedEV", -10)
    stops(station_16, number, reason="EVDisconnected")
    tells(station_16, "Finishing", 1)

    session = bed.session(station_16)
    assert (session.state, session.stop_reason) == ("completed", "EVDisconnected")


def test_tc_007_token_from_the_cache(bed: Bed, station_16: Player) -> None:
    """A station that lets a token in by its cache hears whether it may, all the same.

    §4.8
    """
    token = bed.token()
    number = starts(station_16, token.uid)
    stops(station_16, number)

    assert bed.session(station_16).token_id == token.pk


def test_tc_023_1_invalid_token(bed: Bed, station_16: Player) -> None:
    """A token nobody knows is invalid.

    §4.1
    """
    answer = station_16.call("Authorize", {"idTag": "NOBODYS-CARD"})

    assert answer["idTagInfo"]["status"] == "Invalid"
    assert bed.frames(station_16, "Authorize")


def test_tc_023_2_expired_token(bed: Bed, station_16: Player) -> None:
    """A token past its last day is expired.

    §4.1
    """
    token = bed.token(valid_until=timezone.now() - timedelta(days=1))
    answer = station_16.call("Authorize", {"idTag": token.uid})

    assert answer["idTagInfo"]["status"] == "Expired"
    assert bed.frames(station_16, "Authorize")


def test_tc_023_3_blocked_token(bed: Bed, station_16: Player) -> None:
    """A blocked token is blocked; a session that began with it is kept.

    §4.1, §4.8
    """
    token = bed.token()
    tokens.block_token(token_id=token.pk, reason="unpaid")
    answer = station_16.call("Authorize", {"idTag": token.uid})
    assert answer["idTagInfo"]["status"] == "Blocked"
    stops(station_16, starts(station_16, token.uid), wh=100, reason="DeAuthorized")

    session = bed.session(station_16)
    assert (session.state, session.energy_wh) == ("completed", 0)


def test_tc_024_lock_failure(bed: Bed, station_16: Player) -> None:
    """A lock that does not close is reported at its connector.

    §4.9
    """
    tells(station_16, "Faulted", errorCode="ConnectorLockFailure")

    connector = station_16.row.connectors.get(evse__number=1)
    assert (connector.status, connector.error_code) == ("Faulted", "ConnectorLockFailure")


def test_tc_064_data_of_an_unknown_vendor(bed: Bed, station_16: Player) -> None:
    """What only a vendor understands is answered so, and kept.

    §4.3
    """
    answer = station_16.call("DataTransfer", {"vendorId": "org.example", "data": "x"})

    assert answer == {"status": "UnknownVendorId"}
    assert bed.frames(station_16, "DataTransfer")


def metered(station: Player, number: int, wh: int, seconds: int, context: str) -> None:
    sample = {
        "value": str(wh),
        "context": context,
        "measurand": "Energy.Active.Import.Register",
        "unit": "Wh",
    }
    values = [{"timestamp": at(seconds), "sampledValue": [sample]}]
    payload = {"connectorId": 1, "transactionId": number, "meterValue": values}
    assert station.call("MeterValues", payload) == {}


def test_tc_070_sampled_meter_values(bed: Bed, station_16: Player) -> None:
    """Samples on the way belong to the session.

    §4.7
    """
    context = "Sample.Periodic"
    _, number = charges(bed, station_16)
    metered(station_16, number, 300, -30, context)
    metered(station_16, number, 500, -10, context)

    session = bed.session(station_16)
    assert session.last_register_wh == 500
    assert MeterValue.objects.filter(session_id=session.pk, context=context).count() == 2


def test_tc_071_clock_aligned_meter_values(bed: Bed, station_16: Player) -> None:
    """So do registers by the clock.

    §4.7
    """
    _, number = charges(bed, station_16)
    metered(station_16, number, 300, -30, "Sample.Clock")

    assert MeterValue.objects.get(session_id=bed.session(station_16).pk).energy_wh == 300


def test_tc_900_stop_for_an_unknown_transaction(bed: Bed, station_16: Player) -> None:
    """A stop that fits nothing is answered as if it did, and kept for a person.

    §4.10, errata 3.18
    """
    assert stops(station_16, 4711) == {}

    assert station_16.row.orphan_stops.count() == 1
    assert not Observation.objects.filter(station=station_16.row, kind="frame_refused").exists()
