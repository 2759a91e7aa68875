"""A ticket in people's hands."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.http import Http404

from chargenet.core.models import AuditEntry, Membership
from faults import detection, tickets
from faults.models import Notice, Ticket, TicketNote
from faults.queries import pages
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def opened(made: Cast, code: str = "ReaderFailure") -> Ticket:
    scene.say(made.socket, "Faulted", at=NOON, code=code)
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    return Ticket.objects.get()


def by_dag(made: Cast, ticket: Ticket, minute: float) -> dict[str, Any]:
    return {"ticket_id": ticket.pk, "actor_id": made.dag.pk, "as_of": NOON + minutes(minute)}


def test_every_button_pressed_twice_is_pressed_once(made: Cast) -> None:
    ticket = opened(made)
    for minute in (2, 3):
        tickets.assign_ticket(**by_dag(made, ticket, minute), assignee_id=made.dag.pk)
    for minute in (4, 5):
        tickets.start_travel(**by_dag(made, ticket, minute))
    for minute in (6, 7):
        tickets.arrive(**by_dag(made, ticket, minute))
    for minute in (8, 9):
        tickets.wait(**by_dag(made, ticket, minute), reason="A new reader")
    for minute in (10, 11):
        tickets.resolve_ticket(
            **by_dag(made, ticket, minute), resolution="New reader", finding=scene.REPAIRED
        )

    verbs = [note.detail["verb"] for note in TicketNote.objects.filter(author=made.dag)]
    assert verbs == ["assign", "start_travel", "arrive", "wait", "resolve"]
    ticket.refresh_from_db()
    assert (ticket.on_site_at, ticket.resolved_at) == (NOON + minutes(6), NOON + minutes(10))
    assert AuditEntry.objects.count() == 5


def test_a_note_sent_twice_by_a_poor_network_is_one_note(made: Cast) -> None:
    ticket = opened(made)
    for minute in (2, 3):
        step = by_dag(made, ticket, minute)
        tickets.add_note(**step, text=" Dirty reader ", idempotency_key="f00d")
    note = TicketNote.objects.get(kind="note")
    assert (note.text, note.at) == ("Dirty reader", NOON + minutes(2))


def test_who_leaves_for_a_ticket_nobody_has_gets_it(made: Cast) -> None:
    ticket = opened(made)
    tickets.start_travel(**by_dag(made, ticket, 2))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.assignee) == ("en_route", made.dag)


def test_a_ticket_goes_only_to_somebody_who_may_work_on_it(made: Cast) -> None:
    ticket = opened(made)
    for outsider in (made.erik, made.astrid, made.fia):
        with pytest.raises(tickets.NotOfTheCrew):
            tickets.assign_ticket(**by_dag(made, ticket, 2), assignee_id=outsider.pk)
    Membership.objects.filter(user=made.dag).update(site_ids=[made.location.pk + 1])
    with pytest.raises(tickets.NotOfTheCrew):
        tickets.assign_ticket(**by_dag(made, ticket, 2), assignee_id=made.dag.pk)
    ticket.refresh_from_db()
    assert ticket.state == "new"


def test_only_the_crew_does_the_work_of_a_ticket(made: Cast) -> None:
    ticket = opened(made)
    step: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.fia.pk, "as_of": NOON}
    deeds: list[Callable[[], object]] = [
        partial(tickets.assign_ticket, assignee_id=made.dag.pk, **step),
        partial(tickets.start_travel, **step),
        partial(tickets.arrive, **step),
        partial(tickets.wait, reason="Tea", **step),
        partial(tickets.resolve_ticket, resolution="Done", finding=scene.REPAIRED, **step),
        partial(tickets.close_ticket, resolution="Done", **step),
    ]
    for deed in deeds:
        with pytest.raises(tickets.NotOfTheCrew):
            deed()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.assignee) == ("new", None)


def test_a_repair_after_the_fault_went_by_itself_waits_for_a_charge(
    made: Cast,
) -> None:
    ticket = opened(made)
    tickets.arrive(**by_dag(made, ticket, 2))
    scene.say(made.socket, "Available", at=NOON + minutes(3))
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(4))
    for minute in (5, 6):
        tickets.resolve_ticket(
            **by_dag(made, ticket, minute), resolution="Was well again", finding=scene.REPAIRED
        )
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closed_at) == ("resolved", None)
    proven: dict[str, Any] = {"ticket_id": ticket.pk, "session_id": 1, "is_paid": True}
    assert tickets.prove_repair(**proven, as_of=NOON + minutes(60))
    assert not tickets.prove_repair(**proven, as_of=NOON + minutes(61))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closing, ticket.closed_at) == (
        "closed",
        "verified",
        NOON + minutes(60),
    )


def test_who_repaired_in_vain_is_told_and_nobody_else(made: Cast) -> None:
    ticket = opened(made)
    tickets.arrive(**by_dag(made, ticket, 2))
    tickets.resolve_ticket(**by_dag(made, ticket, 3), resolution="Cleaned", finding=scene.REPAIRED)
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(18))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.reopened) == ("assigned", 1)
    assert Notice.objects.get(event="reopened").user == made.dag


def test_the_new_assignee_is_told_and_who_takes_a_ticket_needs_no_mail(made: Cast) -> None:
    ticket = opened(made)
    tickets.assign_ticket(**by_dag(made, ticket, 2), assignee_id=made.dag.pk)
    assert not Notice.objects.filter(event="assigned").exists()
    tickets.assign_ticket(**by_dag(made, ticket, 3), assignee_id=made.cilla.pk)
    assert Notice.objects.get(event="assigned").user == made.cilla


def test_steps_out_of_order_are_refused_with_the_state(made: Cast) -> None:
    ticket = opened(made)
    with pytest.raises(tickets.TicketStateError):
        tickets.wait(**by_dag(made, ticket, 2), reason=" ")
    with pytest.raises(tickets.TicketStateError):
        tickets.resolve_ticket(**by_dag(made, ticket, 2), resolution="", finding=scene.REPAIRED)
    tickets.resolve_ticket(**by_dag(made, ticket, 2), resolution="Done", finding=scene.REPAIRED)
    for verb in (tickets.start_travel, tickets.arrive):
        with pytest.raises(tickets.TicketStateError) as refused:
            verb(**by_dag(made, ticket, 3))
        assert refused.value.state == "resolved"
    with pytest.raises(tickets.TicketStateError):
        tickets.assign_ticket(**by_dag(made, ticket, 3), assignee_id=made.dag.pk)


def test_a_ticket_whose_fault_is_still_reported_cannot_be_closed(made: Cast) -> None:
    ticket = opened(made)
    with pytest.raises(tickets.TicketStateError, match="still reported"):
        tickets.close_ticket(**by_dag(made, ticket, 2), resolution="Nothing")


def test_a_safety_fault_that_is_over_is_closed_by_a_person_with_a_word(made: Cast) -> None:
    ticket = opened(made, "PowerSwitchFailure")
    scene.say(made.socket, "Available", at=NOON + minutes(2))
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(3))
    with pytest.raises(tickets.TicketStateError, match="what was done"):
        tickets.close_ticket(**by_dag(made, ticket, 4))
    tickets.close_ticket(
        **by_dag(made, ticket, 4), resolution="Inspected, tested", finding=scene.REPAIRED
    )
    tickets.close_ticket(**by_dag(made, ticket, 5), resolution="Again")

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(6))

    assert pages.open_faults(made.cilla) == []
    ticket.refresh_from_db()
    assert (ticket.state, ticket.resolution) == ("closed", "Inspected, tested")


def test_a_ticket_is_reopened_by_hand_unless_another_took_its_place(made: Cast) -> None:
    ticket = opened(made)
    scene.say(made.socket, "Available", at=NOON + minutes(2))
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(3))
    step = by_dag(made, ticket, 4)
    tickets.reopen_ticket(**step, reason="A driver called")
    tickets.reopen_ticket(**step, reason="A driver called")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.reopened, ticket.closed_at) == ("new", 1, None)
    tickets.close_ticket(**step, resolution="All well", finding=scene.REPAIRED)
    about = tickets.About(made.operator.pk, ticket.scope_key, station_id=made.ac_station.pk)
    later = NOON + minutes(48 * 60)
    tickets.open_ticket(about=about, family=ticket.family, code="F36", severity=3, as_of=later)
    with pytest.raises(tickets.TicketStateError, match="another ticket") as refused:
        tickets.reopen_ticket(**step, reason="Once more")
    assert refused.value.state == "closed"


def test_the_crew_works_as_the_web_role_and_others_see_nothing(made: Cast, as_web) -> None:
    ticket = opened(made)
    with as_web(made.dag):
        assert [row.number for row in pages.open_tickets(made.dag)] == [1]
        tickets.assign_ticket(**by_dag(made, ticket, 2), assignee_id=made.cilla.pk)
        tickets.add_note(**by_dag(made, ticket, 3), text="Hm", idempotency_key="1")
        tickets.resolve_ticket(
            **by_dag(made, ticket, 4), resolution="Done", finding=scene.REPAIRED
        )
    with as_web(made.erik):
        assert pages.open_tickets(made.erik) == []
        assert pages.open_faults(made.erik) == []
        with pytest.raises(Http404):
            pages.ticket_detail(made.erik, ticket.pk)
        with pytest.raises(Ticket.DoesNotExist):
            tickets.arrive(ticket_id=ticket.pk, actor_id=made.erik.pk, as_of=NOON)


def test_the_page_of_a_ticket_tells_all_of_it_in_few_queries(
    made: Cast, django_assert_max_num_queries
) -> None:
    ticket = opened(made)
    tickets.add_note(**by_dag(made, ticket, 3), text="Hm", idempotency_key="1")

    with django_assert_max_num_queries(8):
        page = pages.ticket_detail(made.cilla, ticket.pk)

    assert (page.ticket.title, page.ticket.where.station) == (
        "Card reader or screen dead",
        "NORD-AC-1",
    )
    assert [line.title for line in page.story] == ["Ticket opened", "Found by a rule", ""]
    assert page.faults[0].evidence["reports"][0]["words"] == "ReaderFailure"
    assert [sign.code for sign in page.signs] == ["ReaderFailure"]
    assert [one.name for one in page.crew] == ["Cilla", "Dag"]
    assert page.down_since == NOON
    assert page.is_still_reported
    assert [row.id for row in pages.open_tickets(made.cilla, assignee_id=made.dag.pk)] == []
    assert len(pages.open_faults(made.cilla, station_id=made.ac_station.pk)) == 1
    assert pages.open_faults(made.cilla, station_id=made.dc_station.pk) == []
