"""Local lists, reservations, signed values and what stations report of power."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from stations import (
    charging,
    commands,
    followups,
    local_lists,
    reservations,
    signatures,
    tokens,
)
from stations.models import (
    ChargingNeed,
    ChargingProfile,
    CompositeSchedule,
    ExternalLimit,
    LocalList,
    MeterKey,
    MeterValue,
    Observation,
    Reservation,
    Session,
    SignedReading,
    Station,
    StationReport,
)
from tests import cast
from tests.integration.stations.smart_station import (
    NOW,
    answer,
    answer_all,
    begin,
    queued,
)
from tests.unit.stations.test_signed import ocmf, public

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    Station.objects.update(is_online=True)
    return made


def report(station: Station, kind: str, payload: dict[str, Any]) -> None:
    StationReport.objects.create(
        operator=station.operator, station=station, kind=kind, payload=payload, received_at=NOW
    )
    followups.follow_station(station_id=station.pk, as_of=NOW)


# --- lists ---------------------------------------------------------------------------------


def told_version(station: Station, version: int) -> None:
    (command,) = queued(station)
    assert command.action == commands.LOCAL_LIST_VERSION
    answer(command, body={"listVersion": version})


def test_a_station_without_a_list_gets_all_tokens_in_full(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)

    assert local_lists.sweep_lists(as_of=NOW) == 1
    told_version(made.ac_station, 0)
    (command,) = queued(made.ac_station)
    assert (command.payload["version"], command.payload["update"]) == (1, "Full")
    assert {each["uid"] for each in command.payload["entries"]} == {"ASTRID01", "BO0001"}
    answer(command)

    row.refresh_from_db()
    assert (row.state, row.version, row.station_version) == ("held", 1, 1)
    assert set(row.entries) == {"astrid01", "bo0001"}
    assert list(local_lists.drift_of(row, NOW)) == []


def test_a_blocked_token_is_sent_to_the_lists_that_hold_it(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 0)
    answer(queued(made.ac_station)[0])

    tokens.block_token(token_id=made.bos_token.pk, reason="unpaid")
    row.refresh_from_db()
    assert row.due_at is not None
    assert [entry.status for entry in local_lists.drift_of(row, NOW)] == ["Blocked"]
    local_lists.bring_up_to_date(list_id=row.pk, as_of=NOW)
    told_version(made.ac_station, 1)

    (command,) = queued(made.ac_station)
    assert (command.payload["version"], command.payload["update"]) == (2, "Differential")
    assert [(e["uid"], e["status"]) for e in command.payload["entries"]] == [("BO0001", "Blocked")]


def test_a_list_longer_than_a_message_goes_in_parts(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    LocalList.objects.update(max_per_message=1)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 7)

    sent = []
    while waiting := queued(made.ac_station):
        sent.append((waiting[0].payload["version"], waiting[0].payload["update"]))
        answer(waiting[0])

    assert sent == [(8, "Full"), (9, "Differential")]
    row.refresh_from_db()
    assert (row.version, len(row.entries)) == (9, 2)


def test_another_version_than_ours_is_drift_and_the_list_is_sent_anew(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 0)
    answer(queued(made.ac_station)[0])

    local_lists.bring_up_to_date(list_id=row.pk, as_of=NOW + 24 * HOUR)
    told_version(made.ac_station, 55)

    (command,) = queued(made.ac_station)
    assert (command.payload["version"], command.payload["update"]) == (56, "Full")


@pytest.mark.parametrize(
    ("word", "state", "due"),
    [("Failed", "refused", True), ("VersionMismatch", "refused", True)],
)
def test_a_list_a_station_did_not_take_is_sent_anew_later(
    made: cast.Cast, word: str, state: str, due: bool
) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 0)
    answer(queued(made.ac_station)[0], "rejected", {"status": word})

    row.refresh_from_db()
    assert (row.state, row.reason, row.due_at is not None) == (state, word, due)


def test_a_station_that_holds_no_lists_is_not_asked_again(made: cast.Cast) -> None:
    local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, -1)

    assert LocalList.objects.get().state == "unsupported"
    tokens.block_token(token_id=made.bos_token.pk, reason="unpaid")
    assert local_lists.sweep_lists(as_of=NOW + 48 * HOUR) == 0


def test_a_list_no_longer_wanted_is_emptied(made: cast.Cast) -> None:
    local_lists.want_list(station=made.ac_station, is_wanted=False, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 3)

    (command,) = queued(made.ac_station)
    assert (command.payload["update"], command.payload["entries"]) == ("Full", [])


# --- reservations --------------------------------------------------------------------------


def reserved(made: cast.Cast, **rest: Any) -> Reservation:
    given: dict[str, Any] = {
        "station": made.ac_station,
        "connector": made.socket,
        "token": made.astrids_token,
        "expires_at": NOW + HOUR,
        "as_of": NOW,
    }
    return reservations.reserve(**(given | rest))


@pytest.mark.parametrize(
    ("state", "becomes"),
    [
        ("accepted", "active"),
        ("rejected", "refused"),
        ("error", "refused"),
        ("timeout", "active"),
        ("expired", "refused"),
    ],
)
def test_a_reservation_is_what_the_station_says(made: cast.Cast, state: str, becomes: str) -> None:
    made_one = reserved(made)
    answer(queued(made.ac_station)[0], state)

    made_one.refresh_from_db()
    assert made_one.state == becomes


def test_a_session_of_its_token_uses_a_reservation(made: cast.Cast) -> None:
    made_one = reserved(made)
    answer_all(made.ac_station)
    session = begin(made.socket, "1", NOW + timedelta(minutes=5))
    Session.objects.filter(pk=session.pk).update(token=made.astrids_token)

    assert reservations.match_sessions(station_id=made.ac_station.pk, as_of=NOW + HOUR) == 1

    made_one.refresh_from_db()
    assert (made_one.state, made_one.session_id) == ("used", session.pk)


def test_a_start_that_names_its_reservation_uses_it(made: cast.Cast) -> None:
    made_one = reserved(made)
    answer_all(made.ac_station)

    report(made.ac_station, "ReservationUsed", {"reservationId": made_one.number})

    made_one.refresh_from_db()
    assert made_one.state == "used"


@pytest.mark.parametrize(("word", "state"), [("Expired", "expired"), ("Removed", "removed")])
def test_a_station_may_end_a_reservation_itself(made: cast.Cast, word: str, state: str) -> None:
    made_one = reserved(made)
    answer_all(made.ac_station)
    payload = {"reservationId": made_one.number, "reservationUpdateStatus": word}

    report(made.ac_station, "ReservationStatusUpdate", payload)

    made_one.refresh_from_db()
    assert made_one.state == state


@pytest.mark.parametrize("state", ["accepted", "rejected"])
def test_a_cancelled_reservation_is_over_also_where_the_station_knew_none(
    made: cast.Cast, state: str
) -> None:
    made_one = reserved(made)
    answer_all(made.ac_station)

    assert reservations.cancel(reservation=made_one, as_of=NOW)
    answer(queued(made.ac_station)[0], state)

    made_one.refresh_from_db()
    assert made_one.state == "cancelled"
    assert not reservations.cancel(reservation=made_one, as_of=NOW)


def test_a_reservation_ends_with_its_time(made: cast.Cast) -> None:
    made_one = reserved(made)
    answer_all(made.ac_station)

    assert reservations.sweep_expired(as_of=NOW + HOUR + timedelta(minutes=1)) == 0
    assert reservations.sweep_expired(as_of=NOW + HOUR + timedelta(minutes=3)) == 1
    made_one.refresh_from_db()
    assert made_one.state == "expired"


def test_a_reservation_that_cannot_be_is_refused(made: cast.Cast) -> None:
    reserved(made)
    other = Station.objects.get(pk=made.dc_station.pk)
    bad: list[dict[str, Any]] = [
        {},
        {"expires_at": NOW - HOUR},
        {"expires_at": NOW + 30 * HOUR},
        {"station": other},
    ]
    for rest in bad:
        with pytest.raises(reservations.ReservationRefused):
            reserved(made, **rest)
    made.bos_token.is_blocked = True
    with pytest.raises(reservations.ReservationRefused):
        reserved(made, connector=None, token=made.bos_token)
    begin(made.tethered, "x")
    with pytest.raises(reservations.ReservationRefused):
        reserved(made, station=made.dc_station, connector=made.tethered)
    assert reserved(made, connector=None).number == 2


# --- power as stations report it -----------------------------------------------------------

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


# --- signed values -------------------------------------------------------------------------


def signed_session(made: cast.Cast, text: str, key: str = "") -> Session:
    session = begin(made.socket, "77")
    wrapped: dict[str, Any] = {"signedMeterData": base64.b64encode(text.encode()).decode()}
    if key:
        told = f"oca:base16:asn1:{key}".encode()
        wrapped["publicKey"] = base64.b64encode(told).decode()
    MeterValue.objects.create(
        id=session.pk,
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        session_id=session.pk,
        occurred_at=NOW,
        received_at=NOW,
        extra={"other": [{"signedMeterValue": wrapped, "context": "Transaction.End"}]},
    )
    return session


def test_a_signed_value_is_kept_word_for_word_and_believed_once_its_key_is(
    made: cast.Cast,
) -> None:
    session = signed_session(made, ocmf(), public())

    assert signatures.keep_signed(session_id=session.pk, as_of=NOW) == 1
    assert signatures.keep_signed(session_id=session.pk, as_of=NOW) == 0
    reading = SignedReading.objects.get()
    assert (reading.verdict, reading.reason) == ("unknown", "no key is trusted yet")
    assert (reading.energy_wh, reading.meter_serial) == (13_500, "M-1")

    key = MeterKey.objects.get()
    assert signatures.approve_key(key=key, approved_by=made.cilla, as_of=NOW) == 1
    reading.refresh_from_db()
    assert reading.verdict == "good"


def test_a_signature_that_does_not_hold_makes_a_person_look(made: cast.Cast) -> None:
    session = signed_session(made, ocmf().replace("13.5", "99.5"))
    signatures.add_key(
        station=made.ac_station,
        connector_id=None,
        key=public(),
        approved_by=made.cilla,
        as_of=NOW,
    )
    Session.objects.filter(pk=session.pk).update(completed_at=NOW)

    assert signatures.sweep_signed(as_of=NOW) == 1

    session.refresh_from_db()
    assert session.needs_review
    assert session.flags == ["signature_bad"]
    assert Observation.objects.get().kind == "meter_signature_bad"
    with pytest.raises(signatures.KeyRefused):
        signatures.add_key(
            station=made.ac_station,
            connector_id=None,
            key="no key",
            approved_by=made.cilla,
            as_of=NOW,
        )


def test_text_that_is_no_ocmf_is_kept_all_the_same(made: cast.Cast) -> None:
    session = signed_session(made, "<signedData/>")

    signatures.keep_signed(session_id=session.pk, as_of=NOW)

    reading = SignedReading.objects.get()
    assert (reading.verdict, reading.sample["context"]) == ("unknown", "Transaction.End")
    assert reading.reason.startswith("not OCMF")
