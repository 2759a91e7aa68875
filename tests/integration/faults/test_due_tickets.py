"""What is promised shows where work is chosen: what is due, what is late, what is not proven."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargenet.dashboard.queries import overview
from faults import detection, tickets
from faults.models import Closing, Ticket
from faults.queries import clocks, pages
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
LATER = 60 * 24 * 9


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def ticket(made: Cast) -> Ticket:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    return Ticket.objects.get()


def stands(at: datetime) -> tuple[str | None, bool]:
    """Return what the list says of the ticket, and whether the database calls it late."""
    row = pages.ticket_row(Ticket.objects.get(), as_of=at)
    is_late = Ticket.objects.filter(clocks.late(at)).exists()
    return (row.due.state if row.due else None, is_late)


def test_a_list_shows_the_promise_that_runs_and_the_database_agrees_what_is_late(
    made: Cast, ticket: Ticket
) -> None:
    assert ticket.acknowledge_by is not None
    step: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.dag.pk}
    assert stands(NOON + minutes(2)) == ("running", False)
    assert stands(ticket.acknowledge_by + minutes(1)) == ("late", True)
    assert stands(NOON + minutes(LATER)) == ("late", True)

    tickets.acknowledge_ticket(**step, as_of=NOON + minutes(3))
    assert stands(ticket.acknowledge_by + minutes(1)) == ("running", False)
    assert stands(NOON + minutes(LATER)) == ("late", True)

    tickets.wait(**step, as_of=NOON + minutes(4), reason="A reader")
    assert stands(NOON + minutes(LATER)) == ("paused", False)

    tickets.resolve_ticket(
        **step, as_of=NOON + minutes(5), resolution="New reader", finding=scene.REPAIRED
    )
    assert stands(NOON + minutes(LATER)) == (None, False)


def test_overdue_and_unproven_tickets_are_asked_for_by_name(
    made: Cast, ticket: Ticket, as_web: AsWeb
) -> None:
    client = Client()
    client.force_login(made.cilla)
    address, name = reverse("ticket_list"), pages.title_of(ticket.code)

    def is_listed(due: str) -> bool:
        with as_web(None):
            return name in client.get(address, {"due": due, "sort": "due"}).content.decode()

    assert (is_listed("late"), is_listed("unproven")) == (True, False)

    Ticket.objects.update(state="closed", closing=Closing.UNVERIFIED, closed_at=NOON)
    assert (is_listed(""), is_listed("late"), is_listed("unproven")) == (False, False, True)

    Ticket.objects.update(closing=Closing.VERIFIED)
    assert not is_listed("unproven")


def test_the_overview_marks_what_is_late(made: Cast, ticket: Ticket) -> None:
    at = [NOON + minutes(2), NOON + minutes(LATER)]
    marked = [overview.work_queue(made.cilla, as_of)[0].is_late for as_of in at]
    assert marked == [False, True]


def test_a_file_of_tickets_says_states_in_words(made: Cast, ticket: Ticket, as_web: AsWeb) -> None:
    client = Client(headers={"accept-language": "sv"})
    client.force_login(made.cilla)
    tickets.start_travel(ticket_id=ticket.pk, actor_id=made.dag.pk, as_of=NOON)

    with as_web(None):
        file = client.get(reverse("ticket_list"), {"format": "csv"}).content.decode()

    assert "På väg" in file
    assert "en_route" not in file
