"""Tickets for people: a list that is a work queue, and a page that works with one thumb."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from faults.models import Ticket
from faults.queries import choices, healed, jobs, lists, reports, suggestions
from faults.queries import pages as reads
from faults.queries.suggestions import Candidate
from faults.rules import words

State = Ticket.State


@login_required
def list_tickets(request: HttpRequest) -> HttpResponseBase:
    """Show tickets: those that are open, unless a state is asked for."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    now, rows = clock.now(), lists.listed_tickets(request.user)
    # what was never proven is closed, and is asked for among the unproven
    if request.GET.get("state") not in State.values and request.GET.get("due") != "unproven":
        rows = rows.filter(state__in=Ticket.OPEN)
    return pages.answer_list(
        request,
        rows=rows,
        spec=lists.ticket_spec(request.user, as_of=now),
        describe=lambda found: [reads.ticket_row(one, as_of=now) for one in found],
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
        "is_others": ticket.assignee_id not in {None, request.user.pk},
        "may_work": any(one.id == request.user.pk for one in page.crew),
        "key": uuid.uuid4().hex,
        "is_fragment": pages.is_fragment(request),
        "reports": reports.of_ticket(request.user, ticket),
        "healings": healed.healings_of_ticket(request.user, ticket.pk),
        "job": jobs.job_of(ticket, user_id=request.user.pk or 0, as_of=clock.now()),
        "suggested": _suggested(ticket),
        **choices.of_forms(),
    }
    name = "faults/ticket_live.html" if context["is_fragment"] else "faults/ticket.html"
    return render(request, name, context)


def _suggested(ticket: Ticket) -> Candidate | None:
    """Return who fits best, where somebody is still to do it and it is not theirs already."""
    if ticket.state in {State.RESOLVED, State.CLOSED, State.EN_ROUTE, State.ON_SITE}:
        return None
    best = suggestions.best_for(ticket, as_of=clock.now())
    return best if best and best.user.pk != ticket.assignee_id else None


# The one big button at the bottom of the page.
NEXT_STEP = {
    State.NEW: "acknowledge",
    State.TRIAGED: "acknowledge",
    State.ASSIGNED: "acknowledge",
    State.ACKNOWLEDGED: "travel",
    State.WAITING: "travel",
    State.EN_ROUTE: "arrive",
    State.ON_SITE: "resolve",
}
