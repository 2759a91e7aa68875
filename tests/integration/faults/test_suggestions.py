"""Who fits a ticket best: said with its reason, and obeyed where the operator wants it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from chargenet.core.models import Membership, Role, User
from faults import tickets
from faults.models import CrewMember, Duty, Notice, Ticket, TicketNote, TicketPolicy
from faults.queries import suggestions
from stations.models import Connector
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def hire(made: Cast, name: str, *, skills: tuple[str, ...] = (), site: bool = False) -> User:
    user = User.objects.create(email=f"{name.lower()}@example.org", name=name)
    Membership.objects.create(operator=made.operator, user=user, role=Role.TECHNICIAN)
    CrewMember.objects.create(
        operator=made.operator,
        user=user,
        skills=list(skills),
        site_ids=[made.location.pk] if site else [],
    )
    return user


def on_call(made: Cast, user: User) -> None:
    hour = timedelta(hours=1)
    Duty.objects.create(
        operator=made.operator, user=user, starts_at=NOON - hour, ends_at=NOON + hour
    )


def opened(made: Cast, place: Connector, *, severity: int = 3, family: str = "reader") -> Ticket:
    about = tickets.About(
        operator_id=made.operator.pk,
        scope_key=f"connector:{place.pk}:{family}",
        location_id=made.location.pk,
        station_id=place.station_id,
        connector_id=place.pk,
    )
    return tickets.open_ticket(
        about=about, family=family, code="F36", severity=severity, as_of=NOON
    )


def names(ticket: Ticket) -> list[str]:
    return [str(one.user) for one in suggestions.candidates(ticket, as_of=NOON)]


def test_who_only_operates_comes_last_and_who_has_least_to_do_first(made: Cast) -> None:
    hire(made, "Agnes")
    mine = opened(made, made.socket, family="meter")
    tickets.assign_ticket(
        ticket_id=mine.pk, assignee_id=User.objects.get(name="Agnes").pk, actor_id=None, as_of=NOON
    )

    assert names(opened(made, made.socket)) == ["Dag", "Agnes", "Cilla"]


def test_what_can_wait_goes_by_skill_and_what_cannot_by_who_is_on_call(made: Cast) -> None:
    Connector.objects.filter(pk=made.tethered.pk).update(standard="IEC_62196_T2_COMBO")
    hire(made, "Disa", skills=("dc",))
    hire(made, "Elsa", skills=("ac",), site=True)
    on_call(made, made.dag)

    assert names(opened(made, made.tethered))[:3] == ["Disa", "Dag", "Elsa"]
    assert names(opened(made, made.tethered, severity=1, family="safety"))[0] == "Dag"
    assert names(opened(made, made.socket))[:2] == ["Elsa", "Dag"]


def test_the_reason_is_said(made: Cast) -> None:
    hire(made, "Nils", skills=("network",), site=True)
    on_call(made, User.objects.get(name="Nils"))

    best = suggestions.best_for(opened(made, made.socket, family="link"), as_of=NOON)

    assert best is not None
    with translation.override("en"):
        assert best.reasons == [
            "on call now",
            "Network and SIM",
            "the site is theirs",
            "0 open tickets",
        ]


def test_one_tap_gives_the_ticket_to_who_fits_best(made: Cast, as_web: AsWeb) -> None:
    ticket = opened(made, made.socket)
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    page = reverse("ticket_page", args=[ticket.pk])
    with as_web(None):
        shown = client.get(page).content.decode()
        button = f'value="assign:{made.dag.pk}"'
        assert button in shown
        client.post(reverse("ticket_step", args=[ticket.pk]), {"step": f"assign:{made.dag.pk}"})
        ticket.refresh_from_db()
        after = client.get(page).content.decode()

    assert (ticket.state, ticket.assignee) == ("assigned", made.dag)
    assert button not in after


def test_a_ticket_gives_itself_away_only_where_the_operator_says_so(made: Cast) -> None:
    assert opened(made, made.socket).assignee is None
    TicketPolicy.objects.create(operator=made.operator, assigns_by_itself=True)

    given = opened(made, made.socket, family="meter")

    assert (given.state, given.assignee, given.acknowledged_at) == ("assigned", made.dag, None)
    assert given.escalate_at is not None, "its clock runs until they accept it"
    told = Notice.objects.filter(ticket=given).values_list("event", "user__name")
    assert list(told) == [("assigned", "Dag")]
    assert TicketNote.objects.get(ticket=given, detail__verb="assign").author is None


def test_of_danger_everybody_hears_whoever_was_given_it(made: Cast) -> None:
    TicketPolicy.objects.create(operator=made.operator, assigns_by_itself=True)

    given = opened(made, made.socket, severity=1, family="safety")

    told = Notice.objects.filter(ticket=given, event="opened").values_list("user__name", flat=True)
    assert (given.assignee, set(told)) == (made.dag, {"Dag", "Cilla"})
