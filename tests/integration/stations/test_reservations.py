"""Reservations: what the station says of them, and how they end."""

from datetime import timedelta
from typing import Any

import pytest

from stations import reservations
from stations.models import (
    Reservation,
    Session,
    Station,
)
from tests import cast
from tests.integration.stations.reported import HOUR, report
from tests.integration.stations.smart_station import (
    NOW,
    answer,
    answer_all,
    begin,
    queued,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    Station.objects.update(is_online=True)
    return made


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
