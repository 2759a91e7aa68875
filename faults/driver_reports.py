"""What drivers report at a cable: written once, believed by a rule, answered by a person."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from chargenet.core import audit
from chargenet.core.models import Outbox, User
from faults.models import DriverReport, ReportKind, ReportPhoto, Ticket
from faults.tickets import photos
from stations import status
from stations.models import Connector, Session

KIND: Final = "human"
USUAL_WINDOW: Final = timedelta(days=56)
State = DriverReport.State


class ReportClosed(Exception):
    """The report was closed by somebody else."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote in the form, already cut to its lengths."""

    kind: str
    text: str
    contact: str
    language: str
    reporter: str
    key: str
    # Digests of what tells people apart, beside the reporter's: one in common is one person.
    marks: tuple[str, ...] = ()


def digest(*parts: str) -> str:
    """Return a word that tells people apart, and from which nobody finds them."""
    text = "\n".join(parts).encode("utf-8", "replace")
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()[:32]


def take_report(*, connector: Connector, said: Said, as_of: datetime) -> DriverReport:
    """Write what somebody reports, and tell the rules; the same form twice is one report."""
    with transaction.atomic():
        report, is_new = DriverReport.objects.get_or_create(
            connector=connector,
            idempotency_key=said.key,
            defaults={
                "operator_id": connector.operator_id,
                "location_id": connector.station.location_id,
                "station_id": connector.station_id,
                "kind": ReportKind(said.kind),
                "text": said.text,
                "contact": said.contact,
                "language": said.language,
                "reporter": said.reporter,
                "received_at": as_of,
            },
        )
        if is_new:
            detail = {
                "report": report.pk,
                "who": report.reporter,
                "marks": sorted({report.reporter, *said.marks}),
                "what": report.kind,
                "silence": chance_of_silence(connector.pk, as_of),
            }
            _observe(report, "", detail, as_of)
    return report


def add_photo(*, report: DriverReport, raw: bytes, as_of: datetime) -> ReportPhoto:
    """Keep a report's picture; a second one is not kept. Raises PhotoUnfit.

    Where and when a telephone took it does not come along.
    """
    before = ReportPhoto.objects.filter(report=report).first()
    if before is not None:
        return before
    picture, (width, height) = photos.encoded(raw)
    photo, _is_new = ReportPhoto.objects.get_or_create(
        report=report,
        defaults={
            "operator_id": report.operator_id,
            "picture": picture,
            "width": width,
            "height": height,
            "at": as_of,
        },
    )
    return photo


def chance_of_silence(connector_id: int, as_of: datetime) -> float:
    """Return how likely the connector's present silence is at its usual rate; 1 where unknown.

    Gamma-Poisson with the starts of eight weeks as its shape.
    """
    starts = Session.objects.filter(
        connector_id=connector_id, started_at__gt=as_of - 2 * USUAL_WINDOW, started_at__lte=as_of
    ).order_by("-started_at")
    newest = starts.values_list("started_at", flat=True).first()
    if newest is None:
        return 1.0
    usual = starts.filter(started_at__gt=newest - USUAL_WINDOW).count()
    silent_s = (as_of - newest).total_seconds()
    window_s = USUAL_WINDOW.total_seconds()
    return round(float((window_s / (window_s + silent_s)) ** (usual + 0.5)), 6)


def close_report(
    *, report_id: int, verdict: str, answer: str, actor: User, as_of: datetime
) -> DriverReport:
    """Close a report as right or wrong, answer who left an address, and forget the address.

    A wrong one no longer counts as evidence. Raises ReportClosed where it was closed otherwise.
    """
    with transaction.atomic():
        report = DriverReport.objects.select_for_update(no_key=True).get(pk=report_id)
        if report.state == verdict:
            return report
        if report.state != State.NEW:
            raise ReportClosed(f"report {report_id} is {report.state}")
        if answer and report.contact:
            _write_answer(report, answer, as_of)
            report.answered_at = as_of
        report.state, report.answer = State(verdict), answer
        report.contact, report.closed_at, report.closed_by = "", as_of, actor
        report.ticket = _open_ticket(report)
        report.save()
        if verdict == State.WRONG:
            _observe(report, ":withdrawn", {"report": report.pk, "what": "withdrawn"}, as_of)
        audit.record(
            operator_id=report.operator_id,
            user_id=actor.pk,
            action=f"driver_report.{verdict}",
            object_type="driver_report",
            object_id=report.pk,
            as_of=as_of,
            details={"answered": bool(report.answered_at)},
        )
    return report


def is_address(contact: str) -> bool:
    """Return whether a contact is one we can write a letter to."""
    try:
        validate_email(contact)
    except ValidationError:
        return False
    return True


def _observe(report: DriverReport, turn: str, detail: dict[str, object], as_of: datetime) -> None:
    status.record_observation(
        kind=KIND,
        station_id=report.station_id,
        connector_id=report.connector_id,
        occurred_at=as_of,
        source_id=f"report:{report.pk}{turn}",
        detail=detail,
        as_of=as_of,
    )


def _write_answer(report: DriverReport, answer: str, as_of: datetime) -> None:
    if not is_address(report.contact):
        return
    with translation.override(report.language):
        subject = _("Your report about %(place)s") % {"place": report.location.name}
    subject = " ".join(subject.split())
    Outbox.objects.get_or_create(
        key=f"driver_report:{report.pk}:answer",
        defaults={
            "operator_id": report.operator_id,
            "kind": "email",
            "payload": {"to": report.contact, "subject": subject, "text": answer},
            "created_at": as_of,
            "due_at": as_of,
        },
    )


def _open_ticket(report: DriverReport) -> Ticket | None:
    rows = Ticket.objects.filter(connector_id=report.connector_id, state__in=Ticket.OPEN)
    return rows.order_by("severity", "pk").first()
