"""Block K of OCPP 2.0.1: a vehicle says by ISO 15118 what it needs, and plans by our limits."""

from datetime import UTC, datetime
from typing import Any

from stations import charging
from stations.models import ChargingNeed, ChargingProfile, Command
from tests.conformance.bed import Bed
from tests.conformance.phrases import at, begin, event
from tests.conformance.phrases import charging as charging_state
from tests.conformance.player import Player

NEEDS: dict[str, Any] = {
    "evseId": 1,
    "maxScheduleTuples": 10,
    "chargingNeeds": {
        "requestedEnergyTransfer": "AC_three_phase",
        "departureTime": at(7200),
        "acChargingParameters": {
            "energyAmount": 20_000,
            "evMinCurrent": 6,
            "evMaxCurrent": 16,
            "evMaxVoltage": 400,
        },
    },
}


def heard(bed: Bed, station: Player, amperes: int) -> dict[str, Any]:
    """Have the station take the transaction's profile; return its schedule."""
    told = station.obey("SetChargingProfile", status="Accepted")
    bed.ended(Command.objects.filter(station=station.row).latest("pk"))
    bed.follow(station)
    profile = told["chargingProfile"]
    assert (told["evseId"], profile["transactionId"]) == (1, "tx-1")
    assert profile["chargingProfilePurpose"] == "TxProfile"
    schedule: dict[str, Any] = profile["chargingSchedule"][0]
    assert schedule["chargingSchedulePeriod"][0]["limit"] == amperes
    return schedule


def needs(bed: Bed, station: Player, amperes: int) -> dict[str, Any]:
    """Have the vehicle's needs said; return the schedule we then give it."""
    limits = NEEDS["chargingNeeds"]["acChargingParameters"] | {"evMaxCurrent": amperes}
    wanted = NEEDS["chargingNeeds"] | {"acChargingParameters": limits}
    answer = station.call("NotifyEVChargingNeeds", NEEDS | {"chargingNeeds": wanted})
    assert answer["status"] in {"Accepted", "Processing"}
    bed.follow(station)
    need = ChargingNeed.objects.filter(station=station.row).latest("pk")
    assert (need.energy_wh, need.max_current_a) == (20_000, amperes)
    return heard(bed, station, amperes)


def sets_anew(bed: Bed, station: Player, amperes: int) -> dict[str, Any]:
    """Replace the transaction's profile by hand; return its schedule."""
    standing = ChargingProfile.objects.get(station=station.row)
    periods = [{"start": 0, "limit": str(amperes)}]
    wish = charging.Wish(
        purpose=ChargingProfile.Purpose.TX,
        schedule={"kind": "Relative", "unit": "A", "periods": periods},
        evse_number=1,
        transaction="tx-1",
        number=standing.number,
    )
    charging.set_profile(
        station=station.row, wish=wish, requested_by=bed.cast.cilla, as_of=datetime.now(UTC)
    )
    return heard(bed, station, amperes)


def plans(bed: Bed, station: Player, schedule: dict[str, Any]) -> None:
    """Have the vehicle's plan within those limits said, and taken."""
    plan = {"timeBase": at(), "evseId": 1, "chargingSchedule": schedule}
    assert station.call("NotifyEVChargingSchedule", plan) == {"status": "Accepted"}
    bed.follow(station)
    assert bed.reports(station, "NotifyEVChargingSchedule")[-1].payload == plan


def negotiates(bed: Bed, station: Player) -> None:
    """Play a transaction up to where it charges by a negotiated schedule."""
    station.call("TransactionEvent", begin(bed.token().uid))
    plans(bed, station, needs(bed, station, 16))
    station.call("TransactionEvent", charging_state("Charging", 1, -40))


def held(station: Player) -> int:
    """Return the limit of the profile that the station holds, in amperes."""
    profile = ChargingProfile.objects.get(station=station.row, state__in=ChargingProfile.HELD)
    return int(profile.schedule["periods"][0]["limit"])


def test_tc_k_53_needs_limits_and_a_plan(bed: Bed, station: Player) -> None:
    """Needs are said, limits given, and the plan within them is taken.

    K15.FR.02, K15.FR.05, K15.FR.11
    """
    negotiates(bed, station)

    assert held(station) == 16
    assert bed.session(station).state == "open"


def test_tc_k_55_plan_beyond_its_limits(bed: Bed, station: Player) -> None:
    """A plan for more than was given is refused, and the limits are sent again.

    K15.FR.12, K15.FR.13
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    given = needs(bed, station, 16)
    more = given | {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 32}]}
    plan = {"timeBase": at(), "evseId": 1, "chargingSchedule": more}
    assert station.call("NotifyEVChargingSchedule", plan) == {"status": "Rejected"}
    station.call("TransactionEvent", charging_state("Charging", 1, -40))
    bed.follow(station)
    plans(bed, station, heard(bed, station, 16))

    assert held(station) == 16


def test_tc_k_57_vehicle_asks_anew(bed: Bed, station: Player) -> None:
    """The vehicle says new needs on the way, and gets new limits.

    K17.FR.02, K17.FR.05, K17.FR.11
    """
    negotiates(bed, station)
    plans(bed, station, needs(bed, station, 10))

    assert held(station) == 10


def test_tc_k_58_we_set_anew(bed: Bed, station: Player) -> None:
    """We give new limits on the way, and the vehicle plans anew.

    K16.FR.06
    """
    negotiates(bed, station)
    plans(bed, station, sets_anew(bed, station, 8))

    assert held(station) == 8


def test_tc_k_59_we_set_anew_and_the_vehicle_says_its_needs(bed: Bed, station: Player) -> None:
    """Our new limits make the vehicle say its needs again; the rate changes.

    K16, K17.FR.02
    """
    negotiates(bed, station)
    plans(bed, station, sets_anew(bed, station, 8))
    plans(bed, station, needs(bed, station, 8))
    assert station.call("TransactionEvent", event("Updated", 2, "ChargingRateChanged", -10)) == {}

    assert (held(station), bed.session(station).last_seq_no) == (8, 2)
