"""A step that is refused says why to the page that keeps what was typed."""

import pytest
from django.test import Client
from django.urls import reverse

from faults import detection
from faults.models import Ticket
from tests import cast
from tests.as_web import AsWeb
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


def test_a_refused_step_answers_with_its_reason_and_leaves_no_message_for_later(
    as_web: AsWeb,
) -> None:
    made = cast.make_cast()
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    ticket = Ticket.objects.get()
    client = Client()
    client.force_login(made.dag)
    form = {"step": "resolve", "text": "A long story of what was done"}
    with as_web(None):
        address = reverse("ticket_step", args=[ticket.pk])
        answer = client.post(address, form, headers={"HX-Request": "true"})
        page = client.get(reverse("ticket_page", args=[ticket.pk])).content.decode()

    assert answer.status_code == 409
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("Not saved: ")
    assert "Not saved: " not in page
