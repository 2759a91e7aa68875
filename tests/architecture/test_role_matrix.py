"""Who opens which address: a table of every URL and every role, held against the real site.

An address without a row fails; so does a row without an address.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing.models import Customer, Invoice
from chargenet.core.models import Membership, Operator, Role, User
from faults.models import RuleTrial
from stations.models import (
    Session,
    Station,
)
from tests.architecture.role_scene import SECRET
from tests.architecture.role_table import BY_SECRET, FORMS, OUTSIDE, ROWS
from tests.as_web import AsWeb


def _names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _names(pattern.url_patterns, space)
        else:
            yield f"{prefix}{pattern.name or pattern.pattern}"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {name for _method, name in ROWS} == set(_names(get_resolver().url_patterns))


def _ask(
    as_web: AsWeb, person: User | None, method: str, address: str, form: dict[str, str], **how: str
) -> tuple[int, str]:
    client = Client(headers={"accept-language": "en", **how})
    with transaction.atomic():
        if person:
            client.force_login(person)
        with as_web(None):
            answer = client.get(address) if method == "GET" else client.post(address, form)
            text = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    # a PDF is no text
    return answer.status_code, text.decode(errors="replace")


@pytest.mark.parametrize(("method", "name"), ROWS)
def test_each_role_gets_what_the_table_says(
    people: dict[str, User | None],
    keys: dict[str, list[Any]],
    as_web: AsWeb,
    method: str,
    name: str,
) -> None:
    address = reverse(name, args=keys.get(name, []))
    form = FORMS.get(name, {})
    asked: list[tuple[str, dict[str, str]]] = [(address, {})]
    if method == "GET" and not name.startswith("api-"):
        asked += [(address, {"hx-request": "true"}), (f"{address}?format=csv", {})]
    found: dict[str, set[int]] = {}
    read_by = set()
    for who, person in people.items():
        for where, how in asked:
            status, text = _ask(as_web, person, method, where, form, **how)
            found.setdefault(who, set()).add(status)
            if SECRET in text:
                read_by.add(who)

    assert found == {who: {status} for who, status in ROWS[method, name].items()}
    assert not read_by & OUTSIDE


@pytest.mark.parametrize("name", sorted({n for m, n in ROWS if m == "POST"}))
def test_what_changes_something_needs_a_post_and_the_forms_own_token(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb, name: str
) -> None:
    address = reverse(name, args=keys.get(name, []))
    person = people["astrid" if name.startswith("portal") else "cilla"]
    assert person is not None
    client = Client(enforce_csrf_checks=True)
    with transaction.atomic():
        client.force_login(person)
        with as_web(None):
            read = client.get(address).status_code
            forged = client.post(address, FORMS[name]).status_code
        transaction.set_rollback(True)

    pages = {"portal_pay", "station_add", "customer_add"}
    pages |= {"api-command-list", "api-customer-list", "api-reservation-list", "api-ticket-notes"}
    is_page = name in pages
    assert read == (200 if is_page else 302 if name == "set_language" else 405)
    is_secret = name in BY_SECRET
    assert forged == (400 if name == "payment_webhook" else 404 if is_secret else 403)


def test_a_role_at_one_operator_opens_nothing_at_another(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    hugo = people["hugo"]
    assert hugo is not None
    syd = Operator.objects.get(slug="syd")
    for name in ("station_command", "station_order", "station_messages", "ticket_step"):
        address = reverse(name, args=keys[name])
        with transaction.atomic():
            Membership.objects.create(operator=syd, user=hugo, role=Role.OPERATOR)
            method = "GET" if name == "station_messages" else "POST"
            status, _text = _ask(as_web, hugo, method, address, FORMS.get(name, {}))
            transaction.set_rollback(True)

        assert (name, status) == (name, 403)


def test_a_technician_of_some_sites_reads_the_frames_of_their_stations(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    station = Station.objects.get(identity="ELSEWHERE-1")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO stations_ocppframe (operator_id, station_id, received_at, is_inbound,"
                " action, frame) VALUES (%s, %s, now(), true, 'Heartbeat', %s)",
                [station.operator_id, station.pk, b"[2]"],
            )
        address = reverse("station_messages", args=[station.pk])
        status, text = _ask(as_web, people["ture"], "GET", address, {})
        transaction.set_rollback(True)

    assert status == 200
    assert "Heartbeat" in text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("station_command", {"action": "stop", "session": "9" * 5000}),
        ("station_command", {"action": "\0", "type": "\0"}),
        ("ticket_step", {"step": "note", "text": "a\0b", "key": "k"}),
        ("ticket_step", {"step": "note", "text": "seen", "key": "\0"}),
        ("ticket_step", {"step": "wait", "text": "\0"}),
        ("ticket_step", {"step": "assign", "assignee": "9" * 5000}),
    ],
)
def test_nonsense_in_a_form_is_no_error(
    people: dict[str, User | None],
    keys: dict[str, list[Any]],
    as_web: AsWeb,
    name: str,
    form: dict[str, str],
) -> None:
    status, _text = _ask(as_web, people["cilla"], "POST", reverse(name, args=keys[name]), form)

    assert status == 302


def test_what_an_operator_charges_elsewhere_is_theirs_alone_and_not_their_networks(
    people: dict[str, User | None], as_web: AsWeb
) -> None:
    erik = people["erik"]
    assert erik is not None
    session, invoice = Session.objects.get(ocpp_transaction_id=SECRET), Invoice.objects.get()
    pages = [reverse(name) for name in ("session_list", "invoice_list", "customer_list")]
    pages += [reverse("session_page", args=[session.pk])]
    pages += [reverse("invoice_page", args=[invoice.public_id])]
    with transaction.atomic():
        Session.objects.filter(pk=session.pk).update(driver=erik)
        Customer.objects.filter(pk=invoice.customer_id).update(user=erik)
        of_the_network = [_ask(as_web, erik, "GET", page, {})[1] for page in pages]
        tiles = _ask(as_web, erik, "GET", reverse("dashboard"), {})[1]
        own = _ask(as_web, erik, "GET", reverse("portal_session", args=[session.pk]), {})
        paid = _ask(as_web, erik, "GET", reverse("portal_invoice", args=[invoice.public_id]), {})
        transaction.set_rollback(True)

    assert not [text for text in (*of_the_network, tiles) if SECRET in text]
    assert (own[0], paid[0]) == (200, 200)


def test_what_an_address_names_of_another_operator_is_not_told(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    """An id in the question is no key: what it names must be looked for among what is seen."""
    station = Station.objects.get(identity__endswith="AC-1")
    place: dict[str, object] = {
        "site": station.location_id,
        "location": station.location_id,
        "station": station.pk,
        "connector": Session.objects.get(ocpp_transaction_id=SECRET).connector_id,
        "trial": RuleTrial.objects.get().pk,
    }
    questions: list[dict[str, object]] = [
        {"operator": station.operator_id},
        place,
        {"model": SECRET},
    ]
    asked = [name for method, name in ROWS if method == "GET" and not keys.get(name)]
    addresses = [*map(reverse, asked), reverse("rule_page", args=["F01"])]
    told = []
    for address in addresses:
        for question in questions:
            where = f"{address}?{urlencode(question)}"
            status, text = _ask(as_web, people["erik"], "GET", where, {})
            # a page may say again what it was asked, and where it is
            is_told = SECRET in text.replace(f"model={SECRET}", "").replace(f'"{SECRET}"', "")
            if is_told or status >= 500:
                told.append((where, status))

    assert len(addresses) > 50
    assert told == []


def test_what_grows_without_bound_is_on_its_own_page_only(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    """A collective invoice has thousands of lines, and its entry as many postings."""
    for name, many in (("api-invoice", "lines"), ("api-entry", "postings")):
        _status, listed = _ask(as_web, people["cilla"], "GET", reverse(f"{name}-list"), {})
        address = reverse(f"{name}-detail", args=keys[f"{name}-detail"])
        _status, shown = _ask(as_web, people["cilla"], "GET", address, {})

        assert many not in json.loads(listed)["results"][0]
        assert json.loads(shown)[many]
