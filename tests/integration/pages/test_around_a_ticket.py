"""What a technician sees around a ticket, and what the station can be told from there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from chargenet.core import clock
from chargenet.core.models import AuditEntry
from chargenet.dashboard.queries import ticket_curves
from faults import tickets
from faults.models import Ticket
from faults.queries import nearby, pages, service
from stations.models import Command, Connector, Location
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def opened(place: Connector, *, family: str = "outcome", severity: int = 3) -> Ticket:
    about = tickets.About(
        operator_id=place.operator_id,
        scope_key=f"connector:{place.pk}:{family}",
        location_id=place.station.location_id,
        station_id=place.station_id,
        connector_id=place.pk,
    )
    return tickets.open_ticket(
        about=about, family=family, code="F10", severity=severity, as_of=NOON
    )


def of(person: object) -> Client:
    client = Client(headers={"accept-language": "en", "HX-Request": "true"})
    client.force_login(person)  # type: ignore[arg-type]
    return client


def at_site(made: Cast, name: str, north: float) -> Connector:
    site = Location.objects.create(
        operator=made.operator, name=name, latitude=str(north), longitude="13.0"
    )
    return cast.make_station(site, f"NEAR-{name}")[1][0]


def test_other_work_comes_by_distance_and_what_is_far_or_done_does_not(made: Cast) -> None:
    Location.objects.filter(pk=made.location.pk).update(latitude="55.6", longitude="13.0")
    mine = opened(made.socket)
    here = opened(made.tethered)
    close, far = opened(at_site(made, "Close", 55.7)), opened(at_site(made, "Far", 57.0))
    done = opened(at_site(made, "Done", 55.61))
    Ticket.objects.filter(pk=done.pk).update(state="resolved")
    ticket = pages.tickets_for(made.dag).get(pk=mine.pk)

    near = nearby.tickets_near(made.dag, ticket, as_of=NOON)

    assert [one.row.id for one in near] == [here.pk, close.pk]
    assert near[0].is_same_site
    assert near[1].distance_km == pytest.approx(11.1, abs=0.1)
    assert far.pk not in {one.row.id for one in near}
    assert nearby.tickets_near(made.erik, ticket, as_of=NOON) == []


def test_failures_add_up_to_the_score_the_rule_fires_at(made: Cast) -> None:
    for number in range(6):
        at = NOON + timedelta(hours=number)
        scene.charge(made.socket, made.astrids_token, at=at)
    for number, token in enumerate([made.astrids_token, made.bos_token] * 4):
        scene.fail(made.socket, token, at=NOON + timedelta(hours=10 + number))
    ticket = opened(made.socket)

    (chart,) = ticket_curves.curves_of(made.dag, ticket, as_of=NOON)

    scores, limit = (one.values for one in chart.series)
    assert len(scores) == 14
    assert set(scores[:6]) == {0}
    assert (scores[-1] or 0) > (limit[-1] or 0)


def test_messages_are_masked_and_stay_words(made: Cast, as_web: AsWeb) -> None:
    ticket = opened(made.socket)
    frame = f'[2,"1","Authorize",{{"idTag":"ASTRID01","note":"{HOSTILE}"}}]'
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stations_ocppframe (operator_id, station_id, received_at, is_inbound,"
            " action, frame) VALUES (%s, %s, now(), true, 'Authorize', %s)",
            [made.operator.pk, made.ac_station.pk, frame.encode()],
        )
    with as_web(None):
        told = of(made.dag).get(reverse("ticket_talk", args=[ticket.pk])).content.decode()

    assert "Authorize" in told
    assert "ASTRID01" not in told
    assert HOSTILE not in told


def test_a_station_is_told_from_the_ticket_and_its_answer_shows_there(
    made: Cast, as_web: AsWeb
) -> None:
    scene.hear(made.ac_station, at=clock.now())
    ticket = opened(made.socket)
    dag = of(made.dag)
    with as_web(None):
        around = dag.get(reverse("ticket_around", args=[ticket.pk])).content.decode()
        form = {"action": "unlock", "connector": "1.1"}
        answer = dag.post(reverse("ticket_tell_station", args=[ticket.pk]), form)
        talk = dag.get(reverse("ticket_talk", args=[ticket.pk])).content.decode()

    assert 'value="1.1" selected' in around
    assert answer.headers["Location"] == reverse("ticket_page", args=[ticket.pk])
    assert Command.objects.get().action == "unlock"
    assert AuditEntry.objects.filter(user=made.dag, action="command.unlock").exists()
    assert "Unlock the cable" in talk


def test_a_locked_place_is_not_opened_from_afar(made: Cast, as_web: AsWeb) -> None:
    scene.hear(made.ac_station, at=clock.now())
    ticket = opened(made.socket, family="safety", severity=1)
    form = {"action": "change_availability", "connector": "1.1"}
    address = reverse("ticket_tell_station", args=[ticket.pk])
    with as_web(None):
        around = of(made.dag).get(reverse("ticket_around", args=[ticket.pk])).content.decode()
        of(made.dag).post(address, {**form, "operative": "1"})
        assert not Command.objects.exists()
        of(made.dag).post(address, form)

    assert "In service" not in around
    assert Command.objects.get().payload["operative"] is False


def test_no_other_ticket_opens_a_place_that_one_of_safety_locks(made: Cast, as_web: AsWeb) -> None:
    scene.hear(made.ac_station, at=clock.now())
    beside = Connector.objects.create(
        operator=made.operator,
        station=made.ac_station,
        evse=made.socket.evse,
        number=2,
        standard="IEC_62196_T2",
    )
    ticket = opened(beside)
    danger = opened(made.socket, family="safety", severity=1)
    page = reverse("ticket_tell_station", args=[ticket.pk])
    panel = reverse("station_order", args=[made.ac_station.pk])
    form = {"action": "change_availability", "operative": "1"}
    with as_web(None):
        for place in ("1.1", ""):
            of(made.dag).post(page, {**form, "connector": place})
            of(made.cilla).post(panel, {**form, "connector": place})
        assert not Command.objects.exists()
        whole = Client(headers={"accept-language": "en"})
        whole.force_login(made.cilla)
        told = whole.post(panel, {**form, "connector": "1.1"}).content.decode()
        assert f"Ticket #{danger.number} is about danger there" in told
        of(made.dag).post(page, {**form, "connector": "1.2"})
        assert Command.objects.get().payload["connector"] == 2
        Ticket.objects.filter(pk=danger.pk).update(state="closed")
        of(made.dag).post(page, {**form, "connector": "1.1"})

    assert Command.objects.count() == 2


@pytest.mark.parametrize("is_whole_site", [True, False])
def test_danger_of_a_whole_station_or_site_locks_each_place(
    made: Cast, is_whole_site: bool
) -> None:
    danger = opened(made.socket, family="safety", severity=1)
    station = None if is_whole_site else made.ac_station
    Ticket.objects.filter(pk=danger.pk).update(connector=None, station=station)

    assert service.danger_at(made.ac_station, (1, 1)) == danger
    assert (service.danger_at(made.dc_station, (1, 1)) == danger) is is_whole_site
