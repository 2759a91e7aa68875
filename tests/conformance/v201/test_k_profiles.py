"""Block K of OCPP 2.0.1: profiles are set, replaced and cleared."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.phrases import at, begin
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}


def profile(number: int, purpose: str, evse: int, **more: Any) -> dict[str, Any]:
    """Return a SetChargingProfile of one hour at 16 A."""
    schedule = {
        "id": number,
        "startSchedule": at(),
        "duration": 3600,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
    }
    given = {
        "id": number,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }
    return {"evseId": evse, "chargingProfile": given | more}


def wish(number: int, purpose: str, evse: int, **more: Any) -> dict[str, Any]:
    """Return the same profile in our words."""
    given = {
        "id": number,
        "purpose": purpose,
        "stack_level": 0,
        "kind": "Absolute",
        "unit": "A",
        "start": at(),
        "duration": 3600,
        "periods": [{"start": 0, "limit": 16}],
    }
    return {"evse": evse, "profile": given | more}


def sets(bed: Bed, station: Player, number: int, purpose: str, evse: int, **more: Any) -> None:
    """Set a profile in our words; the station takes it."""
    ours = {"TxDefaultProfile": "tx_default", "ChargingStationMaxProfile": "station_max"}
    bed.exchange(
        station,
        "SetChargingProfile",
        profile(number, purpose, evse, **more),
        ACCEPTED,
        word="set_profile",
        wish=wish(number, ours[purpose], evse),
    )


def test_tc_k_01_default_for_one_evse(bed: Bed, station: Player) -> None:
    """What holds for every transaction of an EVSE is set.

    K01
    """
    sets(bed, station, 1, "TxDefaultProfile", 1)


def test_tc_k_02_for_a_transaction_that_is_not_there(bed: Bed, station: Player) -> None:
    """A profile for a transaction is refused by a station that has none.

    K01.FR.03
    """
    asked = profile(2, "TxProfile", 1, transactionId="tx-1")
    refused = {"status": "Rejected", "statusInfo": {"reasonCode": "TxNotFound"}}

    bed.exchange(station, "SetChargingProfile", asked, refused, state="rejected")


def test_tc_k_03_for_the_whole_station(bed: Bed, station: Player) -> None:
    """What the station as a whole may draw is set, at EVSE 0.

    K01
    """
    sets(bed, station, 3, "ChargingStationMaxProfile", 0)


def test_tc_k_04_replaced_by_its_number(bed: Bed, station: Player) -> None:
    """The same number again is the same profile with another content.

    K01
    """
    sets(bed, station, 4, "TxDefaultProfile", 1)
    again = profile(4, "TxDefaultProfile", 1, stackLevel=1)

    bed.exchange(station, "SetChargingProfile", again, ACCEPTED)


def test_tc_k_05_cleared_by_its_number(bed: Bed, station: Player) -> None:
    """A profile is cleared by its number.

    K10
    """
    sets(bed, station, 5, "TxDefaultProfile", 1)
    asked = {"chargingProfileId": 5}

    bed.exchange(
        station, "ClearChargingProfile", asked, ACCEPTED, word="clear_profile", wish={"id": 5}
    )


def test_tc_k_06_cleared_by_level_and_purpose(bed: Bed, station: Player) -> None:
    """A profile is cleared by where it stands.

    K10
    """
    sets(bed, station, 6, "TxDefaultProfile", 1)
    place = {"evseId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile"}

    bed.exchange(
        station,
        "ClearChargingProfile",
        {"chargingProfileCriteria": place},
        ACCEPTED,
        word="clear_profile",
        wish={"evse": 1, "stack_level": 0, "purpose": "tx_default"},
    )


def test_tc_k_08_nothing_to_clear(bed: Bed, station: Player) -> None:
    """A station that has no such profile says so.

    K10
    """
    asked = {"chargingProfileId": 8}

    bed.exchange(station, "ClearChargingProfile", asked, {"status": "Unknown"}, state="rejected")


def test_tc_k_10_default_for_every_evse(bed: Bed, station: Player) -> None:
    """What holds for every transaction of the station is set, at EVSE 0.

    K01
    """
    sets(bed, station, 10, "TxDefaultProfile", 0)


def test_tc_k_15_no_smart_charging(bed: Bed, station: Player) -> None:
    """A station that does not know profiles says so; the command ends as failed.

    K01
    """
    asked = profile(15, "TxDefaultProfile", 1)
    command = bed.ask(station, "SetChargingProfile", **asked)
    assert station.expect("SetChargingProfile") == asked
    station.answer_error("NotSupported", "No smart charging here.")

    ended = bed.ended(command)
    assert (ended.state, ended.error.split()[0]) == ("error", "NotSupported")


def test_tc_k_19_recurring(bed: Bed, station: Player) -> None:
    """A profile that comes again every day is set.

    K01
    """
    more = {"chargingProfileKind": "Recurring", "recurrencyKind": "Daily"}
    ours = {"kind": "Recurring", "recurrency": "Daily"}

    bed.exchange(
        station,
        "SetChargingProfile",
        profile(19, "TxDefaultProfile", 1, **more),
        ACCEPTED,
        word="set_profile",
        wish=wish(19, "tx_default", 1, **ours),
    )


def test_tc_k_37_taken_along_by_a_start(bed: Bed, station: Player) -> None:
    """A remote start brings the profile of its session along.

    K05, F01
    """
    uid = bed.token().uid
    along = profile(37, "TxProfile", 1)["chargingProfile"]
    command = bed.ask(station, "remote_start", token=uid, evse=1, profile=along)
    told = station.obey("RequestStartTransaction", status="Accepted")

    assert told["chargingProfile"] == along
    assert bed.ended(command).state == "accepted"


def test_tc_k_60_for_a_transaction_that_goes_on(bed: Bed, station: Player) -> None:
    """The running transaction gets a profile of its own, by its id.

    K01.FR.03
    """
    station.call("TransactionEvent", begin(bed.token().uid))

    bed.exchange(
        station,
        "SetChargingProfile",
        profile(60, "TxProfile", 1, transactionId="tx-1"),
        ACCEPTED,
        word="set_profile",
        wish=wish(60, "tx", 1, transaction="tx-1"),
    )


def test_tc_k_70_several_profiles(bed: Bed, station: Player) -> None:
    """The station's limit and its EVSEs' default are set one after the other.

    K01.FR.06, K01.FR.39
    """
    sets(bed, station, 70, "ChargingStationMaxProfile", 0)
    sets(bed, station, 71, "TxDefaultProfile", 1)
    sets(bed, station, 72, "TxDefaultProfile", 2)

    assert station.row.commands.filter(state="accepted").count() == 3
