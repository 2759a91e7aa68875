"""Every page: the right people see it, outsiders do not, and its number of queries is pinned."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chargenet.core import listing
from chargenet.core.models import User
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


def _reads(seen: CaptureQueriesContext) -> int:
    """Count what reads rows: savepoints and the scope are the same on every page."""
    skipped = ("SAVEPOINT", "RELEASE", "SELECT set_config", "ROLLBACK", "BEGIN", "SET ")
    return sum(not query["sql"].startswith(skipped) for query in seen.captured_queries)


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
