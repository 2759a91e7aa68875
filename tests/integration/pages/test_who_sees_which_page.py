"""Every page: the right people see it, outsiders do not, and its number of queries is pinned."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chargenet.core import listing
from chargenet.core.models import AuditEntry, User
from faults.models import Ticket
from stations.models import Command, Connector, Session
from tests.conftest import truncate_everything
from tests.e2e.pages.scene import Scene, make_scene

AsWeb = Callable[[User | None], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker) -> Iterator[Scene]:
    """One network for all of these tests: they read, or write rows of their own."""
    with django_db_blocker.unblock():
        truncate_everything()
        yield make_scene(datetime.now(UTC))
        truncate_everything()
        connection.close()


def _operator_pages(scene: Scene) -> list[str]:
    return [
        reverse("dashboard"),
        reverse("station_list"),
        reverse("station_page", args=[scene.cast.dc_station.pk]),
        reverse("station_messages", args=[scene.cast.dc_station.pk]),
        reverse("station_commands", args=[scene.cast.dc_station.pk]),
        reverse("station_logs", args=[scene.cast.dc_station.pk]),
        reverse("command_list"),
        reverse("message_list"),
        reverse("bulk_list"),
        reverse("bulk_plan"),
        reverse("firmware_list"),
        reverse("limits"),
        reverse("network_map"),
        reverse("network_pins"),
        reverse("session_list"),
        reverse("session_page", args=[scene.live.pk]),
        reverse("fault_list"),
        reverse("ticket_list"),
        reverse("ticket_page", args=[scene.ticket.pk]),
        reverse("unbilled_list"),
        reverse("revenue"),
        reverse("invoice_list"),
        reverse("invoice_page", args=[scene.invoice.public_id]),
        reverse("customer_list"),
    ]


def _driver_pages(scene: Scene) -> list[str]:
    return [
        reverse("portal_sessions"),
        reverse("portal_session", args=[scene.live.pk]),
        reverse("portal_invoices"),
        reverse("portal_invoice", args=[scene.invoice.public_id]),
        reverse("portal_pay", args=[scene.invoice.public_id]),
        reverse("portal_account"),
    ]


def _status(as_web: AsWeb, person: User | None, page: str, **headers: str) -> int:
    client = Client(headers={"accept-language": "sv", **headers})
    if person:
        client.force_login(person)
    with as_web(person):
        return client.get(page).status_code


def test_the_operator_sees_every_page_of_the_network(scene: Scene, as_web: AsWeb) -> None:
    answers = {page: _status(as_web, scene.cast.cilla, page) for page in _operator_pages(scene)}

    assert set(answers.values()) == {200}, answers


def test_the_driver_sees_their_own_pages_through_both_walls(scene: Scene, as_web: AsWeb) -> None:
    answers = {page: _status(as_web, scene.cast.astrid, page) for page in _driver_pages(scene)}

    assert set(answers.values()) == {200}, answers


def test_another_driver_finds_nothing_of_it(scene: Scene, as_web: AsWeb) -> None:
    own = {reverse("portal_sessions"), reverse("portal_invoices"), reverse("portal_account")}
    foreign = [page for page in _driver_pages(scene) if page not in own]

    assert {_status(as_web, scene.cast.bo, page) for page in foreign} == {404}


def test_a_driver_finds_no_page_of_the_network(scene: Scene, as_web: AsWeb) -> None:
    answers = {page: _status(as_web, scene.cast.astrid, page) for page in _operator_pages(scene)}

    assert set(answers.values()) == {404}, answers


def test_another_operator_finds_no_row_of_ours(scene: Scene, as_web: AsWeb) -> None:
    with_a_row = [
        page
        for page in _operator_pages(scene)
        if any(part.isdigit() or len(part) == 36 for part in page.split("/"))
    ]
    answers = {page: _status(as_web, scene.cast.erik, page) for page in with_a_row}

    assert len(with_a_row) == 7
    assert set(answers.values()) == {404}, answers


def test_another_operators_lists_are_empty_of_ours(scene: Scene, as_web: AsWeb) -> None:
    client = Client()
    client.force_login(scene.cast.erik)

    with as_web(scene.cast.erik):
        texts = [
            client.get(reverse(name)).content.decode()
            for name in ("station_list", "session_list", "fault_list", "invoice_list")
        ]

    assert not [text for text in texts if "NORD" in text or "Astrid" in text]


def test_a_technician_does_not_see_money(scene: Scene, as_web: AsWeb) -> None:
    money = ("unbilled_list", "revenue", "invoice_list", "customer_list")

    assert {_status(as_web, scene.cast.dag, reverse(name)) for name in money} == {403}


def test_a_technician_sees_stations_and_tickets(scene: Scene, as_web: AsWeb) -> None:
    pages = [
        reverse("station_list"),
        reverse("station_page", args=[scene.cast.ac_station.pk]),
        reverse("ticket_list"),
        reverse("ticket_page", args=[scene.ticket.pk]),
        reverse("fault_list"),
    ]

    assert {_status(as_web, scene.cast.dag, page) for page in pages} == {200}


def test_nobody_sees_anything_without_signing_in(scene: Scene, as_web: AsWeb) -> None:
    pages = [*_operator_pages(scene), *_driver_pages(scene)]

    assert {_status(as_web, None, page) for page in pages} == {302}


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("dashboard", 22),
        ("station_list", 10),
        ("session_list", 8),
        ("fault_list", 8),
        ("ticket_list", 8),
        ("unbilled_list", 8),
        ("invoice_list", 7),
        ("customer_list", 8),
        ("network_map", 8),
        ("revenue", 13),
    ],
)
def test_a_page_reads_as_often_as_it_did(
    scene: Scene, as_web: AsWeb, name: str, queries: int
) -> None:
    client = Client()
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla), CaptureQueriesContext(connection) as seen:
        assert client.get(reverse(name)).status_code == 200

    assert _reads(seen) <= queries, [query["sql"][:120] for query in seen.captured_queries]


def _reads(seen: CaptureQueriesContext) -> int:
    """Count what reads rows: savepoints and the scope are the same on every page."""
    skipped = ("SAVEPOINT", "RELEASE", "SELECT set_config", "ROLLBACK", "BEGIN", "SET ")
    return sum(not query["sql"].startswith(skipped) for query in seen.captured_queries)


@pytest.mark.parametrize(
    "name",
    [
        "station_list",
        "session_list",
        "fault_list",
        "ticket_list",
        "unbilled_list",
        "invoice_list",
        "customer_list",
        "revenue",
    ],
)
def test_a_list_leaves_as_a_file_with_its_filters(scene: Scene, as_web: AsWeb, name: str) -> None:
    client = Client(headers={"accept-language": "sv"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        answer = client.get(reverse(name), {"format": "csv"})
        text = answer.getvalue().decode()

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert text.startswith("\ufeff")
    assert ";" in text.splitlines()[0]
    assert len(text.splitlines()) > 1


def test_a_file_that_cannot_hold_the_whole_list_says_so(
    scene: Scene, as_web: AsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CSV_LIMIT", 1)
    client = Client(headers={"accept-language": "sv"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        answer = client.get(reverse("station_list"), {"format": "csv"})

    lines = answer.getvalue().decode().splitlines()
    assert len(lines) == 3
    assert lines[-1] == "Bara de första 1 raderna: begränsa listan för att få resten."


@pytest.mark.parametrize(
    "query",
    [
        "sort=;drop&page=-1&q=%00&site=x&state=%27",
        "page=999999",
        "q=" + "å" * 500,
        "period=9999-99&by=nobody",
        "period=2026-q9",
        "period=1900-01&by=cable",
    ],
)
def test_nonsense_in_an_address_is_no_error(scene: Scene, as_web: AsWeb, query: str) -> None:
    names = (
        "station_list",
        "session_list",
        "fault_list",
        "ticket_list",
        "invoice_list",
        "revenue",
    )
    answers = {
        name: _status(as_web, scene.cast.cilla, f"{reverse(name)}?{query}") for name in names
    }

    assert set(answers.values()) == {200}, answers


def test_the_polled_part_of_a_list_is_its_rows_only(scene: Scene, as_web: AsWeb) -> None:
    client = Client(headers={"hx-request": "true"})
    client.force_login(scene.cast.cilla)

    with as_web(scene.cast.cilla):
        text = client.get(reverse("station_list")).content.decode()

    assert "<tbody>" in text
    assert "<html" not in text


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
