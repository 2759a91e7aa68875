"""One fault on a page: what was seen, how it went, what it cost, and what explains it."""

from datetime import timedelta

import pytest
from django.test import Client

from chargenet.core import clock
from chargenet.dashboard.queries import fault_page
from faults import detection
from faults.models import Fault
from stations.models import Station
from tests.cast import Cast, make_cast
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> Cast:
    return make_cast()


@pytest.fixture
def cilla(made: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    return client


def found(made: Cast, code: str = "ReaderFailure") -> Fault:
    """A fault the station reported an hour ago, and that was found then."""
    now = clock.now()
    Station.objects.update(is_online=True, connected_at=now - 2 * HOUR, last_seen_at=now)
    scene.say(made.socket, "Faulted", at=now - HOUR, code=code)
    detection.examine_station(station_id=made.ac_station.pk, as_of=now - HOUR)
    return Fault.objects.latest("pk")


def other(fault: Fault, **more: object) -> Fault:
    """Another fault like it, with some things different."""
    kept = {
        name: getattr(fault, name)
        for name in ("operator", "code", "scope", "scope_key", "location", "severity")
    }
    times = {"began_at": fault.began_at, "opened_at": fault.began_at}
    seen = {"last_seen_at": fault.last_seen_at, "state": "firing", "station": fault.station}
    return Fault.objects.create(**{**kept, **times, **seen, **more})


def test_a_page_tells_how_a_fault_went_and_what_it_cost(made: Cast, cilla: Client) -> None:
    fault = found(made)
    scene.say(made.socket, "Available", at=clock.now(), code="NoError")
    detection.examine_station(station_id=made.ac_station.pk, as_of=clock.now())

    answer = cilla.get(f"/faults/{fault.pk}/")
    page, text = answer.context["page"], answer.content.decode()

    told = [one.what for one in page.moments]
    assert told[0] == "Over"
    assert {"It began", "Found: it is a fault", "Ticket #1 opened"} <= set(told)
    assert "ReaderFailure" in text
    assert f"/tickets/{fault.ticket_id}/" in text
    (down,) = page.downs
    assert down.ended_at is not None
    assert timedelta(minutes=59) < down.lasted < timedelta(minutes=61)
    assert [sign.status for sign in page.signs] == ["Available", "Faulted"]


def test_readings_are_drawn_beside_their_limits(made: Cast, cilla: Client) -> None:
    at = clock.now()
    rows = [[(at - HOUR + timedelta(minutes=n)).isoformat(), 203.0 + n] for n in range(3)]
    fault = other(found(made), code="F31", evidence={"voltage_v": rows, "lowest_v": 207.0})

    answer = cilla.get(f"/faults/{fault.pk}/")

    (chart,) = answer.context["page"].charts
    assert [list(one.values) for one in chart.series] == [[203, 204, 205], [207, 207, 207]]
    assert "Show as table" in answer.content.decode()


def test_a_silence_is_drawn_by_the_starts_of_each_day_here_and_beside_it(
    made: Cast, cilla: Client
) -> None:
    now = clock.now()
    for day in (2, 2, 9):
        scene.charge(made.tethered, made.bos_token, at=now - timedelta(days=day))
    scene.charge(made.socket, made.bos_token, at=now - timedelta(days=20))
    fault = other(found(made), code="F11", connector=made.socket)

    (chart,) = cilla.get(f"/faults/{fault.pk}/").context["page"].charts

    here, beside = (list(one.values) for one in chart.series)
    assert (sum(here), sum(beside), max(beside)) == (1, 3, 2)
    assert len(chart.labels) == 56


def test_what_explains_a_fault_and_what_was_before_it_are_a_tap_away(
    made: Cast, cilla: Client
) -> None:
    fault = found(made)
    site = f"site:{made.location.pk}"
    wide = other(fault, code="F40", scope="site", scope_key=site, station=None)
    Fault.objects.filter(pk=fault.pk).update(inhibited_by=f"F40:{site}")
    before = other(fault, state="cleared", cleared_at=fault.began_at)

    text = cilla.get(f"/faults/{fault.pk}/").content.decode()

    assert f"/faults/{wide.pk}/" in text
    assert f"/faults/{before.pk}/" in text


def test_the_list_the_station_and_the_ticket_lead_to_the_fault(made: Cast, cilla: Client) -> None:
    fault = found(made)
    for address in (
        "/faults/",
        f"/stations/{made.ac_station.pk}/",
        f"/tickets/{fault.ticket_id}/",
    ):
        assert f'href="/faults/{fault.pk}/"' in cilla.get(address).content.decode()


def test_a_page_is_read_in_few_queries(
    made: Cast, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    fault = found(made)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        fault_page.fault_page(made.cilla, fault.pk, clock.now())
