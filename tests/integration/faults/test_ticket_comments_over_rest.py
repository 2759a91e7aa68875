"""Comments of a ticket over REST: read, written once a key, by who works there."""

import pytest
from django.test import Client
from django.urls import reverse

from chargenet.core.models import Outbox, User
from faults import tickets
from faults.models import Notice, TicketNote, WayOut
from tests import cast
from tests.as_web import AsWeb
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db


def test_a_program_comments_once_a_key_and_who_is_named_is_told(as_web: AsWeb) -> None:
    made = cast.make_cast()
    about = tickets.About(made.operator.pk, "station:1", made.location.pk, made.ac_station.pk)
    ticket = tickets.open_ticket(about=about, family="reader", code="F36", severity=4, as_of=NOON)
    WayOut.objects.create(
        operator=made.operator,
        kind="webhook",
        url="https://hooks.example/",
        sealed=b"x",
        created_at=NOON,
    )
    address = reverse("api-ticket-notes", args=[ticket.pk])

    def write(person: User, text: str, key: str = "") -> tuple[int, dict[str, object]]:
        client = Client()
        client.force_login(person)
        with as_web(None):
            headers = {"Idempotency-Key": key} if key else {}
            answer = client.post(
                address, {"text": text}, content_type="application/json", headers=headers
            )
        return answer.status_code, answer.json()

    first = write(made.cilla, "@Dag: the supplier has one", "a1")
    again = write(made.cilla, "@Dag: the supplier has one", "a1")
    assert (first[0], again[0]) == (201, 200)
    assert first[1]["id"] == again[1]["id"]
    assert write(made.cilla, " ")[0] == 400
    assert write(made.cilla, "Long key", "k" * 37)[0] == 400
    assert write(made.erik, "Hello")[0] == 404
    assert TicketNote.objects.filter(kind="note").count() == 1
    told = Outbox.objects.get(kind="webhook").payload["body"]
    assert (told["event"], told["ticket"]["id"]) == ("ticket.note", ticket.pk)
    assert [one.user for one in Notice.objects.filter(event="mention")] == [made.dag]

    client = Client()
    client.force_login(made.dag)
    with as_web(None):
        said = client.get(address).json()["results"]
    assert [(one["kind"], one["author"]) for one in said] == [("note", "Cilla"), ("change", None)]
    assert write(made.dag, "I have it", "a1")[0] == 201, "her key is not his"
