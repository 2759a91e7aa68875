"""Checklist, parts, photos and the work order: what a technician leaves and takes along."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from chargenet.core.models import Membership
from faults import tickets
from faults.models import ChecklistItem, Ticket, TicketPhoto
from faults.queries import checklists
from stations.models import Station
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>#eval[sys]$x$"
GPS = 0x8825


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def ticket(made: Cast) -> Ticket:
    about = tickets.About(
        made.operator.pk, "station:1", made.location.pk, made.ac_station.pk, made.socket.pk
    )
    return tickets.open_ticket(about=about, family="reader", code="F36", severity=3, as_of=NOON)


def by_dag(made: Cast, ticket: Ticket) -> dict[str, Any]:
    return {"ticket_id": ticket.pk, "actor_id": made.dag.pk, "as_of": NOON}


def picture(kind: str = "JPEG", size: tuple[int, int] = (2400, 1200)) -> bytes:
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (55.0, 36.0, 0.0)}
    exif[0x010F] = "A telephone"
    made = io.BytesIO()
    image.save(made, kind, exif=exif)
    return made.getvalue()


def test_a_photo_loses_its_place_and_its_size_on_the_way_in(made: Cast, ticket: Ticket) -> None:
    for _time in range(2):
        tickets.add_photo(
            **by_dag(made, ticket), raw=picture(), caption="Pin", idempotency_key="p1"
        )

    photo = TicketPhoto.objects.get()
    kept = Image.open(io.BytesIO(bytes(photo.picture)))
    assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (1600, 800), {})
    assert b"A telephone" not in bytes(photo.picture)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"GIF89a" + b"\0" * 50,
        picture()[:300],
        b"\xff\xd8\xff\xe0" + b"x" * 500,
        b"x" * (9 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_picture_is_not_kept(made: Cast, ticket: Ticket, raw: bytes) -> None:
    with pytest.raises(tickets.PhotoUnfit):
        tickets.add_photo(**by_dag(made, ticket), raw=raw, caption="", idempotency_key="p")
    assert not TicketPhoto.objects.exists()


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(
    made: Cast, ticket: Ticket
) -> None:
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    with pytest.raises(tickets.PhotoUnfit):
        tickets.add_photo(
            **by_dag(made, ticket), raw=bomb.getvalue(), caption="", idempotency_key="p"
        )


def test_points_are_ticked_and_unticked_and_keep_who_did_it(made: Cast, ticket: Ticket) -> None:
    own = ChecklistItem.objects.create(operator=made.operator, code="F36", text="Reset the reader")
    ChecklistItem.objects.create(operator=made.other_operator, text="Another operator's")
    texts = [point.text for point in checklists.points_of(ticket)]
    assert "Reset the reader" in texts
    assert "Another operator's" not in texts
    for item in (f"own:{own.pk}", "end:0", "no-such-point"):
        tickets.tick_item(**by_dag(made, ticket), item=item, is_done=True)
    tickets.tick_item(**by_dag(made, ticket), item="end:0", is_done=False)

    done = {point.key: point.by for point in checklists.ticked(ticket) if point.by}
    assert done == {f"own:{own.pk}": "Dag"}


def test_a_part_that_was_needed_becomes_one_that_was_used(made: Cast, ticket: Ticket) -> None:
    part: dict[str, Any] = {"name": "Reader", "number": "R-1", "quantity": 1, "is_used": False}
    for _time in range(2):
        tickets.add_part(**by_dag(made, ticket), **part, idempotency_key="r")
    row = ticket.parts.get()
    tickets.use_part(**by_dag(made, ticket), part_id=row.pk)
    row.refresh_from_db()
    assert row.is_used


def test_a_photo_is_sent_from_the_page_and_seen_by_who_sees_the_ticket(
    made: Cast, ticket: Ticket, as_web: AsWeb
) -> None:
    client = Client()
    client.force_login(made.dag)
    form = {"step": "photo", "key": "k", "caption": HOSTILE}
    with as_web(None):
        upload = SimpleUploadedFile("a.svg", picture("PNG"), "image/svg+xml")
        client.post(reverse("ticket_step", args=[ticket.pk]), {**form, "photo": upload})
    photo = TicketPhoto.objects.get()
    address = reverse("ticket_photo", args=[ticket.pk, photo.pk])
    with as_web(None):
        answer = client.get(address)
        page = client.get(reverse("ticket_page", args=[ticket.pk])).content.decode()
        client.force_login(made.erik)
        assert client.get(address).status_code == 404

    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "<script>alert" not in page


def test_what_others_wrote_is_words_on_every_page_letter_and_paper(
    made: Cast, ticket: Ticket, as_web: AsWeb
) -> None:
    """S29: `<script>` in vendor, note, part and reason, escaped wherever it is shown."""
    Station.objects.filter(pk=made.ac_station.pk).update(name=HOSTILE, vendor=HOSTILE)
    tickets.add_note(**by_dag(made, ticket), text=HOSTILE, idempotency_key="n")
    part: dict[str, Any] = {"name": HOSTILE, "number": HOSTILE, "quantity": 1, "is_used": False}
    tickets.add_part(**by_dag(made, ticket), **part, idempotency_key="r")
    tickets.wait(**by_dag(made, ticket), reason=HOSTILE)
    client = Client()
    client.force_login(made.cilla)
    with as_web(None):
        shown = [
            client.get(reverse(name, args=[ticket.pk])).content.decode()
            for name in ("ticket_page", "ticket_order")
        ]
        shown.append(client.get(reverse("ticket_list")).content.decode())
        made_pdf = client.get(reverse("ticket_order_pdf", args=[ticket.pk]))

    assert not [page for page in shown if "<script>alert" in page]
    assert all("&lt;script&gt;" in page for page in shown)
    assert made_pdf.content.startswith(b"%PDF-")


def test_a_technician_of_another_site_adds_nothing(made: Cast, ticket: Ticket) -> None:
    Membership.objects.filter(user=made.dag).update(site_ids=[made.location.pk + 1])
    for deed in (
        lambda: tickets.tick_item(**by_dag(made, ticket), item="end:0", is_done=True),
        lambda: tickets.add_photo(
            **by_dag(made, ticket), raw=picture(), caption="", idempotency_key="p"
        ),
    ):
        with pytest.raises(tickets.NotOfTheCrew):
            deed()
