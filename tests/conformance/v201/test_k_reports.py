"""Block K of OCPP 2.0.1: which profiles a station has, and what they come to."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player
from tests.conformance.v201.test_k_profiles import profile

PURPOSE = {"chargingProfilePurpose": "TxDefaultProfile"}


def reports(
    bed: Bed,
    station: Player,
    criteria: dict[str, Any],
    *evses: int,
    by: str = "CSO",
    asks_evse: int | None = None,
) -> None:
    """Ask for profiles by criteria; each EVSE's come in a part of their own, and are kept."""
    place = {} if asks_evse is None else {"evseId": asks_evse}
    asked = {"requestId": 7, "chargingProfile": criteria} | place
    bed.exchange(station, "GetChargingProfiles", asked, {"status": "Accepted"})
    for number, evse in enumerate(evses, start=1):
        part = {
            "requestId": 7,
            "chargingLimitSource": by,
            "evseId": evse,
            "tbc": number < len(evses),
            "chargingProfile": [profile(number, "TxDefaultProfile", evse)["chargingProfile"]],
        }
        assert station.call("ReportChargingProfiles", part) == {}
    bed.follow(station)

    kept = bed.reports(station, "ReportChargingProfiles")
    assert [report.payload["evseId"] for report in kept] == list(evses)
    assert all(report.request_id == 7 and report.applied_at for report in kept)
    assert [report.is_last for report in kept] == [False] * (len(evses) - 1) + [True]


def test_tc_k_29_of_the_station_itself(bed: Bed, station: Player) -> None:
    """EVSE 0 asks for what is set for the whole station.

    K09
    """
    reports(bed, station, PURPOSE, 0, asks_evse=0)


def test_tc_k_30_of_one_evse(bed: Bed, station: Player) -> None:
    """One EVSE's profiles are reported.

    K09
    """
    reports(bed, station, PURPOSE, 1, asks_evse=1)


def test_tc_k_31_of_all(bed: Bed, station: Player) -> None:
    """Without an EVSE all of them report, in parts.

    K09
    """
    reports(bed, station, PURPOSE, 0, 1, 2)


def test_tc_k_32_by_number(bed: Bed, station: Player) -> None:
    """One profile is asked for by its number.

    K09
    """
    reports(bed, station, {"chargingProfileId": [1]}, 1)


def test_tc_k_33_by_evse_and_level(bed: Bed, station: Player) -> None:
    """An EVSE's profiles of one stack level are reported.

    K09
    """
    reports(bed, station, {"stackLevel": 0}, 1, asks_evse=1)


def test_tc_k_34_by_evse_and_source(bed: Bed, station: Player) -> None:
    """An EVSE's profiles that somebody else set are reported.

    K09
    """
    reports(bed, station, {"chargingLimitSource": ["EMS"]}, 1, by="EMS", asks_evse=1)


def test_tc_k_35_by_evse_and_purpose(bed: Bed, station: Player) -> None:
    """An EVSE's profiles of one purpose are reported.

    K09
    """
    reports(bed, station, PURPOSE, 1, asks_evse=1)


def test_tc_k_36_by_evse_purpose_and_level(bed: Bed, station: Player) -> None:
    """All criteria together.

    K09
    """
    reports(bed, station, PURPOSE | {"stackLevel": 0}, 1, asks_evse=1)


def composite(bed: Bed, station: Player, evse: int) -> None:
    schedule = {
        "evseId": evse,
        "duration": 300,
        "scheduleStart": at(),
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
    }
    command = bed.exchange(
        station,
        "GetCompositeSchedule",
        {"evseId": evse, "duration": 300, "chargingRateUnit": "A"},
        {"status": "Accepted", "schedule": schedule},
        word="composite_schedule",
        wish={"evse": evse, "duration": 300, "unit": "A"},
    )
    assert command.answer is not None
    assert command.answer["schedule"]["chargingSchedulePeriod"][0]["limit"] == 16


def test_tc_k_43_composite_of_one_evse(bed: Bed, station: Player) -> None:
    """What all profiles come to at one EVSE.

    K08
    """
    composite(bed, station, 1)


def test_tc_k_44_composite_of_the_station(bed: Bed, station: Player) -> None:
    """What all profiles come to for the whole station.

    K08
    """
    composite(bed, station, 0)
