"""Block K of OCPP 2.0.1: what somebody else limits, and what a vehicle asks for by ISO 15118."""

from typing import Any

from stations.models import Observation
from tests.conformance.bed import Bed
from tests.conformance.phrases import at, begin, event
from tests.conformance.player import Player
from tests.conformance.v201.test_k_profiles import profile

LIMIT = {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": 1}
SCHEDULE = {
    "id": 1,
    "startSchedule": at(),
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}],
}


def limits(station: Player, **more: Any) -> int:
    """Have a limit reported; return how many the rules can see."""
    assert station.call("NotifyChargingLimit", LIMIT | more) == {}
    return Observation.objects.filter(station=station.row, kind="charging_limit").count()


def clears(bed: Bed, station: Player) -> None:
    released = {"chargingLimitSource": "EMS", "evseId": 1}
    assert station.call("ClearedChargingLimit", released) == {}
    bed.follow(station)

    assert all(report.applied_at for report in bed.reports(station, "ClearedChargingLimit"))
    assert len(bed.reports(station, "ClearedChargingLimit")) == 1


def test_tc_k_48_limited_by_somebody_else(bed: Bed, station: Player) -> None:
    """An external limit is taken note of.

    K12, K12.FR.01
    """
    assert limits(station, chargingSchedule=[SCHEDULE]) == 1
    assert bed.reports(station, "NotifyChargingLimit")[0].payload["evseId"] == 1


def test_tc_k_50_released_without_transaction(bed: Bed, station: Player) -> None:
    """The external limit is gone.

    K13
    """
    limits(station)
    clears(bed, station)


def test_tc_k_51_released_in_a_transaction(bed: Bed, station: Player) -> None:
    """The external limit is gone, and the transaction says that its rate changed.

    K13
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    limits(station)
    clears(bed, station)
    assert station.call("TransactionEvent", event("Updated", 1, "ChargingRateChanged", -10)) == {}

    assert bed.session(station).last_seq_no == 1


def test_tc_k_52_external_limit_in_a_report(bed: Bed, station: Player) -> None:
    """What somebody else set stands in the report of profiles.

    K09, K12
    """
    limits(station)
    wanted = {"chargingProfilePurpose": "ChargingStationExternalConstraints"}
    asked = {"requestId": 52, "chargingProfile": wanted}
    bed.exchange(station, "GetChargingProfiles", asked, {"status": "Accepted"})
    theirs = profile(52, "ChargingStationExternalConstraints", 0)["chargingProfile"]
    part = {
        "requestId": 52,
        "chargingLimitSource": "EMS",
        "evseId": 0,
        "chargingProfile": [theirs],
    }
    assert station.call("ReportChargingProfiles", part) == {}
    bed.follow(station)

    (kept,) = bed.reports(station, "ReportChargingProfiles")
    assert (kept.payload["chargingProfile"][0]["id"], kept.applied_at is None) == (52, False)
