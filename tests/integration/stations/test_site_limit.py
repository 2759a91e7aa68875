"""A site's shared limit, from a session's start to what its station is told."""

from datetime import timedelta

import pytest

from stations import charging, followups
from stations.models import (
    ChargingProfile,
    Connector,
    Hold,
    LoadMember,
    MeterValue,
    Observation,
    Station,
    StationReport,
)
from tests import cast
from tests.integration.stations.shared_site import group_of, reconcile, share_of
from tests.integration.stations.smart_station import (
    NOW,
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
