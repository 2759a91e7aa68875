"""What was a danger stays locked until a person of the crew has said that it is safe."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargenet.core.models import AuditEntry
from faults import detection, tickets
from faults.models import Downtime, Fault, Notice, Ticket
from stations.models import Connector
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


def warm(connector: Connector, celsius: float, *, at: datetime) -> None:
    scene.report(connector, "TemperatureSensor", at=at, variable="Temperature", value=str(celsius))
    detection.examine_station(station_id=connector.station_id, as_of=at)


@pytest.fixture
def made() -> Cast:
    """A cable was at 95 °C for a minute, and is cool."""
    made = cast.make_cast()
    warm(made.tethered, 95, at=NOON)
    warm(made.tethered, 28, at=NOON + minutes(1))
    return made


def step(made: Cast) -> dict[str, Any]:
    return {"ticket_id": Ticket.objects.get().pk, "actor_id": made.dag.pk}


def looks(made: Cast, after: float) -> Fault:
    as_of = NOON + minutes(after)
    detection.examine_station(station_id=made.tethered.station_id, as_of=as_of)
    return Fault.objects.get(code="F21")


def test_a_cable_that_has_cooled_stays_locked_however_often_it_is_looked_at(made: Cast) -> None:
    warm(made.tethered, 25, at=NOON + minutes(3))

    assert looks(made, 60).state == "firing"
    assert looks(made, 60 * 24).state == "firing"
    assert Downtime.objects.get().ended_at is None


def test_a_repair_by_a_person_opens_a_cool_cable_at_the_next_look(made: Cast) -> None:
    tickets.resolve_ticket(
        **step(made), resolution="New cable", finding=scene.REPAIRED, as_of=NOON + minutes(30)
    )

    fault = looks(made, 31)

    assert (fault.state, fault.cleared_at) == ("cleared", NOON + minutes(31))
    assert Downtime.objects.get().ended_at == NOON + minutes(31)
    assert Ticket.objects.get().state == "resolved", "a charge must prove it"
    assert AuditEntry.objects.filter(user=made.dag, action="ticket.resolve").exists()


def test_a_repair_does_not_open_a_cable_that_is_hot_again(made: Cast) -> None:
    warm(made.tethered, 96, at=NOON + minutes(20))
    tickets.resolve_ticket(
        **step(made), resolution="New cable", finding=scene.REPAIRED, as_of=NOON + minutes(30)
    )

    assert looks(made, 31).state == "firing"


def test_heat_minutes_after_a_repair_waits_for_a_person_anew(made: Cast) -> None:
    """The word was about the danger before: what comes and goes after it is another."""
    known = {**step(made), "resolution": "New cable", "finding": scene.REPAIRED}
    tickets.resolve_ticket(**known, as_of=NOON + minutes(30))

    warm(made.tethered, 96, at=NOON + minutes(35))
    warm(made.tethered, 26, at=NOON + minutes(40))

    assert looks(made, 41).state == "firing"
    assert Ticket.objects.get().reopened == 1
    assert Downtime.objects.get().ended_at is None


def test_inspected_and_safe_opens_it_and_not_worth_a_repair_does_not(made: Cast) -> None:
    known = {**step(made), "as_of": NOON + minutes(30)}
    with pytest.raises(tickets.TicketStateError):
        tickets.dismiss_ticket(**known, closing="wont_fix", reason="Old")
    assert looks(made, 31).state == "firing"

    tickets.dismiss_ticket(**known, closing="no_fault", reason="Inspected: plug is sound")

    assert looks(made, 32).state == "cleared"
    assert AuditEntry.objects.filter(user=made.dag, action="ticket.dismiss").count() == 1


def test_what_was_called_safe_and_is_hot_again_before_the_next_look_waits_for_a_person_anew(
    made: Cast,
) -> None:
    """The reading was on its way while somebody pressed the button."""
    tickets.declare_safe(**step(made), reason="Cold, not burnt", as_of=NOON + minutes(30))

    warm(made.tethered, 96, at=NOON + minutes(30.2))

    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.closing, ticket.reopened) == ("new", "", 1)
    assert Notice.objects.filter(event="reopened").count() == 2, "nobody had it: all on call hear"
    warm(made.tethered, 26, at=NOON + minutes(33))
    assert looks(made, 60).state == "firing"


def test_the_page_asks_for_the_word_once_the_danger_is_over(made: Cast, as_web: AsWeb) -> None:
    ticket = Ticket.objects.get()
    client = Client(headers={"accept-language": "en", "HX-Request": "true"})
    client.force_login(made.dag)

    def shown() -> str:
        with as_web(None):
            return client.get(reverse("ticket_page", args=[ticket.pk])).content.decode()

    def said(text: str) -> tuple[int, str]:
        with as_web(None):
            form = {"step": "safe", "text": text}
            answer = client.post(reverse("ticket_step", args=[ticket.pk]), form)
        return answer.status_code, answer.content.decode()

    assert "Inspected and safe" in shown()
    assert said(" ")[0] == 409
    warm(made.tethered, 96, at=NOON + minutes(20))
    assert "Inspected and safe" not in shown()
    assert said("Looked at it") == (409, "Not safe yet: the danger is still reported.")
    warm(made.tethered, 28, at=NOON + minutes(22))
    assert said("Plug is sound") == (204, "")
    assert "Locked until" not in shown()
    assert AuditEntry.objects.filter(user=made.dag, action="ticket.dismiss").count() == 1
