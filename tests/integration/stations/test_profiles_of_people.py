"""Charging profiles a person sets: what is refused, what stands, what is cleared."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from stations import charging
from stations.models import (
    Command,
    Session,
    Station,
)
from tests import cast
from tests.integration.stations.shared_site import group_of, profile
from tests.integration.stations.smart_station import (
    NOW,
    answer,
    answer_all,
    begin,
    queued,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> cast.Cast:
    """Return a site whose two stations are online."""
    made = cast.make_cast()
    Station.objects.update(is_online=True, registration="accepted")
    return made


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
