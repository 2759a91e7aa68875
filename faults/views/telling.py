"""How a person is told: by mail or text, when not, and a calendar that other programs read."""

from datetime import time
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chargenet.core import access, clock, tenancy
from chargenet.core.models import Operator, User
from faults.models import CalendarLink, Severity, TellingChoice, WayOut
from faults.notifications import choices
from faults.paper import calendars as paper
from faults.queries import calendars
from faults.rules.vocabulary.meaning import SAFETY
from faults.views.steps import number, typed


@login_required
@never_cache
def show_telling(request: HttpRequest) -> HttpResponse:
    """Show what a person hears of each network, and whether they have a calendar."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    return render(request, "faults/telling.html", _page(_person(request)))


@login_required
@require_POST
@never_cache
def change_telling(request: HttpRequest) -> HttpResponse:
    """Keep what a person wants to hear, or make or end their calendar's address."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    user, deed = _person(request), typed(request, "deed")
    if deed == "link":
        # shown in this answer and never again: only its hash is kept
        secret = choices.make_link(user=user, as_of=clock.now())
        address = f"{settings.PUBLIC_URL}{reverse('ticket_calendar', args=[secret])}"
        return render(request, "faults/telling.html", {**_page(user), "address": address})
    if deed == "unlink":
        choices.revoke_link(user=user, as_of=clock.now())
        messages.success(request, _("The calendar's address is void."))
        return redirect("ticket_telling")
    try:
        _keep(request, user)
    except choices.ChoiceUnfit:
        messages.error(
            request,
            _("Not saved: quiet hours need both times, a number its country, as in +46701234567."),
        )
    else:
        messages.success(request, _("Saved."))
    return redirect("ticket_telling")


@require_safe
def send_calendar(_request: HttpRequest, secret: str) -> HttpResponse:
    """Send the calendar of whoever the secret belongs to; who has it needs no login."""
    user = choices.person_of(secret)
    if user is None:
        raise Http404
    tenancy.enter_scope(operators=[], person=user.pk)
    theirs = access.operator_ids(user, access.TECHNICAL_ROLES)
    tenancy.enter_scope(operators=theirs, person=user.pk)
    as_of = clock.now()
    with translation.override(user.language):
        made = paper.calendar(
            name=_("Tickets and duty"),
            entries=calendars.entries_of(user, as_of=as_of),
            domain=urlsplit(settings.PUBLIC_URL).hostname or "localhost",
            as_of=as_of,
        )
    answer = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="tickets.ics"'
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _keep(request: HttpRequest, user: User) -> None:
    ids = access.operator_ids(user, access.TECHNICAL_ROLES)
    asked = number(typed(request, "operator"))
    operator = Operator.objects.filter(pk__in=ids, pk=asked or ids[0]).first()
    if operator is None:
        raise Http404
    choice = choices.Choice(
        email_least=number(typed(request, "email_least")) or 0,
        sms_least=number(typed(request, "sms_least")) or 0,
        wants_digest=typed(request, "wants_digest") == "1",
        quiet_from=_time(request, "quiet_from"),
        quiet_until=_time(request, "quiet_until"),
    )
    with transaction.atomic():
        # what is not saved is not saved by half
        as_of = clock.now()
        choices.set_phone(user=user, phone=typed(request, "phone")[:40], as_of=as_of)
        choices.choose(operator=operator, user=user, choice=choice, as_of=as_of)


def _page(user: User) -> dict[str, object]:
    ids = access.operator_ids(user, access.TECHNICAL_ROLES)
    said = {one.operator_id: one for one in TellingChoice.objects.filter(user=user)}
    texts = WayOut.objects.filter(operator_id__in=ids, kind=WayOut.Kind.SMS, is_active=True)
    with_texts = set(texts.values_list("operator_id", flat=True))
    networks = [
        (one, said.get(one.pk) or TellingChoice(), one.pk in with_texts)
        for one in Operator.objects.filter(pk__in=ids).order_by("name")
    ]
    return {
        "person": User.objects.get(pk=user.pk),
        "networks": networks,
        "levels": [(value, _up_to(value, str(label))) for value, label in Severity.choices],
        "link": CalendarLink.objects.filter(user=user).first(),
    }


def _up_to(value: int, label: str) -> str:
    return label if value == SAFETY else _("S1 to %(label)s") % {"label": label}


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "only a person signed in has a role"
    return request.user


def _time(request: HttpRequest, name: str) -> time | None:
    try:
        return parse_time(typed(request, name))
    except ValueError:
        return None
