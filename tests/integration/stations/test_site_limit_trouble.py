"""A shared limit while stations are away, refuse, or lose answers."""

from datetime import timedelta

import pytest

from stations.models import (
    ChargingProfile,
    Command,
    Observation,
    Station,
)
from tests import cast
from tests.integration.stations.shared_site import group_of, reconcile, share_of
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
