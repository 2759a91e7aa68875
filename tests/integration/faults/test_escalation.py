"""Nobody answers: somebody else is told, each once; what is told together comes as one letter."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from chargenet.core.models import Membership, Outbox, Role, User
from faults import notifications, tickets
from faults.models import (
    CrewMember,
    Duty,
    MaintenanceWindow,
    Notice,
    ServiceLevel,
    Ticket,
    TicketPolicy,
)
from tests import cast
from tests.cast import Cast
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def opened(made: Cast, severity: int, *, at: datetime = NOON, family: str = "reader") -> Ticket:
    about = tickets.About(
        operator_id=made.operator.pk,
        scope_key=f"connector:{made.socket.pk}",
        location_id=made.location.pk,
        station_id=made.ac_station.pk,
        connector_id=made.socket.pk,
    )
    return tickets.open_ticket(about=about, family=family, code="F36", severity=severity, as_of=at)


def told(event: str) -> list[str]:
    return sorted(row.user.name for row in Notice.objects.filter(event=event))


def hire(made: Cast, name: str, rank: str) -> User:
    user = User.objects.create(email=f"{name.lower()}@example.org", name=name)
    Membership.objects.create(operator=made.operator, user=user, role=Role.TECHNICIAN)
    CrewMember.objects.create(operator=made.operator, user=user, rank=rank)
    return user


def test_half_of_the_promised_time_brings_the_lead_and_all_of_it_the_manager(made: Cast) -> None:
    hire(made, "Lena", "lead")
    hire(made, "Mats", "manager")
    ticket = opened(made, 3)
    assert ticket.acknowledge_by == NOON + timedelta(hours=2)

    for minute in (59, 60, 61, 119, 120, 121):
        tickets.escalate_due(as_of=NOON + minutes(minute))

    assert (told("lead"), told("manager")) == (["Lena"], ["Mats"])
    lead, manager = (Notice.objects.get(event=event) for event in ("lead", "manager"))
    assert lead.created_at == NOON + minutes(60)
    assert manager.created_at == NOON + minutes(120)


def test_danger_nobody_accepts_is_told_again_every_quarter(made: Cast) -> None:
    opened(made, 1)

    for minute in range(1, 47):
        tickets.escalate_due(as_of=NOON + minutes(minute))

    assert told("again") == ["Cilla", "Cilla", "Cilla", "Dag", "Dag", "Dag"]


def test_who_accepts_a_ticket_stops_the_bell_until_it_is_not_restored_in_time(made: Cast) -> None:
    ticket = opened(made, 3)
    step: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.dag.pk}
    tickets.acknowledge_ticket(**step, as_of=NOON + minutes(10))

    for hours in (1, 2, 5, 24, 25, 30):
        tickets.escalate_due(as_of=NOON + timedelta(hours=hours))

    assert told("lead") == told("again") == []
    assert told("overdue") == ["Cilla", "Dag"]


def test_the_clock_stands_while_others_are_waited_for_and_the_wait_is_kept(made: Cast) -> None:
    ticket = opened(made, 3)
    step: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.dag.pk}
    tickets.wait(**step, reason="A reader", wait_for="parts", as_of=NOON + minutes(60))
    tickets.escalate_due(as_of=NOON + timedelta(hours=30))
    tickets.arrive(**step, as_of=NOON + timedelta(hours=49))

    ticket.refresh_from_db()
    assert ticket.restore_by == NOON + timedelta(hours=72)
    assert (ticket.waited_s, ticket.waiting_since) == (48 * 3600, None)
    assert told("overdue") == []


def test_an_operator_promises_what_it_likes_and_more_time_far_away(made: Cast) -> None:
    ServiceLevel.objects.create(
        operator=made.operator, severity=3, acknowledge_s=600, restore_s=3600
    )
    assert opened(made, 3).restore_by == NOON + timedelta(hours=1)
    TicketPolicy.objects.create(operator=made.operator, rural_site_ids=[made.location.pk])

    far = opened(made, 3, family="link")

    assert (far.acknowledge_by, far.restore_by) == (NOON + minutes(10), NOON + minutes(120))


def test_only_who_is_on_call_is_told(made: Cast) -> None:
    Duty.objects.create(
        operator=made.operator, user=made.dag, starts_at=NOON, ends_at=NOON + timedelta(days=7)
    )
    opened(made, 2)
    assert told("opened") == ["Dag"]


def test_two_tickets_of_a_site_are_one_letter_and_the_next_waits_five_minutes(made: Cast) -> None:
    opened(made, 3)
    opened(made, 2, family="link", at=NOON + timedelta(seconds=10))
    assert notifications.gather_due(as_of=NOON + timedelta(seconds=29)) == 0
    notifications.gather_due(as_of=NOON + timedelta(seconds=45))
    letters = [row.payload for row in Outbox.objects.all()]
    assert {letter["to"] for letter in letters} == {"cilla@example.org", "dag@example.org"}
    assert len(letters) == 2
    assert all("[#1]" in letter["text"] and "[#2]" in letter["text"] for letter in letters)

    opened(made, 3, family="meter", at=NOON + minutes(2))
    assert notifications.gather_due(as_of=NOON + minutes(3)) == 0
    assert notifications.gather_due(as_of=NOON + minutes(6)) == 2


def test_the_night_is_quiet_for_what_can_wait_and_not_for_danger(made: Cast) -> None:
    TicketPolicy.objects.create(
        operator=made.operator, quiet_from=time(22), quiet_until=time(6, 30)
    )
    midnight = datetime(2026, 11, 2, 23, tzinfo=UTC)
    opened(made, 3, at=midnight)
    opened(made, 1, family="safety", at=midnight)

    due = dict(Notice.objects.filter(user=made.dag).values_list("severity", "due_at"))
    assert due == {3: datetime(2026, 11, 3, 5, 30, tzinfo=UTC), 1: midnight}


def test_a_window_silences_what_happens_in_it_and_records_it_all_the_same(made: Cast) -> None:
    ends_at = NOON + timedelta(hours=3)
    MaintenanceWindow.objects.create(
        operator=made.operator,
        location=made.location,
        starts_at=NOON - minutes(5),
        ends_at=ends_at,
        reason="New fuses",
        created_by=made.cilla,
        created_at=NOON,
    )
    gone, stays = opened(made, 3), opened(made, 3, family="link")
    opened(made, 1, family="safety")
    assert Outbox.objects.count() == 2, "danger is told in a window too"
    tickets.fault_cleared(ticket_id=gone.pk, as_of=NOON + minutes(30))
    assert Ticket.objects.get(pk=gone.pk).closing == "gone"

    assert notifications.gather_due(as_of=ends_at - minutes(1)) == 0
    notifications.gather_due(as_of=ends_at)

    last = Outbox.objects.order_by("-pk")[0].payload["subject"]
    assert last.startswith(f"[#{stays.number}]")
    assert Notice.objects.filter(ticket=gone, is_dropped=True).count() == 2


def test_a_ticket_that_is_no_fault_stays_closed_and_says_so(made: Cast) -> None:
    first, ticket = opened(made, 3), opened(made, 3, family="link")
    step: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.dag.pk, "as_of": NOON}
    with pytest.raises(tickets.TicketStateError):
        tickets.dismiss_ticket(**step, closing="duplicate", reason="Same", duplicate_of=99)
    tickets.dismiss_ticket(**step, closing="duplicate", reason="Same", duplicate_of=first.number)
    tickets.dismiss_ticket(**step, closing="wont_fix", reason="Again")

    ticket.refresh_from_db()
    assert (ticket.state, ticket.closing, ticket.duplicate_of) == ("closed", "duplicate", first)


def test_a_finding_must_be_whole_and_what_is_not_ours_needs_evidence(made: Cast) -> None:
    ticket = opened(made, 3)
    step: dict[str, Any] = {
        "ticket_id": ticket.pk,
        "actor_id": made.dag.pk,
        "as_of": NOON,
        "resolution": "Done",
    }
    unfit = {
        "component": tickets.Finding("", "worn", "replaced"),
        "cause": tickets.Finding("cable", "no_signal", "replaced"),
        "action": tickets.Finding("cable", "worn", "sung to"),
        "parts": tickets.Finding("cable", "worn", "replaced"),
        "evidence": tickets.Finding("supply", "no_supply", "left", "utility"),
    }
    for part, finding in unfit.items():
        with pytest.raises(tickets.FindingUnfit, match=part):
            tickets.resolve_ticket(**step, finding=finding)

    whole = tickets.Finding("cable", "vandalised", "replaced", "vandalism", "K-123", ("Cable",))
    tickets.resolve_ticket(**step, finding=whole)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.exclusion_class) == ("resolved", "vandalism")
    assert [part.name for part in ticket.parts.all()] == ["Cable"]


def test_who_is_named_in_a_note_is_told_and_watches(made: Cast) -> None:
    ticket = opened(made, 3)
    step: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": made.dag.pk, "as_of": NOON}
    for _time in range(2):
        tickets.add_note(**step, text="Look here, @Cilla. @nobody", idempotency_key="n1")
    assert told("mention") == ["Cilla"]

    tickets.add_note(**step, text="A new one", idempotency_key="n2")

    assert told("noted") == ["Cilla"]
