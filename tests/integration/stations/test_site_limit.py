"""A site's shared limit, from a session's start to what its station is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from stations import charging, followups
from stations.models import (
    ChargingProfile,
    Command,
    Connector,
    Hold,
    LoadGroup,
    LoadMember,
    LoadShare,
    MeterValue,
    Observation,
    Session,
    Station,
    StationReport,
)
from tests import cast
from tests.integration.stations.smart_station import (
    NOW,
    answer,
    answer_all,
    begin,
    end,
    queued,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> cast.Cast:
    """Return a site whose two stations are online."""
    made = cast.make_cast()
    Station.objects.update(is_online=True, registration="accepted")
    return made


def group_of(site: cast.Cast, limit_a: int = 20, stations: int = 1) -> LoadGroup:
    ids = [site.ac_station.pk, site.dc_station.pk][:stations]
    return charging.create_group(
        location=site.location, name="Garaget", limit_a=limit_a, station_ids=ids, as_of=NOW
    )


def reconcile(group: LoadGroup, seconds: int = 0) -> None:
    charging.reconcile_group(group_id=group.pk, as_of=NOW + timedelta(seconds=seconds))


def limits_sent(station: Station) -> list[tuple[str, int, str]]:
    return [
        (
            command.payload["profile"]["purpose"],
            command.payload["evse"],
            command.payload["profile"]["periods"][0]["limit"],
        )
        for command in queued(station)
    ]


def second(site: cast.Cast) -> Connector:
    return Connector.objects.get(station=site.ac_station, evse__number=2)


def share_of(connector: Connector) -> LoadShare:
    return LoadShare.objects.get(connector=connector)


def test_a_station_gets_its_safe_default_before_anything_else(site: cast.Cast) -> None:
    group = group_of(site)

    reconcile(group)

    assert limits_sent(site.ac_station) == [("tx_default", 0, "0")]
    answer_all(site.ac_station)
    member = LoadMember.objects.get()
    assert (member.default_a, member.default_pending_a) == (0, None)
    profile = ChargingProfile.objects.get()
    assert (profile.state, profile.maker) == ("installed", "site")
    reconcile(group, 60)
    assert queued(site.ac_station) == []


def test_two_cars_share_and_the_second_waits_until_the_first_gave_up_its_part(
    site: cast.Cast,
) -> None:
    group = group_of(site, limit_a=20)
    reconcile(group)
    answer_all(site.ac_station)
    begin(site.socket, "1")
    reconcile(group)
    assert limits_sent(site.ac_station) == [("tx", 1, "20")]
    answer_all(site.ac_station)

    begin(second(site), "2")
    reconcile(group, 60)
    assert limits_sent(site.ac_station) == [("tx", 1, "10")]
    assert share_of(second(site)).state == "waiting"
    answer_all(site.ac_station)

    assert share_of(site.socket).confirmed_a == 10
    assert share_of(second(site)).confirmed_a == 10
    group.refresh_from_db()
    assert group.ceiling_l1_a == 20


def test_who_does_not_fit_is_held_seen_by_rules_and_gets_a_turn(site: cast.Cast) -> None:
    group = group_of(site, limit_a=10)
    reconcile(group)
    answer_all(site.ac_station)
    first = begin(site.socket, "1")
    reconcile(group)
    answer_all(site.ac_station)
    later = begin(second(site), "2")
    reconcile(group, 10)
    answer_all(site.ac_station)

    assert share_of(second(site)).state == "held"
    hold = Hold.objects.get(session=later)
    assert hold.ended_at is None
    assert Observation.objects.filter(
        kind="held_by_site_limit", connector=second(site), source_id=f"hold:{hold.pk}"
    ).exists()

    turn = NOW + timedelta(seconds=1000)
    charging.reconcile_group(group_id=group.pk, as_of=turn)
    answer_all(site.ac_station, as_of=turn)
    charging.reconcile_group(group_id=group.pk, as_of=turn)
    answer_all(site.ac_station, as_of=turn)

    assert share_of(second(site)).confirmed_a == 10
    assert share_of(site.socket).confirmed_a == 0
    hold.refresh_from_db()
    assert hold.ended_at == turn
    assert Hold.objects.get(session=first, ended_at=None)


def test_a_session_s_end_frees_its_part_and_forgets_its_profile(site: cast.Cast) -> None:
    group = group_of(site)
    reconcile(group)
    answer_all(site.ac_station)
    first = begin(site.socket, "1")
    reconcile(group)
    answer_all(site.ac_station)

    end(first)
    reconcile(group, 30)

    share = share_of(site.socket)
    assert (share.state, share.confirmed_a, share.session) == ("idle", None, None)
    assert ChargingProfile.objects.get(purpose="tx").state == "cleared"
    group.refresh_from_db()
    assert group.ceiling_l1_a == 0


def test_a_station_out_of_reach_keeps_its_part_reserved(site: cast.Cast) -> None:
    group = group_of(site, limit_a=20)
    reconcile(group)
    answer_all(site.ac_station)
    first = begin(site.socket, "1")
    reconcile(group)
    answer_all(site.ac_station)

    Station.objects.update(is_online=False)
    end(first)
    reconcile(group, 60)

    share = share_of(site.socket)
    assert (share.state, share.confirmed_a) == ("offline", 20)
    assert queued(site.ac_station) == []


@pytest.mark.parametrize("how", ["timeout", "unknown"])
def test_a_limit_nobody_confirmed_is_reckoned_with_and_sent_again(
    site: cast.Cast, how: str
) -> None:
    group = group_of(site, limit_a=20)
    reconcile(group)
    answer_all(site.ac_station)
    begin(site.socket, "1")
    reconcile(group)

    (command,) = queued(site.ac_station)
    answer(command, how)

    share = share_of(site.socket)
    assert (share.confirmed_a, share.is_unsure, share.pending_a) == (20, True, 20)
    assert ChargingProfile.objects.get(purpose="tx").state == "sent"
    answer_all(site.ac_station)
    assert share_of(site.socket).is_unsure is False


def test_a_refusal_keeps_the_default_and_is_tried_again_later(site: cast.Cast) -> None:
    group = group_of(site)
    reconcile(group)
    answer_all(site.ac_station)
    begin(site.socket, "1")
    reconcile(group)
    answer_all(site.ac_station, "rejected")

    share = share_of(site.socket)
    assert (share.state, share.confirmed_a) == ("refused", None)
    profile = ChargingProfile.objects.get(purpose="tx")
    assert (profile.state, profile.reason) == ("refused", "Rejected")
    reconcile(group, 60)
    assert queued(site.ac_station) == []
    reconcile(group, 700)
    assert len(queued(site.ac_station)) == 1


def test_a_station_that_refuses_its_default_reserves_all_it_can_draw(site: cast.Cast) -> None:
    group = group_of(site, limit_a=50)
    reconcile(group)
    answer_all(site.ac_station, "rejected")

    group.refresh_from_db()
    assert group.ceiling_l1_a == 64
    assert Observation.objects.filter(kind="site_limit_unprotected").count() == 1


def test_a_command_that_never_left_changes_nothing(site: cast.Cast) -> None:
    group = group_of(site)
    reconcile(group)
    answer_all(site.ac_station)
    begin(site.socket, "1")
    reconcile(group)

    (command,) = queued(site.ac_station)
    answer(command, "expired", as_of=NOW + timedelta(seconds=130))

    share = share_of(site.socket)
    assert share.confirmed_a is None
    assert len(queued(site.ac_station)) == 1


def test_a_call_whose_end_nobody_followed_is_reckoned_as_lost(site: cast.Cast) -> None:
    group = group_of(site)
    reconcile(group)
    answer_all(site.ac_station)
    begin(site.socket, "1")
    reconcile(group)
    Command.objects.update(state="accepted", finished_at=NOW, followed_at=NOW)

    reconcile(group, 60)

    assert share_of(site.socket).is_unsure is True


def test_a_dc_station_is_limited_in_watts_and_shares_amperes(site: cast.Cast) -> None:
    group = group_of(site, limit_a=100, stations=2)
    reconcile(group)
    answer_all(site.ac_station)
    answer_all(site.dc_station)
    LoadMember.objects.filter(station=site.dc_station).update(is_dc=True)
    begin(site.tethered, "tx-dc")
    begin(site.socket, "1")

    reconcile(group)

    # the other socket, where nobody charges, keeps its safe 6 A
    (dc,) = queued(site.dc_station)
    assert dc.payload["profile"]["unit"] == "W"
    assert dc.payload["profile"]["periods"] == [{"start": 0, "limit": str(int(62 * 690 * 0.92))}]
    assert limits_sent(site.ac_station) == [("tx", 1, "32")]


def test_what_a_car_does_not_draw_goes_to_the_other_one(site: cast.Cast) -> None:
    group = group_of(site, limit_a=40)
    reconcile(group)
    answer_all(site.ac_station)
    first, other = begin(site.socket, "1"), begin(second(site), "2")
    reconcile(group)
    answer_all(site.ac_station)
    assert (share_of(site.socket).confirmed_a, share_of(second(site)).confirmed_a) == (20, 20)

    later = NOW + timedelta(seconds=90)
    for session, amperes in ((first, 9), (other, 20)):
        MeterValue.objects.create(
            id=session.pk,
            operator_id=session.operator_id,
            station_id=session.station_id,
            connector_id=session.connector_id,
            session_id=session.pk,
            occurred_at=later,
            received_at=later,
            current_l1_a=amperes,
            current_l2_a=amperes,
            current_l3_a=amperes,
        )
    charging.reconcile_group(group_id=group.pk, as_of=later)
    answer_all(site.ac_station, as_of=later)

    assert (share_of(site.socket).confirmed_a, share_of(second(site)).confirmed_a) == (11, 29)


def test_a_booted_station_is_told_its_default_again(site: cast.Cast) -> None:
    group = group_of(site)
    reconcile(group)
    answer_all(site.ac_station)
    StationReport.objects.create(
        operator=site.operator,
        station=site.ac_station,
        kind="BootNotification",
        payload={},
        received_at=NOW,
    )

    followups.follow_station(station_id=site.ac_station.pk, as_of=NOW)

    assert limits_sent(site.ac_station) == [("tx_default", 0, "0")]
    assert LoadMember.objects.get().default_a == 0


def test_leaving_a_limit_tells_the_station_to_forget_it(site: cast.Cast) -> None:
    group = group_of(site)
    reconcile(group)
    answer_all(site.ac_station)

    charging.end_group(group=group, as_of=NOW)

    assert [command.action for command in queued(site.ac_station)] == ["clear_profile"]
    answer_all(site.ac_station)
    assert ChargingProfile.objects.get().state == "cleared"
    assert not LoadMember.objects.exists()
    assert charging.reconcile_group(group_id=group.pk, as_of=NOW) is None


def test_a_limit_is_refused_that_cannot_be(site: cast.Cast) -> None:
    group = group_of(site)
    with pytest.raises(charging.GroupRefused):
        group_of(site)
    with pytest.raises(charging.GroupRefused):
        charging.change_group(group=group, limit_a=5, rotation_s=900)
    with pytest.raises(charging.GroupRefused):
        charging.change_group(group=group, limit_a=20, rotation_s=900, safe_current_a=12)
    with pytest.raises(charging.GroupRefused):
        charging.set_wiring(member=LoadMember.objects.get(), phases="321")
    other = charging.create_group(
        location=site.location, name="Gatan", limit_a=40, station_ids=[], as_of=NOW
    )
    with pytest.raises(charging.GroupRefused):
        charging.set_members(group=other, station_ids=[site.ac_station.pk], as_of=NOW)


def profile(**rest: Any) -> charging.Wish:
    schedule = {
        "kind": "Absolute",
        "unit": "A",
        "start": "2026-11-22T12:00:00Z",
        "periods": [{"start": 0, "limit": "16"}],
    }
    schedule |= rest.pop("schedule", {})
    return charging.Wish(**({"purpose": "tx_default", "schedule": schedule} | rest))


@pytest.mark.parametrize(
    "rest",
    [
        {"purpose": "external"},
        {"purpose": "priority"},
        {"purpose": "tx"},
        {"purpose": "tx", "transaction": "77", "evse_number": 1},
        {"purpose": "station_max", "evse_number": 1},
        {"purpose": "station_max", "schedule": {"kind": "Relative"}},
        {"transaction": "1"},
        {"evse_number": 9},
        {"schedule": {"unit": "V"}},
        {"schedule": {"kind": "Sometimes"}},
        {"schedule": {"kind": "Recurring"}},
        {"schedule": {"start": None}},
        {"schedule": {"periods": []}},
        {"schedule": {"periods": [{"start": 5, "limit": 1}]}},
        {"schedule": {"periods": [{"start": 0, "limit": -1}]}},
    ],
)
def test_a_profile_that_breaks_a_rule_is_refused(site: cast.Cast, rest: dict[str, Any]) -> None:
    with pytest.raises(charging.ProfileRefused):
        charging.set_profile(station=site.ac_station, wish=profile(**rest), as_of=NOW)
    assert not Command.objects.exists()


def test_two_profiles_never_stand_at_one_level_not_even_by_raw_sql(site: cast.Cast) -> None:
    first = charging.set_profile(station=site.ac_station, wish=profile(), as_of=NOW)
    with pytest.raises(charging.ProfileRefused):
        charging.set_profile(station=site.ac_station, wish=profile(), as_of=NOW)
    same = profile(number=first.number, schedule={"periods": [{"start": 0, "limit": 8}]})
    again = charging.set_profile(station=site.ac_station, wish=same, as_of=NOW)

    assert again.pk == first.pk
    first.pk, first.number = None, 99
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_a_person_s_profile_does_not_break_a_site_s_promise(site: cast.Cast) -> None:
    group_of(site)

    with pytest.raises(charging.ProfileRefused):
        charging.set_profile(station=site.ac_station, wish=profile(stack_level=5), as_of=NOW)
    charging.set_profile(station=site.ac_station, wish=profile(purpose="station_max"), as_of=NOW)


def test_a_refused_change_leaves_what_was_accepted_before(site: cast.Cast) -> None:
    first = charging.set_profile(station=site.ac_station, wish=profile(), as_of=NOW)
    answer_all(site.ac_station)
    wish = profile(number=first.number, schedule={"periods": [{"start": 0, "limit": 8}]})
    charging.set_profile(station=site.ac_station, wish=wish, as_of=NOW)
    answer_all(site.ac_station, "rejected")

    first.refresh_from_db()
    assert first.state == "installed"
    assert (first.accepted or {})["periods"] == [{"start": 0, "limit": "16"}]


def test_clearing_what_the_station_does_not_know_is_done(site: cast.Cast) -> None:
    first = charging.set_profile(station=site.ac_station, wish=profile(), as_of=NOW)
    answer_all(site.ac_station)
    charging.clear_profile(profile=first, as_of=NOW)
    (command,) = queued(site.ac_station)
    answer(command, "rejected", {"status": "Unknown"})

    first.refresh_from_db()
    assert (first.state, first.accepted) == ("cleared", None)


def test_a_session_s_state_says_it_is_still_going_on(site: cast.Cast) -> None:
    begin(site.socket, "5")
    wish = profile(purpose="tx", transaction="5", evse_number=1)

    made = charging.set_profile(station=site.ac_station, wish=wish, as_of=NOW)

    assert made.transaction == "5"
    assert Session.objects.get().state == "open"
