"""S61 again: several changes of one password before anybody drew from how they ended."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from stations import credentials, followups, registry
from stations.credentials import CredentialsRefused
from stations.models import Command, Station, StationAccess
from tests.cast import Cast, make_cast
from tests.integration.stations.conftest import fresh

pytestmark = pytest.mark.django_db
NEW = [f"a-new-password-no-{number}" for number in range(9)]


def made() -> tuple[Cast, Station]:
    cast = make_cast()
    registry.set_password(cast.ac_station, "the-password-of-old")
    Station.objects.filter(pk=cast.ac_station.pk).update(ocpp_version="1.6")
    return cast, fresh(cast.ac_station)


def rotate(station: Station, password: str, state: str, as_of: datetime) -> None:
    """Give a station a new password, which it takes in; the worker hears nothing yet."""
    command = credentials.rotate_password(
        station=station, requested_by=None, as_of=as_of, password=password
    )
    answer = {"status": "Accepted"} if state == "accepted" else None
    Command.objects.filter(pk=command.pk).update(
        state=state, sent_at=as_of, finished_at=as_of, answer=answer
    )


def opens(station: Station, password: str) -> bool:
    kept = [fresh(station).password_hash]
    kept += StationAccess.objects.get(station=station).pending_password_hash.split()
    return any(registry.check_password(each, password.encode()) for each in kept)


def test_two_accepted_before_the_worker_is_back_leave_the_last_one_open() -> None:
    """The first one's end must not throw away what the station uses by now."""
    _cast, station = made()
    now = timezone.now()
    rotate(station, NEW[0], "accepted", now)
    rotate(station, NEW[1], "accepted", now + timedelta(minutes=1))

    followups.follow_station(station_id=station.pk, as_of=now + timedelta(minutes=10))

    assert opens(station, NEW[1])
    assert not opens(station, NEW[0])


def test_accepted_and_then_open_leaves_both_of_them() -> None:
    _cast, station = made()
    now = timezone.now()
    rotate(station, NEW[0], "accepted", now)
    rotate(station, NEW[1], "timeout", now + timedelta(minutes=1))

    followups.follow_station(station_id=station.pk, as_of=now + timedelta(minutes=10))

    assert opens(station, NEW[0])
    assert opens(station, NEW[1])
    assert not opens(station, "the-password-of-old")


def test_a_mute_station_is_given_no_fifth_password_for_it_may_use_the_first() -> None:
    _cast, station = made()
    now = timezone.now()
    for number in range(credentials.MOST_PENDING):
        rotate(station, NEW[number], "timeout", now + timedelta(hours=number))
        followups.follow_station(station_id=station.pk, as_of=now + timedelta(hours=number))

    with pytest.raises(CredentialsRefused):
        credentials.rotate_password(station=station, requested_by=None, as_of=now, password=NEW[8])

    assert all(opens(station, each) for each in NEW[: credentials.MOST_PENDING])
