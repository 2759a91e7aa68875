"""What a ticket has to look at and to take along: photos and the work order."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from chargenet.core import access
from faults import paper
from faults.models import Ticket, TicketPhoto
from faults.queries import orders
from faults.queries import pages as reads


@login_required
def show_photo(request: HttpRequest, ticket_id: int, photo_id: int) -> HttpResponse:
    """Send one photo to who may see its ticket."""
    ticket = _ticket(request, ticket_id)
    photo = get_object_or_404(TicketPhoto, ticket=ticket, pk=photo_id)
    return as_picture(bytes(photo.picture), f"{ticket.number}-{photo.pk}")


def as_picture(picture: bytes, name: str) -> HttpResponse:
    """Return a picture we encoded, as a page that can do nothing but show it."""
    answer = HttpResponse(picture, content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


@login_required
def show_order(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Show a work order as a page to print."""
    order = orders.order_of(_ticket(request, ticket_id))
    return render(request, "faults/order.html", {"order": order})


@login_required
def send_order(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Send a work order as a PDF."""
    order = orders.order_of(_ticket(request, ticket_id))
    made = paper.work_order(
        paper.WorkOrder(
            language=order.language,
            title=order.title,
            number=_("Work order #%(number)d") % {"number": order.ticket.number},
            url=order.url,
            facts=order.facts,
            cause=order.cause,
            checklist_title=_("Checklist"),
            checklist=[(point.text, point.at is not None) for point in order.checklist],
            parts_title=_("Parts"),
            parts=order.parts,
            notes_title=_("Notes"),
            notes=order.notes,
            sign=[_("Date"), _("Hours"), _("Signature")],
        )
    )
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{order.ticket.number}.pdf"'
    return answer


def _ticket(request: HttpRequest, ticket_id: int) -> Ticket:
    access.require_role(request.user, access.TECHNICAL_ROLES)
    return access.get_or_404(reads.tickets_for(request.user), request.user, pk=ticket_id)
