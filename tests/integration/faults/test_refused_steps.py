"""A step that is refused says why to the page that keeps what was typed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from faults import detection, tickets
from faults.models import Notice, Ticket
from faults.tickets import gear
from tests import cast
from tests.as_web import AsWeb
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> cast.Cast:
    return cast.make_cast()


def opened(made: cast.Cast) -> Ticket:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    return Ticket.objects.get()


def as_dag(made: cast.Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.dag)
    return client


def test_a_part_that_is_not_kept_says_why(made: cast.Cast, as_web: AsWeb) -> None:
    ticket = opened(made)
    form = {"step": "part", "key": "k", "name": "Fuse", "is_used": "0"}

    def answer(**changed: str) -> str:
        with as_web(None):
            said = as_dag(made).post(
                reverse("ticket_step", args=[ticket.pk]),
                {**form, **changed},
                headers={"HX-Request": "true"},
            )
        return said.content.decode()

    known = {"ticket_id": ticket.pk, "actor_id": made.dag.pk, "as_of": NOON}
    assert answer() == ""
    for number in range(gear.MOST_PARTS - 1):
        tickets.add_part(
            **known,  # type: ignore[arg-type]
            name="Fuse",
            number="",
            quantity=1,
            is_used=True,
            idempotency_key=str(number),
        )
    assert answer() == "", "the network was poor: the same part, sent again"
    assert "name the part" in answer(name=" ", key="b")
    assert "between 1 and 999" in answer(quantity="0", key="b")
    assert "between 1 and 999" in answer(quantity="a few", key="b")
    assert "holds 50 parts" in answer(key="b")
    assert ticket.parts.count() == gear.MOST_PARTS


def test_a_refused_step_answers_with_its_reason_and_leaves_no_message_for_later(
    made: cast.Cast,
    as_web: AsWeb,
) -> None:
    ticket = opened(made)
    client = as_dag(made)
    form = {"step": "resolve", "text": "A long story of what was done"}
    with as_web(None):
        address = reverse("ticket_step", args=[ticket.pk])
        answer = client.post(address, form, headers={"HX-Request": "true"})
        page = client.get(reverse("ticket_page", args=[ticket.pk])).content.decode()

    assert answer.status_code == 409
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("Not saved: ")
    assert "Not saved: " not in page


def test_who_presses_second_on_a_ticket_nobody_had_is_told_that_it_is_taken(
    made: cast.Cast, as_web: AsWeb
) -> None:
    ticket = opened(made)
    cilla = Client(headers={"accept-language": "en"})
    cilla.force_login(made.cilla)

    def press(client: Client, step: str) -> str:
        with as_web(None):
            address = reverse("ticket_step", args=[ticket.pk])
            said = client.post(address, {"step": step}, headers={"HX-Request": "true"})
        return said.content.decode()

    with as_web(None):
        page = as_dag(made).get(reverse("ticket_page", args=[ticket.pk])).content.decode()
    assert 'value="acknowledge:0"' in page
    assert press(cilla, "acknowledge:0") == ""
    assert press(cilla, "acknowledge:0") == "", "pressed twice by the same person"
    for step in ("acknowledge:0", "take:0", "travel:0"):
        assert "Somebody else has taken it meanwhile" in press(as_dag(made), step)
    ticket.refresh_from_db()
    assert ticket.assignee_id == made.cilla.pk
    # who sees whose it is may still take it over
    assert press(as_dag(made), f"take:{made.cilla.pk}") == ""
    ticket.refresh_from_db()
    assert ticket.assignee_id == made.dag.pk


def test_a_ticket_that_cannot_be_closed_yet_says_why(made: cast.Cast, as_web: AsWeb) -> None:
    ticket = opened(made)

    def answer(**form: str) -> str:
        with as_web(None):
            address = reverse("ticket_step", args=[ticket.pk])
            said = as_dag(made).post(address, form, headers={"HX-Request": "true"})
        return said.content.decode()

    found = {"found": "control.software", "action": "restarted"}
    assert "fault is still reported" in answer(step="close", text="Done", **found)
    assert "what was done, or why" in answer(step="resolve", text=" ", **found)
    assert "what was done, or why" in answer(step="wait", text="")
    assert "of which other ticket" in answer(
        step="dismiss", closing="duplicate", text="Twice", duplicate_of=str(ticket.number)
    )


def test_what_was_found_before_a_ticket_came_back_does_not_close_it_again(
    made: cast.Cast, as_web: AsWeb
) -> None:
    ticket = opened(made)
    known: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.dag.pk}
    replaced = tickets.Finding("control", "software", "replaced", parts=("Fuse",))
    tickets.arrive(**known, as_of=NOON)
    tickets.resolve_ticket(**known, resolution="New latch", finding=replaced, as_of=NOON)
    tickets.reopen_ticket(**known, reason="It came back", as_of=NOON + minutes(2))
    scene.say(made.socket, "Available", at=NOON + minutes(3))
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(4))
    later = {**known, "as_of": NOON + minutes(5)}

    with pytest.raises(tickets.TicketStateError, match="what was done"):
        tickets.close_ticket(**later)
    with pytest.raises(tickets.FindingUnfit, match="component"):
        tickets.close_ticket(**later, resolution="Well again")
    again = tickets.Finding("control", "software", "replaced")
    with pytest.raises(tickets.FindingUnfit, match="parts"):
        tickets.close_ticket(**later, resolution="Another one", finding=again)

    with as_web(None):
        page = as_dag(made).get(reverse("ticket_page", args=[ticket.pk])).content.decode()
    assert "New latch" in page, "the story keeps what was said"
    assert "Replaced" in page, "and what was found"
    tickets.close_ticket(**later, resolution="Another one", finding=replaced)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.resolution) == ("closed", "Another one")


@pytest.mark.parametrize("step", ["acknowledge", "travel", "arrive"])
def test_who_goes_instead_of_somebody_has_the_ticket_then_and_the_other_is_told(
    made: cast.Cast, as_web: AsWeb, step: str
) -> None:
    ticket = opened(made)
    cilla = made.cilla.pk
    tickets.assign_ticket(ticket_id=ticket.pk, assignee_id=cilla, actor_id=cilla, as_of=NOON)
    if step == "acknowledge":
        Ticket.objects.update(state="assigned")

    def press(value: str) -> str:
        with as_web(None):
            address = reverse("ticket_step", args=[ticket.pk])
            said = as_dag(made).post(address, {"step": value}, headers={"HX-Request": "true"})
        return said.content.decode()

    assert "Somebody else has taken it meanwhile" in press(step), "it was not said whose it is"
    with as_web(None):
        page = as_dag(made).get(reverse("ticket_page", args=[ticket.pk])).content.decode()
    assert "Cilla has this ticket. Take it over?" in page
    for _ in range(2):
        assert press(f"{step}:{made.cilla.pk}") == ""

    ticket.refresh_from_db()
    assert ticket.assignee_id == made.dag.pk
    assert ticket.state == {"travel": "en_route", "arrive": "on_site"}.get(step, "acknowledged")
    assert Notice.objects.get(event="handed_over").user == made.cilla
    with as_web(None):
        mine = as_dag(made).get(reverse("ticket_page", args=[ticket.pk])).content.decode()
    assert "data-confirm" not in mine
