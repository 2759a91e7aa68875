"""The buttons of a ticket: each is one verb, and pressed twice it is pressed once."""

from collections.abc import Callable
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import User
from faults import tickets
from faults.models import Ticket
from faults.queries import pages as reads
from faults.tickets import Refusal, gear, photos

MAX_TEXT = 4000
MAX_DIGITS = 17


@login_required
@require_POST
def move_ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Do one step on a ticket; the same step sent twice is done once."""
    ticket, user = workable(request, ticket_id)
    # a button of the live part names its point or part behind a colon
    word, _colon, item = request.POST.get("step", "").partition(":")
    refusal = _refusal(_steps(request, ticket, user, item[:24]).get(word))
    if pages.is_fragment(request):
        # sent by a page that stays: it keeps what was typed beside why it was not done
        if refusal:
            return HttpResponse(
                refusal, status=HTTPStatus.CONFLICT, content_type="text/plain; charset=utf-8"
            )
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if refusal:
        messages.error(request, refusal)
    return redirect("ticket_page", ticket_id=ticket.pk)


def _refusal(step: Callable[[], object] | None) -> str:
    """Do a step; return why it was not done, empty where it was."""
    if step is None:
        return _("That step is not known.")
    try:
        step()
    except tuple(REASONS) as error:
        return REASONS[type(error)](error)
    return ""


def workable(request: HttpRequest, ticket_id: int) -> tuple[Ticket, User]:
    """Return a ticket a person may work on, and the person; 404 and 403 as for the page."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    ticket = access.get_or_404(reads.tickets_for(request.user), request.user, pk=ticket_id)
    access.require_role_at(
        request.user,
        access.TECHNICAL_ROLES,
        operator_id=ticket.operator_id,
        location_id=ticket.location_id,
    )
    assert isinstance(request.user, User), "only a person signed in has a role"
    return ticket, request.user


def missing(part: str) -> str:
    """Say what a finding lacks."""
    return {
        "component": _("Not saved: say what was wrong, and with which part."),
        "cause": _("Not saved: say what was wrong, and with which part."),
        "action": _("Not saved: say what you did."),
        "parts": _("Not saved: what was replaced needs the part that was used."),
        "evidence": _(
            "Not saved: downtime that is not ours needs evidence, a photo or a reference."
        ),
    }.get(part, _("Not saved: the finding is not complete."))


def _moved_on(error: Any) -> str:
    known = {
        Refusal.STILL_REPORTED: _("Not safe yet: the danger is still reported."),
        Refusal.STILL_HOLDS: _(
            "Not closed: the fault is still reported. Say what was done, and it closes when a "
            "charge has proven it."
        ),
        Refusal.NOT_CALLED_SAFE: _(
            "Not closed: the place is locked. Somebody must have inspected it and found it safe."
        ),
        Refusal.UNTOLD: _("Not saved: write what was done, or why."),
        Refusal.NO_ORIGINAL: _("Not closed: of which other ticket is it a duplicate?"),
        Refusal.ANOTHER_OPEN: _("Another ticket is open for the same fault: go on there."),
        Refusal.TAKEN: _("Somebody else has taken it meanwhile. This is how it stands now."),
    }
    return known.get(error.why) or _("The ticket has moved on. This is how it stands now.")


def _unfit_part(error: Any) -> str:
    most = {"parts": gear.MOST_PARTS, "pieces": gear.MOST_OF_A_PART}
    known = {
        "name": _("Not saved: name the part."),
        "quantity": _("Not saved: how many, between 1 and %(pieces)d?"),
        "many": _("Not saved: a ticket holds %(parts)d parts. Write the rest as a note."),
    }
    return known[error.why] % most


# Why a step was not done, in words, by how it was refused.
REASONS: dict[type[Exception], Callable[[Any], str]] = {
    tickets.TicketStateError: _moved_on,
    tickets.NotOfTheCrew: lambda _error: _("That person may not work on this ticket."),
    tickets.FindingUnfit: lambda error: missing(error.part),
    tickets.PhotoUnfit: lambda _error: _(
        "Not saved: a JPEG, PNG or WebP picture of at most 9 MB is needed."
    ),
    tickets.PartUnfit: _unfit_part,
}


def typed(request: HttpRequest, name: str) -> str:
    """Return a text of a form as the database can keep it."""
    return request.POST.get(name, "").replace("\0", "").strip()


def number(raw: str) -> int | None:
    """Return a number somebody typed, None for nonsense."""
    digits = raw.removeprefix("#").strip()
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS
    return int(digits) if is_number else None


def finding_of(request: HttpRequest) -> tickets.Finding | None:
    """Return the cause tree of a form, None where nothing of it was filled in."""
    component, _dot, cause = typed(request, "found").partition(".")
    if not component:
        return None
    return tickets.Finding(
        component=component,
        cause=cause,
        action=typed(request, "action"),
        exclusion_class=typed(request, "exclusion") or "none",
        reference=typed(request, "reference"),
        parts=tuple(typed(request, "part").split(",")),
    )


def _steps(
    request: HttpRequest, ticket: Ticket, user: User, item: str
) -> dict[str, Callable[[], object]]:
    """Return each step a form may name, ready to be done."""
    text = typed(request, "text")[:MAX_TEXT]
    known: dict[str, Any] = {"ticket_id": ticket.pk, "actor_id": user.pk, "as_of": clock.now()}
    # what may be taken from somebody names whose it was on the page
    taken: dict[str, Any] = {**known, "seen_assignee_id": number(item)}
    finding = finding_of(request)
    steps: dict[str, Callable[[], object]] = {
        "triage": partial(tickets.triage_ticket, **known),
        "acknowledge": partial(tickets.acknowledge_ticket, **taken),
        "take": partial(tickets.assign_ticket, assignee_id=user.pk, **taken),
        "travel": partial(tickets.start_travel, **taken),
        "arrive": partial(tickets.arrive, **taken),
        "resolve": partial(
            tickets.resolve_ticket,
            resolution=text,
            finding=finding or tickets.Finding("", "", ""),
            **known,
        ),
        "wait": partial(tickets.wait, reason=text, **_waiting(request), **known),
        "close": partial(tickets.close_ticket, resolution=text, finding=finding, **known),
        "dismiss": partial(
            tickets.dismiss_ticket,
            closing=typed(request, "closing"),
            reason=text,
            duplicate_of=number(typed(request, "duplicate_of")),
            **known,
        ),
        "safe": partial(tickets.declare_safe, reason=text, **known),
        "reopen": partial(tickets.reopen_ticket, reason=text, **known),
    }
    assignee_id = number(item or request.POST.get("assignee", ""))
    if assignee_id is not None:
        steps["assign"] = partial(tickets.assign_ticket, assignee_id=assignee_id, **known)
    if text:
        key = typed(request, "key")[:40]
        steps["note"] = partial(tickets.add_note, text=text, idempotency_key=key, **known)
    return {**steps, **_work(request, item, known)}


def _work(
    request: HttpRequest, item: str, known: dict[str, Any]
) -> dict[str, Callable[[], object]]:
    """Return what is done on the way: watched, points ticked, parts noted, photos taken."""
    mine = {"ticket_id": known["ticket_id"], "user_id": known["actor_id"]}
    key = typed(request, "key")[:40]
    photo = request.FILES.get("photo")
    raw = photo.read() if photo and (photo.size or 0) <= photos.MOST_BYTES else b""
    return {
        "watch": partial(tickets.watch, **mine, as_of=known["as_of"]),
        "unwatch": partial(tickets.unwatch, **mine),
        "tick": partial(tickets.tick_item, item=item, is_done=True, **known),
        "untick": partial(tickets.tick_item, item=item, is_done=False, **known),
        "use_part": partial(tickets.use_part, part_id=number(item) or 0, **known),
        "part": partial(
            tickets.add_part,
            name=typed(request, "name"),
            number=typed(request, "part_number"),
            quantity=number(typed(request, "quantity") or "1") or 0,
            is_used=typed(request, "is_used") == "1",
            idempotency_key=key,
            **known,
        ),
        "photo": partial(
            tickets.add_photo,
            raw=raw,
            caption=typed(request, "caption"),
            idempotency_key=key,
            **known,
        ),
    }


def _waiting(request: HttpRequest) -> dict[str, Any]:
    """Return for whom the work waits, and until when it is expected to."""
    waits = {"wait_for": wait_for} if (wait_for := typed(request, "wait_for")) else {}
    return {**waits, "expected_on": _day(typed(request, "expected_on"))}


def _day(raw: str) -> date | None:
    try:
        return parse_date(raw)
    except ValueError:
        return None
