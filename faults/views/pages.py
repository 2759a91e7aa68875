"""Tickets for people: a list that is a work queue, and a page that works with one thumb."""

import uuid
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import User
from chargenet.core.pages import Look
from faults import tickets
from faults.models import Ticket
from faults.queries import lists
from faults.queries import pages as reads
from faults.rules import words

MAX_TEXT = 4000
State = Ticket.State


@login_required
def list_tickets(request: HttpRequest) -> HttpResponseBase:
    """Show tickets: those that are open, unless a state is asked for."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    rows = lists.listed_tickets(request.user)
    if request.GET.get("state") not in State.values:
        rows = rows.filter(state__in=Ticket.OPEN)
    return pages.answer_list(
        request,
        rows=rows,
        spec=lists.ticket_spec(request.user),
        describe=lambda found: [reads.ticket_row(ticket) for ticket in found],
        look=Look(
            title=_("Tickets"),
            row_template="faults/ticket_row.html",
            empty_title=_("No open tickets"),
            empty_text=_("A fault that needs a person opens one here by itself."),
            is_live=True,
        ),
    )


@login_required
def show_ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Show one ticket: what, where, what to do first, the story, and the next step."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    page = reads.ticket_detail(request.user, ticket_id)
    ticket = access.get_or_404(reads.tickets_for(request.user), request.user, pk=ticket_id)
    told = words.words_for(ticket.code)
    context = {
        "page": page,
        "ticket": ticket,
        "where": page.ticket.where,
        "cause": _(told.cause),
        "steps": [_(step) for step in told.steps],
        "next_step": NEXT_STEP.get(State(ticket.state), ""),
        "may_work": any(one.id == request.user.pk for one in page.crew),
        "key": uuid.uuid4().hex,
        "is_fragment": pages.is_fragment(request),
    }
    name = "faults/ticket_live.html" if context["is_fragment"] else "faults/ticket.html"
    return render(request, name, context)


# The one big button at the bottom of the page.
NEXT_STEP = {
    State.NEW: "travel",
    State.ASSIGNED: "travel",
    State.WAITING: "travel",
    State.EN_ROUTE: "arrive",
    State.ON_SITE: "resolve",
}


@login_required
@require_POST
def move_ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Do one step on a ticket; the same step sent twice is done once."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    ticket = access.get_or_404(reads.tickets_for(request.user), request.user, pk=ticket_id)
    access.require_role_at(
        request.user,
        access.TECHNICAL_ROLES,
        operator_id=ticket.operator_id,
        location_id=ticket.location_id,
    )
    assert isinstance(request.user, User), "only a person signed in has a role"
    refusal = _refusal(_steps(request, ticket, request.user).get(request.POST.get("step", "")))
    if refusal:
        messages.error(request, refusal)
    if pages.is_fragment(request):
        # sent by a page that stays: its live part shows what became of it
        return HttpResponse(status=HTTPStatus.CONFLICT if refusal else HTTPStatus.NO_CONTENT)
    return redirect("ticket_page", ticket_id=ticket.pk)


def _refusal(step: Callable[[], object] | None) -> str:
    """Do a step; return why it was not done, empty where it was."""
    if step is None:
        return _("That step is not known.")
    try:
        step()
    except tickets.TicketStateError:
        return _("The ticket has moved on, or a text is missing. This is how it stands now.")
    except tickets.NotOfTheCrew:
        return _("That person may not work on this ticket.")
    return ""


def _typed(request: HttpRequest, name: str) -> str:
    """Return a text of a form as the database can keep it."""
    return request.POST.get(name, "").replace("\0", "").strip()


def _steps(request: HttpRequest, ticket: Ticket, user: User) -> dict[str, Callable[[], object]]:
    """Return each step a form may name, ready to be done."""
    text = _typed(request, "text")[:MAX_TEXT]
    assignee = request.POST.get("assignee", "")
    known: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": user.pk, "as_of": clock.now()}
    steps: dict[str, Callable[[], object]] = {
        "travel": partial(tickets.start_travel, **known),
        "arrive": partial(tickets.arrive, **known),
        "resolve": partial(tickets.resolve_ticket, resolution=text, **known),
        "wait": partial(tickets.wait, reason=text, **known),
        "close": partial(tickets.close_ticket, resolution=text, **known),
        "reopen": partial(tickets.reopen_ticket, reason=text, **known),
    }
    if assignee.isdecimal() and len(assignee) < 18:
        steps["assign"] = partial(tickets.assign_ticket, assignee_id=int(assignee), **known)
    if text:
        key = _typed(request, "key")[:40]
        steps["note"] = partial(tickets.add_note, text=text, idempotency_key=key, **known)
    return steps
