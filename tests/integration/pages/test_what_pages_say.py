"""What the pages say and do: figures that agree, commands sent once, refusals of ours."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from chargenet.core.models import AuditEntry
from faults.models import Ticket
from stations.models import Command, Connector, Session
from tests.as_web import AsWeb
from tests.conftest import truncate_everything
from tests.e2e.pages.scene import Scene, make_scene


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker) -> Iterator[Scene]:
    """One network for all of these tests: they read, or write rows of their own."""
    with django_db_blocker.unblock():
        truncate_everything()
        yield make_scene(datetime.now(UTC))
        truncate_everything()
        connection.close()


def test_an_offline_station_never_shows_what_it_said_last(scene: Scene, as_web: AsWeb) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        text = client.get(reverse("station_list"), {"link": "offline"}).content.decode()
    rows = text.split("<tbody>")[1]

    assert "Norrskenet 3" in rows
    assert "Offline" in rows
    assert "Available" not in rows


def test_the_revenue_tile_says_what_the_revenue_page_says(scene: Scene, as_web: AsWeb) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        page = client.get(reverse("revenue"))
        tile = client.get(reverse("dashboard")).context["tiles"][3]

    whole = tile.value.replace(",", "").replace("SEK\u00a0", "")
    assert int(whole) == round(page.context["total"])
    assert sum(row.amount for row in page.context["rows"]) == page.context["total"]


def test_revenue_is_the_same_by_station_connector_and_cable(scene: Scene, as_web: AsWeb) -> None:
    client = Client()
    client.force_login(scene.cast.fia)

    with as_web(scene.cast.fia):
        totals = {
            client.get(reverse("revenue"), {"by": place}).context["total"]
            for place in ("station", "connector", "cable")
        }

    assert len(totals) == 1
    assert totals.pop() > 0


def test_a_command_is_queued_once_and_written_to_the_audit(scene: Scene, as_web: AsWeb) -> None:
    station = scene.cast.dc_station
    client = Client()
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        client.post(
            reverse("station_command", args=[station.pk]),
            {"action": "stop", "session": scene.live.pk},
        )

    command = Command.objects.get(station=station)
    assert (command.action, command.payload) == ("remote_stop", {"transaction": "live"})
    assert AuditEntry.objects.filter(action="command.remote_stop", object_id=command.pk).exists()


def test_a_session_of_another_station_cannot_be_stopped_here(scene: Scene, as_web: AsWeb) -> None:
    client = Client()
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        client.post(
            reverse("station_command", args=[scene.cast.ac_station.pk]),
            {"action": "stop", "session": scene.live.pk},
        )

    assert not Command.objects.filter(station=scene.cast.ac_station).exists()


def test_a_driver_cannot_command_a_station(scene: Scene, as_web: AsWeb) -> None:
    client = Client()
    client.force_login(scene.cast.astrid)

    with as_web(scene.cast.astrid):
        answer = client.post(
            reverse("station_command", args=[scene.cast.dc_station.pk]), {"action": "reset"}
        )

    assert answer.status_code == 404


def test_a_session_without_a_price_says_why(scene: Scene, as_web: AsWeb) -> None:
    Session.objects.filter(pk=scene.unpriced.pk).update(needs_review=True)
    client = Client(headers={"accept-language": "en"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        text = client.get(reverse("unbilled_list")).content.decode()

    assert "Waiting for its turn" in text


@pytest.mark.parametrize(
    ("power_w", "word"), [(87_400, "Charging"), (0, "Paused by the vehicle"), (None, "Occupied")]
)
def test_occupied_is_refined_by_the_open_session(
    scene: Scene, as_web: AsWeb, power_w: int | None, word: str
) -> None:
    Connector.objects.filter(pk=scene.cast.tethered.pk).update(
        status="Occupied", last_power_w=power_w
    )
    state = {"Charging": "Charging", "Paused by the vehicle": "SuspendedEV"}.get(word, "Occupied")
    client = Client(headers={"accept-language": "en"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        text = client.get(reverse("station_list"), {"q": "NORD-DC", "state": state})
    rows = text.content.decode().split("<tbody>")[1]

    assert "NORD-DC-1" in rows
    assert word in rows


@pytest.mark.parametrize(
    ("person", "name", "says"),
    [
        ("astrid", "station_list", "There is nothing here"),
        ("dag", "revenue", "Your role does not"),
    ],
)
def test_a_refusal_is_a_page_of_ours(
    scene: Scene, as_web: AsWeb, person: str, name: str, says: str, settings
) -> None:
    settings.DEBUG = True
    user = getattr(scene.cast, person)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)

    with as_web(user):
        text = client.get(reverse(name)).content.decode()

    assert says in text
    assert "DEBUG" not in text


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_large_number_is_never_grouped_where_a_machine_reads_it(
    scene: Scene, as_web: AsWeb, language: str
) -> None:
    Ticket.objects.filter(pk=scene.ticket.pk).update(number=12_345)
    client = Client(headers={"accept-language": language})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        text = client.get(reverse("ticket_page", args=[scene.ticket.pk])).content.decode()

    assert "#12345" in text


def test_only_one_tab_is_where_the_driver_is(scene: Scene, as_web: AsWeb) -> None:
    client = Client()
    client.force_login(scene.cast.astrid)

    with as_web(scene.cast.astrid):
        text = client.get(reverse("portal_invoices")).content.decode()

    assert text.count('aria-current="page"') == 1


def test_a_button_pressed_twice_sends_one_command(scene: Scene, as_web: AsWeb) -> None:
    station = scene.cast.ac_station
    client = Client()
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        for kind in ("Soft", "Soft", "Hard"):
            client.post(
                reverse("station_command", args=[station.pk]), {"action": "reset", "type": kind}
            )
    sent = [each.payload["type"] for each in Command.objects.filter(station=station)]
    audited = AuditEntry.objects.filter(action="command.reset", details__station_id=station.pk)

    assert sorted(sent) == ["Hard", "Soft"]
    assert audited.count() == 2
