"""How a site is used is read once for its stations, each in its own minute of the hour."""

from datetime import timedelta

import pytest

from faults import detection, queries
from faults.models import Downtime, Fault, RuleState, Ticket
from stations.models import Location
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def test_a_site_shows_the_starts_of_each_kind_and_when_nobody_could_come(made: Cast) -> None:
    for day in (1, 2, 70):
        scene.charge(made.socket, made.astrids_token, at=NOON - day * DAY)
    scene.charge(made.tethered, None, at=NOON - DAY)
    Downtime.objects.create(
        operator=made.operator,
        connector=made.socket,
        reason_code="F02",
        started_at=NOON - 5 * DAY,
        ended_at=NOON - 4 * DAY,
    )
    Downtime.objects.create(
        operator=made.operator, connector=made.socket, reason_code="F11", started_at=NOON - DAY
    )
    type(made.tethered).objects.filter(pk=made.tethered.pk).update(standard="CHADEMO")

    usages = queries.usage_of_site(made.location.pk, NOON)

    mine = usages[made.socket.pk]
    assert mine.starts[made.socket.pk] == (NOON - 2 * DAY, NOON - DAY)
    assert made.tethered.pk not in mine.starts
    assert mine.away[made.socket.pk] == ((NOON - 5 * DAY, NOON - 4 * DAY),)
    assert set(usages[None].starts) >= {made.socket.pk, made.tethered.pk}
    assert len(mine.demand) == 168


def test_a_busy_connector_that_falls_silent_is_found_in_the_hourly_look(made: Cast) -> None:
    for number in range(240):
        scene.charge(made.socket, made.astrids_token, at=NOON - 60 * DAY + number * DAY / 5)
    scene.say(made.socket, "Available", at=NOON)

    found = [
        detection.sweep_usage(as_of=NOON + minutes(60 * hour + minute))
        for hour in (0, 72)
        for minute in range(60)
    ]

    assert sum(found) == 2
    fault = Fault.objects.get(code="F11")
    assert (fault.connector_id, fault.state) == (made.socket.pk, "firing")


def test_how_often_connectors_are_used_is_worked_out_for_each_kind(made: Cast) -> None:
    for day in range(10):
        scene.charge(made.socket, made.astrids_token, at=NOON - day * DAY)

    detection.sweep_peers(as_of=NOON)
    detection.sweep_peers(as_of=NOON + DAY)

    row = RuleState.objects.get(operator=made.operator, code="peers")
    assert row.state == {"IEC_62196_T2": [pytest.approx(1.0, abs=0.01)]}
    assert queries.usage_of_site(made.location.pk, NOON)[made.socket.pk].peer_rates


def test_a_site_where_nobody_comes_any_more_is_one_ticket_and_no_connectors_fault(
    made: Cast,
) -> None:
    both = (made.socket, made.tethered)
    type(made.tethered).objects.filter(pk__in=[one.pk for one in both]).update(
        standard="IEC_62196_T2"
    )
    for number in range(240):
        for connector in both:
            scene.charge(connector, made.astrids_token, at=NOON - 60 * DAY + number * DAY / 5)
    for connector in both:
        scene.say(connector, "Available", at=NOON - 12 * DAY)

    detection.examine_usage(location_id=made.location.pk, as_of=NOON)

    assert set(Fault.objects.filter(code="F11").values_list("scope", "severity")) == {
        ("connector", 5),
        ("site", 5),
    }
    ticket = Ticket.objects.get()
    assert (ticket.scope_key, ticket.severity) == (f"site:{made.location.pk}", 5)

    scene.charge(made.socket, made.astrids_token, at=NOON + DAY)
    detection.examine_usage(location_id=made.location.pk, as_of=NOON + 2 * DAY)

    assert not Fault.objects.filter(code="F11", scope="site", state="firing").exists()
    assert Ticket.objects.get().state == "closed"


def test_closed_hours_are_no_silence(made: Cast) -> None:
    for day in range(20):
        scene.charge(made.socket, made.astrids_token, at=NOON - day * DAY)
    weekdays = {day: [["06:00", "22:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    Location.objects.filter(pk=made.location.pk).update(opening_hours=weekdays)

    away = queries.usage_of_site(made.location.pk, NOON)[made.socket.pk].away[made.socket.pk]

    # Monday noon: it was closed from Friday at ten in the evening
    assert (away[-1][0], away[-1][1]) == (
        NOON - 2.625 * DAY + timedelta(0),
        NOON - timedelta(hours=7),
    )
