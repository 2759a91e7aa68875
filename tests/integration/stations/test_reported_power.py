"""Power as stations report it: profiles found, limits of others, composite schedules, needs."""

import pytest

from stations import charging
from stations.models import (
    ChargingNeed,
    ChargingProfile,
    CompositeSchedule,
    ExternalLimit,
    Station,
)
from tests import cast
from tests.integration.stations.reported import report
from tests.integration.stations.smart_station import (
    NOW,
    answer,
    begin,
    queued,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    Station.objects.update(is_online=True)
    return made


RAW = {
    "id": 77,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [
        {
            "id": 1,
            "chargingRateUnit": "A",
            "startSchedule": "2026-11-22T10:00:00Z",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "numberPhases": 3}],
        }
    ],
}


def test_a_profile_found_at_a_station_is_kept_and_counts(made: cast.Cast) -> None:
    payload = {"requestId": 1, "evseId": 1, "chargingProfile": [RAW]}
    report(made.dc_station, "ReportChargingProfiles", payload)
    report(made.dc_station, "ReportChargingProfiles", payload)

    profile = ChargingProfile.objects.get()
    assert (profile.maker, profile.number, profile.state) == ("station", 77, "installed")
    (comparison,) = charging.compare(made.dc_station, as_of=NOW)
    assert comparison.expected[0].limit == 10
    assert comparison.agrees is None


def test_a_limit_of_the_grid_stands_until_it_is_cleared(made: cast.Cast) -> None:
    limit = {"chargingLimitSource": "SO", "isGridCritical": True}
    schedule = RAW["chargingSchedule"]
    payload = {"chargingLimit": limit, "chargingSchedule": schedule}
    report(made.dc_station, "NotifyChargingLimit", payload)
    report(made.dc_station, "NotifyChargingLimit", payload)

    assert ExternalLimit.objects.get().is_grid_critical
    assert charging.compare(made.dc_station, as_of=NOW)[0].expected[0].limit == 10
    report(made.dc_station, "ClearedChargingLimit", {"chargingLimitSource": "SO"})
    assert charging.compare(made.dc_station, as_of=NOW)[0].expected[0].limit is None


@pytest.mark.parametrize(("limit", "agrees"), [(10, True), (10.5, True), (16, False)])
def test_a_station_s_own_word_is_held_against_ours(
    made: cast.Cast, limit: float, agrees: bool
) -> None:
    report(made.dc_station, "ReportChargingProfiles", {"evseId": 0, "chargingProfile": [RAW]})
    charging.ask_composite(station=made.dc_station, evse_number=1, as_of=NOW)
    periods = [{"startPeriod": 0, "limit": limit}]
    told = {
        "evseId": 1,
        "duration": 60,
        "scheduleStart": "2026-11-22T12:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": periods,
    }
    answer(queued(made.dc_station)[0], body={"status": "Accepted", "schedule": told})

    assert charging.compare(made.dc_station, as_of=NOW)[0].agrees is agrees
    charging.ask_composite(station=made.dc_station, evse_number=1, as_of=NOW)
    answer(queued(made.dc_station)[0], "rejected")
    assert CompositeSchedule.objects.get().refusal == "Rejected"


def test_a_vehicle_s_needs_are_kept_and_answered_with_a_profile(made: cast.Cast) -> None:
    session = begin(made.tethered, "tx-9")
    needs = {
        "requestedEnergyTransfer": "AC_three_phase",
        "departureTime": "2026-11-22T17:00:00Z",
        "acChargingParameters": {"energyAmount": 20000, "evMaxCurrent": 16},
    }
    report(made.dc_station, "NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs})

    need = ChargingNeed.objects.get()
    assert (need.session_id, need.energy_wh, need.max_current_a) == (session.pk, 20000, 16)
    (command,) = queued(made.dc_station)
    assert command.payload["profile"]["periods"] == [{"start": 0, "limit": "16"}]
    plan = {"evseId": 1, "chargingSchedule": {"id": 1}}
    report(made.dc_station, "NotifyEVChargingSchedule", plan)
    need.refresh_from_db()
    assert need.plan == {"id": 1}
