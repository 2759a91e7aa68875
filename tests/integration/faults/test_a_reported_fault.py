"""A connector says it is faulted: fault, ticket, mail, hands, end."""

import pytest
from django.core import mail

from chargenet import joins
from chargenet.core.models import AuditEntry, Outbox
from faults import detection, notifications, tickets
from faults.models import Downtime, Fault, Ticket, TicketNote
from stations.models import Impairment
from tests import cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


def test_a_contactor_fault_becomes_a_ticket_a_mail_and_an_end() -> None:
    made = cast.make_cast()
    scene.say(made.socket, "Faulted", at=NOON, code="PowerSwitchFailure")

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(0.05))

    fault = Fault.objects.get()
    assert (fault.code, fault.severity, fault.state) == ("F29", 1, "firing")
    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.state, ticket.connector_id) == (1, "new", made.socket.pk)
    letters = {row.payload["to"] for row in Outbox.objects.all()}
    assert letters == {"cilla@example.org", "dag@example.org"}
    down = Downtime.objects.get()
    assert (down.started_at, down.ended_at) == (NOON, None)
    assert Impairment.objects.get().started_at == NOON

    assert notifications.relay_due(as_of=NOON + minutes(1)) == 2
    assert "/tickets/" in mail.outbox[0].body
    step = {"ticket_id": ticket.pk, "actor_id": made.dag.pk}
    tickets.assign_ticket(**step, assignee_id=made.dag.pk, as_of=NOON + minutes(2))
    tickets.start_travel(**step, as_of=NOON + minutes(3))
    tickets.arrive(**step, as_of=NOON + minutes(30))
    tickets.add_note(**step, text="Water in the plug", idempotency_key="a", as_of=NOON)
    scene.say(made.socket, "Available", at=NOON + minutes(40))
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(41))
    fault.refresh_from_db()
    assert fault.state == "firing", "a safety fault waits for a person"

    tickets.resolve_ticket(
        **step, resolution="Dried, tested", finding=scene.REPAIRED, as_of=NOON + minutes(45)
    )
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(46))

    fault.refresh_from_db()
    ticket.refresh_from_db()
    assert (fault.state, ticket.state) == ("cleared", "resolved"), "a charge must prove it"
    scene.charge(made.socket, made.astrids_token, at=NOON + minutes(60))
    joins.prove_repairs(as_of=NOON + minutes(170))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closing, ticket.proof) == ("closed", "verified", "test")
    assert Downtime.objects.get().ended_at == NOON + minutes(46)
    assert Impairment.objects.get().ended_at == NOON + minutes(46)
    verbs = [note.detail.get("verb") for note in TicketNote.objects.order_by("pk")]
    assert verbs == [
        "open",
        "fault_opened",
        "assign",
        "start_travel",
        "arrive",
        None,
        "fault_over",
        "resolve",
        "fault_cleared",
        "prove",
        "verify",
    ]
    assert AuditEntry.objects.filter(user=made.dag).count() == 4
