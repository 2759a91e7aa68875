"""The weekly list of what the records contradict, one scene for each finding."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from faults import quality
from faults.queries.quality import QUALITY
from faults.queries.quality_list import KINDS
from stations.models import Connector, Observation, Session, Station, StatusChange
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db

# A Tuesday; the week before it began on Monday the 9th.
TODAY = datetime(2026, 11, 17, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> Cast:
    """The cast, at stations put up so lately that nobody need have charged there."""
    found = cast.make_cast()
    Station.objects.update(created_at=TODAY)
    return found


def charge(made: Cast, hour: float, **known: object) -> Session:
    session = scene.charge(made.socket, made.astrids_token, at=MONDAY + hour * HOUR)
    Session.objects.filter(pk=session.pk).update(**known)
    return session


def found() -> dict[str, int]:
    quality.list_week(as_of=TODAY)
    rows = Observation.objects.filter(kind=QUALITY)
    return {one.detail["word"]: one.detail["count"] for one in rows}


def test_records_that_agree_give_an_empty_list(made: Cast) -> None:
    for hour in (1, 5, 30):
        charge(made, hour)

    assert found() == {}


def test_two_sessions_that_begin_at_once_are_one_too_many(made: Cast) -> None:
    charge(made, 1)
    charge(made, 1)

    assert found() == {"duplicate_session": 1}


def test_a_session_that_begins_before_the_last_one_ended_overlaps(made: Cast) -> None:
    charge(made, 1)
    charge(made, 1.5)
    charge(made, 8)

    assert found() == {"overlapping_sessions": 1}


def test_no_length_and_a_week_s_length_are_both_noted(made: Cast) -> None:
    charge(made, 1, ended_at=MONDAY + HOUR)
    charge(made, 100, started_at=MONDAY - timedelta(days=6))

    assert found() == {"no_duration": 1, "very_long_session": 1}


def test_more_than_sixty_sessions_in_a_day_are_too_many(made: Cast) -> None:
    for number in range(61):
        charge(made, number / 4, ended_at=MONDAY + number / 4 * HOUR + timedelta(minutes=9))

    assert found() == {"too_many_sessions": 61}


def states(made: Cast, number: int, status: str, apart: timedelta) -> None:
    StatusChange.objects.bulk_create(
        StatusChange(
            operator=made.operator,
            station=made.socket.station,
            connector=made.socket,
            status=status,
            occurred_at=MONDAY + n * apart,
            received_at=MONDAY + n * apart,
        )
        for n in range(number)
    )


def test_a_state_more_often_than_each_minute_is_too_often(made: Cast) -> None:
    states(made, 1441, "Available", timedelta(seconds=50))

    assert found() == {"too_many_states": 1441}


def test_what_has_not_happened_yet_cannot_be_told(made: Cast) -> None:
    at = MONDAY + HOUR
    scene.say(made.socket, "Available", at=at + 3 * HOUR, received_at=at)

    assert found() == {"future_time": 1}


def test_charging_at_what_is_out_of_service_contradicts_it(made: Cast) -> None:
    scene.say(made.socket, "Unavailable", at=MONDAY + HOUR)
    scene.say(made.socket, "Charging", at=MONDAY + 20 * HOUR)
    charge(made, 2)

    assert found() == {"used_while_unavailable": 1}


def test_busy_days_and_days_of_sessions_must_be_the_same(made: Cast) -> None:
    scene.say(made.socket, "Charging", at=MONDAY + HOUR)
    charge(made, 30)

    assert found() == {"busy_without_session": 1, "session_without_busy": 1}


def test_sessions_that_give_more_than_the_rated_power_accuse_the_master_data(made: Cast) -> None:
    Connector.objects.filter(pk=made.socket.pk).update(max_power_w=7_400)
    for hour in (1, 5):
        charge(made, hour, energy_wh=12_000)
    assert found() == {}
    charge(made, 9, energy_wh=12_000)

    assert found() == {"power_above_rating": 3}


def test_a_connector_nobody_ever_used_is_listed_after_a_month(made: Cast) -> None:
    used = charge(made, 1)
    Station.objects.update(created_at=TODAY - timedelta(days=40))

    assert "never_used" in found()
    listed = Observation.objects.filter(detail__word="never_used")
    assert used.connector_id not in set(listed.values_list("connector_id", flat=True))
    assert listed.count() == Connector.objects.count() - 1


def test_each_finding_is_listed_once_however_often_the_week_is_read(made: Cast) -> None:
    charge(made, 1)
    charge(made, 1)
    found()
    found()

    assert Observation.objects.filter(kind=QUALITY).count() == 1
    assert quality.week_of(MONDAY) == MONDAY
    assert quality.week_of(TODAY) == MONDAY + timedelta(days=7)


def test_the_page_explains_each_finding_and_gives_it_as_a_file(made: Cast, client: Client) -> None:
    charge(made, 1)
    charge(made, 1)
    found()
    client.force_login(made.dag)
    page = client.get(reverse("quality_list")).content.decode()
    file = client.get(reverse("quality_list"), {"format": "csv"})

    assert "Only one of them can be true" in page
    assert made.socket.station.name in page
    written = b"".join(getattr(file, "streaming_content", [file.content])).decode()
    assert "2026-W46" in written
    for sort in ("week", "-what", "count", "example", "where"):
        assert client.get(reverse("quality_list"), {"sort": sort}).status_code == 200


def test_every_check_has_words() -> None:
    assert all(name and meaning for name, meaning in KINDS.values())
