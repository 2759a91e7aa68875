"""OCPP 1.6, smart charging profile."""

from typing import Any

import pytest

from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player
from tests.conformance.v16.says import ACCEPTED, REJECTED, charges


def profile(number: int, purpose: str, **more: Any) -> dict[str, Any]:
    """Return a profile of one hour at 16 A."""
    given = {
        "chargingProfileId": number,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "startSchedule": at(),
            "duration": 3600,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
        },
    }
    return given | more


def sets(
    bed: Bed,
    station: Player,
    number: int,
    purpose: str,
    *,
    connector: int = 1,
    answer: str = "Accepted",
    **more: Any,
) -> None:
    """Set a profile in our words, and have it answered."""
    ours = {"TxDefaultProfile": "tx_default", "TxProfile": "tx"}.get(purpose, "station_max")
    wish = {
        "id": number,
        "purpose": ours,
        "stack_level": more.get("stackLevel", 0),
        "kind": "Absolute",
        "unit": "A",
        "start": at(),
        "duration": 3600,
        "periods": [{"start": 0, "limit": 16}],
    }
    if "transactionId" in more:
        wish["transaction"] = more["transactionId"]
    bed.exchange(
        station,
        "SetChargingProfile",
        {"connectorId": connector, "csChargingProfiles": profile(number, purpose, **more)},
        {"status": answer},
        word="set_profile",
        wish={"evse": connector, "profile": wish},
        state="accepted" if answer == "Accepted" else "rejected",
    )


def test_tc_056_default_profile(bed: Bed, station_16: Player) -> None:
    """What holds for every session of a connector is set.

    §5.16
    """
    sets(bed, station_16, 56, "TxDefaultProfile")


def test_tc_057_profile_of_a_session(bed: Bed, station_16: Player) -> None:
    """The running session gets a profile of its own.

    §5.16
    """
    _, number = charges(bed, station_16)
    sets(bed, station_16, 57, "TxProfile", transactionId=number)


def test_tc_058_profile_of_no_session(bed: Bed, station_16: Player) -> None:
    """A station that knows no such session refuses.

    §5.16
    """
    sets(bed, station_16, 58, "TxProfile", answer="Rejected", transactionId=4711)


@pytest.mark.parametrize(("answer", "state"), [(ACCEPTED, "accepted"), (REJECTED, "rejected")])
def test_tc_059_taken_along_by_a_start(
    bed: Bed, station_16: Player, answer: dict[str, Any], state: str
) -> None:
    """A remote start brings the profile of its session along; the station may refuse both.

    §5.11, §5.16
    """
    uid, along = bed.token().uid, profile(59, "TxProfile")
    bed.exchange(
        station_16,
        "RemoteStartTransaction",
        {"idTag": uid, "connectorId": 1, "chargingProfile": along},
        answer,
        word="remote_start",
        wish={"token": uid, "evse": 1, "profile": along},
        state=state,
    )


def test_tc_066_composite_schedule(bed: Bed, station_16: Player) -> None:
    """What all profiles come to at a connector, and for the whole station.

    §5.7
    """
    for connector in (0, 1):
        schedule = profile(66, "TxDefaultProfile")["chargingSchedule"]
        told = {"connectorId": connector, "scheduleStart": at(), "chargingSchedule": schedule}
        bed.exchange(
            station_16,
            "GetCompositeSchedule",
            {"connectorId": connector, "duration": 300, "chargingRateUnit": "A"},
            ACCEPTED | told,
            word="composite_schedule",
            wish={"evse": connector, "duration": 300, "unit": "A"},
        )


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ({"id": 67}, {"id": 67}),
        (
            {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0},
            {"evse": 1, "purpose": "tx_default", "stack_level": 0},
        ),
        ({}, {}),
    ],
)
def test_tc_067_cleared(
    bed: Bed, station_16: Player, asked: dict[str, Any], wish: dict[str, Any]
) -> None:
    """By its number, by where it stands, or all of them.

    §5.5
    """
    bed.exchange(
        station_16, "ClearChargingProfile", asked, ACCEPTED, word="clear_profile", wish=wish
    )


def test_tc_072_stacked(bed: Bed, station_16: Player) -> None:
    """Profiles of different levels stand on one another, under the station's own.

    §5.16
    """
    sets(bed, station_16, 72, "ChargePointMaxProfile", connector=0)
    sets(bed, station_16, 73, "TxDefaultProfile")
    sets(bed, station_16, 74, "TxDefaultProfile", stackLevel=1)

    assert station_16.row.commands.filter(state="accepted").count() == 3
