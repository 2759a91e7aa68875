"""The archive: the bytes of every document as it was issued, known by their SHA-256."""

import hashlib
import hmac
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from billing import paper
from billing.einvoice import checking, ubl
from billing.models import ArchivedDocument, Invoice, Reminder
from billing.queries import einvoices, papers, reminder_papers

logger = logging.getLogger(__name__)
Form = ArchivedDocument.Form
# To and including the seventh year after the one the financial year ended in: bokföringslagen 7:2.
KEPT_YEARS = 7
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the archive of one invoice."""

    invoice_id: int
    label: str
    form: str
    problem: str


def kept_pdf(invoice: Invoice) -> bytes:
    """Return the PDF of an invoice read by `with_paper_rows`: the archived one where it is."""
    kept = ArchivedDocument.objects.filter(
        invoice=invoice, form=Form.PDF, reminder__isnull=True
    ).first()
    return bytes(kept.content) if kept else _pdf(invoice)


def kept_reminder(reminder: Reminder) -> bytes:
    """Return the PDF of a reminder, read with its invoice: the archived one where it is."""
    kept = ArchivedDocument.objects.filter(reminder=reminder).first()
    return bytes(kept.content) if kept else _reminder_pdf(reminder)


def archive_reminders(*, reminder_ids: list[int], as_of: datetime) -> int:
    """Store the PDF of some reminders; what is stored already stays as it is."""
    rows = Reminder.objects.select_related("invoice").filter(pk__in=reminder_ids)
    for reminder in rows:
        made = _stored(reminder.invoice, Form.PDF, _reminder_pdf(reminder), as_of)
        made.reminder = reminder
        made.kept_until = date(reminder.issue_date.year + KEPT_YEARS, 12, 31)
        ArchivedDocument.objects.bulk_create([made], ignore_conflicts=True)
    return len(rows)


def _reminder_pdf(reminder: Reminder) -> bytes:
    return paper.pdf(reminder_papers.sheet_of(reminder), made_at=reminder.issued_at)


def archive_invoices(*, invoice_ids: list[int], as_of: datetime) -> int:
    """Store the PDF, and the UBL of what can be sent, of some invoices; returns how many files.

    What is stored already stays as it is.
    """
    stored = 0
    for start in range(0, len(invoice_ids), AT_ONCE):
        rows = einvoices.with_einvoice_rows(Invoice.objects.all())
        with transaction.atomic():
            for invoice in rows.filter(pk__in=invoice_ids[start : start + AT_ONCE]):
                files = [(Form.PDF, _pdf(invoice)), *_ubl(invoice)]
                ArchivedDocument.objects.bulk_create(
                    [_stored(invoice, form, content, as_of) for form, content in files],
                    ignore_conflicts=True,
                )
                stored += len(files)
    return stored


def unarchived() -> QuerySet[Invoice]:
    """Return the invoices whose paper is not archived, the oldest first."""
    kept = ArchivedDocument.objects.filter(
        invoice_id=OuterRef("pk"), form=Form.PDF, reminder__isnull=True
    )
    return Invoice.objects.filter(~Exists(kept)).order_by("pk")


def unarchived_reminders() -> QuerySet[Reminder]:
    """Return the reminders whose paper is not archived, the oldest first."""
    kept = ArchivedDocument.objects.filter(reminder_id=OuterRef("pk"))
    return Reminder.objects.filter(~Exists(kept)).order_by("pk")


def check_archive(*, operator_ids: list[int], today: date) -> Iterator[Finding]:
    """Yield every file that was changed, and every invoice whose file is missing."""
    rows = ArchivedDocument.objects.filter(operator_id__in=operator_ids, kept_until__gte=today)
    for each in rows.select_related("invoice").order_by("pk").iterator(chunk_size=100):
        content = bytes(each.content)
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), each.sha256):
            yield Finding(each.invoice_id, each.invoice.label, each.form, "changed")
        elif len(content) != each.size_bytes:
            yield Finding(each.invoice_id, each.invoice.label, each.form, "size")
    missing = unarchived().filter(operator_id__in=operator_ids)
    for invoice in missing.only("pk", "label").iterator(chunk_size=1000):
        yield Finding(invoice.pk, invoice.label, Form.PDF.value, "missing")
    for reminder in unarchived_reminders().filter(operator_id__in=operator_ids):
        yield Finding(reminder.invoice_id, reminder.label, Form.PDF.value, "missing")


def _pdf(invoice: Invoice) -> bytes:
    return paper.pdf(papers.sheet_of(invoice), made_at=invoice.issued_at)


def _ubl(invoice: Invoice) -> list[tuple[Form, bytes]]:
    """Return the e-invoice of a company's invoice that lacks nothing."""
    # Interest and fees are no supply: they go by paper alone.
    if not invoice.is_to_company or invoice.kind == Invoice.Kind.INTEREST:
        return []
    document = einvoices.einvoice_of(invoice)
    if einvoices.gaps_of(document):
        return []
    content = ubl.write(document)
    verdict = checking.check(content)
    if not verdict.is_valid:
        logger.error("e-invoice not valid invoice=%d why=%s", invoice.pk, verdict.problems[:3])
        return []
    return [(Form.UBL, content)]


def _stored(invoice: Invoice, form: Form, content: bytes, as_of: datetime) -> ArchivedDocument:
    return ArchivedDocument(
        operator_id=invoice.operator_id,
        invoice=invoice,
        form=form,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        stored_at=as_of,
        kept_until=date(invoice.issue_date.year + KEPT_YEARS, 12, 31),
    )
