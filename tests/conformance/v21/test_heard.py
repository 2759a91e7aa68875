"""OCPP 2.1: what a station may say that 2.0.1 did not know; ids of our own."""

import json
from typing import Any

import pytest

from stations.models import Station
from tests.conformance.bed import Bed, until
from tests.conformance.phrases import BOOT_2, at, begin, card, charging, end
from tests.conformance.player import RESULT_ERROR, Player
from tests.conformance.v201.test_n_logs import HASHES

EMPTY: dict[str, Any] = {}
SETTLED = {
    "pspRef": "psp-1",
    "status": "Settled",
    "settlementAmount": 12.5,
    "settlementTime": at(),
    "transactionId": "tx-1",
}
STREAM = {"id": 3, "params": {"interval": 10, "values": 5}, "variableMonitoringId": 1}
SWAP = {
    "batteryData": [{"evseId": 1, "serialNumber": "B-1", "soC": 80, "soH": 99}],
    "eventType": "BatteryIn",
    "idToken": {"idToken": "SWAP-1", "type": "Central"},
    "requestId": 19,
}


def hears(bed: Bed, station: Player, action: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Have a message answered, kept and read; return the answer."""
    answer = station.call(action, payload)
    bed.follow(station)
    (row,) = bed.reports(station, action)
    assert row.payload == payload
    assert row.applied_at
    return answer


def test_tc_21_b_01_boots_in_its_version(bed: Bed) -> None:
    """The newest version is spoken with who speaks it.

    B01.FR.02
    """
    station = bed.player("2.1", registration="new")

    assert station.call("BootNotification", BOOT_2)["status"] == "Accepted"
    assert Station.objects.get(pk=station.row.pk).ocpp_version == "2.1"


def test_tc_21_e_01_whole_session(bed: Bed, station_21: Player) -> None:
    """A transaction from card to card is one session.

    E01.FR.12
    """
    uid = bed.token().uid
    station_21.call("Authorize", {"idToken": card(uid)})
    answer = station_21.call("TransactionEvent", begin(uid))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    station_21.call("TransactionEvent", charging("Charging", 1, -50))
    station_21.call("TransactionEvent", end(2, 900, "Local", "StopAuthorized"))

    assert (bed.session(station_21).state, bed.session(station_21).energy_wh) == ("completed", 800)


def test_tc_21_c_01_settlement(bed: Bed, station_21: Player) -> None:
    """A payment at the station's own terminal is told, and kept.

    C19
    """
    hears(bed, station_21, "NotifySettlement", SETTLED)


def test_tc_21_c_02_vat_number(bed: Bed, station_21: Player) -> None:
    """A company's VAT number is answered with the same number and a verdict.

    C18
    """
    answer = hears(bed, station_21, "VatNumberValidation", {"vatNumber": "SE556036079301"})

    assert answer["vatNumber"] == "SE556036079301"
    assert answer["status"] in {"Accepted", "Rejected"}


def test_tc_21_k_01_priority_charging(bed: Bed, station_21: Player) -> None:
    """A driver pressed for priority at the station.

    K21
    """
    told = {"transactionId": "tx-1", "activated": True}

    assert hears(bed, station_21, "NotifyPriorityCharging", told) == EMPTY


def test_tc_21_k_02_dynamic_schedule_is_asked_for(bed: Bed, station_21: Player) -> None:
    """A station asks for the limit of a dynamic profile that we do not drive.

    K28
    """
    answer = hears(bed, station_21, "PullDynamicScheduleUpdate", {"chargingProfileId": 7})

    assert answer["status"] == "Rejected"


def test_tc_21_m_01_status_of_a_chain(bed: Bed, station_21: Player) -> None:
    """Whether a vehicle's certificates still hold is not ours to say: Failed, for each of them.

    M07
    """
    asked = {
        "certificateStatusRequests": [
            {"certificateHashData": HASHES, "source": "OCSP", "urls": ["https://ocsp.example"]}
        ]
    }
    answer = hears(bed, station_21, "GetCertificateChainStatus", asked)

    (state,) = answer["certificateStatus"]
    assert (state["status"], state["certificateHashData"]) == ("Failed", HASHES)


def test_tc_21_n_01_stream_is_opened(bed: Bed, station_21: Player) -> None:
    """A station may open a stream of values.

    N11
    """
    answer = hears(bed, station_21, "OpenPeriodicEventStream", {"constantStreamData": STREAM})

    assert answer["status"] == "Accepted"


def test_tc_21_n_02_stream_is_not_answered(bed: Bed, station_21: Player) -> None:
    """The values of a stream are kept and never answered.

    N11
    """
    values = {
        "id": 3,
        "pending": 0,
        "basetime": at(),
        "data": [{"t": 0, "v": "230.1"}, {"t": 10, "v": "229.8"}],
    }
    station_21.send("NotifyPeriodicEventStream", values)
    # The next frame is the answer to the next call: nothing came in between.
    assert "currentTime" in station_21.call("Heartbeat", {})

    (row,) = until(lambda: bed.reports(station_21, "NotifyPeriodicEventStream"))
    assert row.payload == values


def test_tc_21_n_03_stream_is_closed(bed: Bed, station_21: Player) -> None:
    """A stream ends.

    N11
    """
    assert hears(bed, station_21, "ClosePeriodicEventStream", {"id": 3}) == EMPTY


def test_tc_21_n_04_an_answer_that_breaks_its_schema_is_told(bed: Bed, station_21: Player) -> None:
    """An answer that is no object is said to be wrong, and the command ends.

    FR.06
    """
    command = bed.ask(station_21, "ClearCache")
    station_21.expect("ClearCache")
    broken = station_21.answer_badly('"Accepted"')

    assert station_21.complaint() == [RESULT_ERROR, broken]
    assert bed.ended(command).state in {"error", "unknown"}


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("NotifyDERAlarm", {"controlType": "FreqDroop", "timestamp": at()}),
        ("NotifyDERStartStop", {"controlId": "c-1", "started": True, "timestamp": at()}),
        ("ReportDERControl", {"requestId": 18, "tbc": False}),
    ],
)
def test_tc_21_r_01_grid_services_are_heard(
    bed: Bed, station_21: Player, action: str, payload: dict[str, Any]
) -> None:
    """What a station says about the grid is confirmed and kept.

    R04
    """
    assert hears(bed, station_21, action, payload) == EMPTY


def test_tc_21_s_01_battery_is_swapped(bed: Bed, station_21: Player) -> None:
    """A battery went in.

    S01
    """
    assert hears(bed, station_21, "BatterySwap", SWAP) == EMPTY
    assert json.loads(bed.frames(station_21, "BatterySwap")[0])[3] == SWAP
