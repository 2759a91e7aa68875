"""Sending invoices by e-mail: asked for with the invoice itself, sent with its paper."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from hashlib import sha256
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from billing import archive, queries
from billing.models import Invoice, Reminder
from billing.queries import papers, reminder_papers, run_pages
from chargenet.core import formats
from chargenet.core.models import Outbox

logger = logging.getLogger(__name__)

KIND = "invoice_email"
# A mail is given this long before another worker may take it for lost.
LEASE = timedelta(minutes=5)
MOST_S = 30
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]
PERMANENT_FROM = 500


class _NotSent(Exception):
    """A mail did not leave; `is_permanent` where trying again is in vain."""

    def __init__(self, why: Exception, *, is_permanent: bool) -> None:
        super().__init__(str(why))
        self.is_permanent = is_permanent


def ask_for(invoices: Collection[Invoice], *, as_of: datetime) -> None:
    """Put the mails of issued invoices into the outbox, in the transaction that issues them."""
    sending = {
        operator_id: queries.policy_of(operator_id).sends_email
        for operator_id in {invoice.operator_id for invoice in invoices}
    }
    Outbox.objects.bulk_create(
        [
            Outbox(
                operator_id=invoice.operator_id,
                kind=KIND,
                key=run_pages.mail_key(invoice),
                payload={"invoice_id": invoice.pk, "to": address_of(invoice)},
                created_at=as_of,
                due_at=as_of,
            )
            for invoice in invoices
            if address_of(invoice) and sending[invoice.operator_id]
        ],
        ignore_conflicts=True,
    )


def ask_for_reminder(reminder: Reminder, *, as_of: datetime) -> None:
    """Put the mail of a reminder into the outbox, in the transaction that writes it."""
    address = address_of(reminder.invoice)
    if address and queries.policy_of(reminder.operator_id).sends_email:
        row = Outbox(
            operator_id=reminder.operator_id,
            kind=KIND,
            key=run_pages.reminder_key(reminder),
            payload={"reminder_id": reminder.pk, "to": address},
            created_at=as_of,
            due_at=as_of,
        )
        Outbox.objects.bulk_create([row], ignore_conflicts=True)


def address_of(invoice: Invoice) -> str:
    """Return where an invoice is mailed to: to the address for invoices before their own."""
    return str(invoice.buyer.get("invoice_email") or invoice.buyer.get("email") or "")


def relay_due(*, as_of: datetime, limit: int = 50) -> int:
    """Send the mails that are due; returns how many left.

    A row is leased before it is sent, so that two relays do not send it twice and one that dies
    loses nothing. What cannot be sent is tried again, ever more seldom, then given up.
    """
    sent, until = 0, time.monotonic() + MOST_S
    for row in _lease(as_of, limit):
        if time.monotonic() > until:
            Outbox.objects.filter(pk=row.pk).update(attempts=row.attempts - 1, due_at=as_of)
            continue
        try:
            _send(row, as_of)
        except _NotSent as error:
            _put_back(row, error, as_of)
        else:
            Outbox.objects.filter(pk=row.pk).update(sent_at=as_of, last_error="")
            sent += 1
    return sent


def _lease(as_of: datetime, limit: int) -> list[Outbox]:
    with transaction.atomic():
        due = Outbox.objects.filter(
            kind=KIND, sent_at__isnull=True, failed_at__isnull=True, due_at__lte=as_of
        )
        rows = list(due.order_by("due_at", "pk").select_for_update(skip_locked=True)[:limit])
        for row in rows:
            row.attempts += 1
            row.due_at = as_of + LEASE
            row.save(update_fields=["attempts", "due_at"])
    return rows


def _send(row: Outbox, as_of: datetime) -> None:
    """Send one mail; sent twice it carries the same Message-ID. Raises _NotSent."""
    letter = _letter(row.payload, as_of)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    message = EmailMessage(
        subject=letter.subject,
        body=letter.text,
        to=[row.payload["to"]],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            "Message-ID": f"<{sha256(row.key.encode()).hexdigest()[:32]}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach(f"{letter.name}.pdf", letter.content, "application/pdf")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        is_permanent = min(codes, default=PERMANENT_FROM) >= PERMANENT_FROM
        raise _NotSent(error, is_permanent=is_permanent) from error
    except SMTPResponseException as error:
        raise _NotSent(error, is_permanent=error.smtp_code >= PERMANENT_FROM) from error
    except ValueError as error:
        # A line break in a header, or an address no mail can go to.
        raise _NotSent(error, is_permanent=True) from error
    except (SMTPException, OSError) as error:
        raise _NotSent(error, is_permanent=False) from error


@dataclass(frozen=True, slots=True)
class _Letter:
    subject: str
    text: str
    reply_to: str
    name: str
    content: bytes


def _letter(payload: dict[str, Any], as_of: datetime) -> _Letter:
    """Return what a mail says and carries, its paper archived before it leaves."""
    if "reminder_id" in payload:
        rows = Reminder.objects.select_related("invoice__operator", "invoice__customer")
        reminder = rows.get(pk=payload["reminder_id"])
        subject, text = _reminder_words(reminder)
        archive.archive_reminders(reminder_ids=[reminder.pk], as_of=as_of)
        content = archive.kept_reminder(reminder)
        reply_to = str(reminder.invoice.seller.get("email") or "")
        return _Letter(subject, text, reply_to, reminder.label, content)
    found = papers.with_paper_rows(Invoice.objects.select_related("operator", "customer"))
    invoice = found.get(pk=payload["invoice_id"])
    archive.archive_invoices(invoice_ids=[invoice.pk], as_of=as_of)
    subject, text = _words(invoice)
    reply_to = str(invoice.seller.get("email") or "")
    return _Letter(subject, text, reply_to, invoice.label, archive.kept_pdf(invoice))


def _reminder_words(reminder: Reminder) -> tuple[str, str]:
    """Return the subject and text of a reminder's mail in the customer's language."""
    invoice = reminder.invoice
    with translation.override(invoice.buyer.get("language") or "sv"):
        name = invoice.seller.get("legal_name") or invoice.operator.name
        subject = f"{_('Reminder')} {reminder.label}, {name}"
        amount = reminder_papers.total_of(reminder)
        lines = [
            _("Invoice %(number)s is not paid.") % {"number": invoice.label},
            f"{_('To pay')}: {formats.money(amount, str(reminder.open_amount.currency))}",
            _("To be paid by %(day)s.") % {"day": reminder.due_date.isoformat()},
            _("OCR number %(number)s") % {"number": invoice.ocr_reference},
            _("If you have paid in the last days, thank you."),
        ]
        return subject, "\n".join([*lines, "", name])


def _words(invoice: Invoice) -> tuple[str, str]:
    """Return a mail's subject and text in the customer's language."""
    with translation.override(invoice.buyer.get("language") or "sv"):
        name = invoice.seller.get("legal_name") or invoice.operator.name
        kind = papers.kind_word(invoice)
        subject = f"{kind} {invoice.label}, {name}"
        amount = formats.money(abs(invoice.to_pay), str(invoice.total_incl_vat.currency))
        address = settings.PUBLIC_URL + reverse("portal_invoice", args=[invoice.public_id])
        lines = [f"{kind} {invoice.label}: {amount}"]
        if invoice.kind in (Invoice.Kind.INVOICE, Invoice.Kind.INTEREST):
            due = invoice.due_date.isoformat()
            lines.append(_("To be paid by %(day)s.") % {"day": due})
            lines.append(_("OCR number %(number)s") % {"number": invoice.ocr_reference})
        if invoice.customer.user_id is not None:
            lines.append(_("See it here: %(address)s") % {"address": address})
        return subject, "\n".join([*lines, "", name])


def _put_back(row: Outbox, error: _NotSent, as_of: datetime) -> None:
    is_hopeless = error.is_permanent or row.attempts > len(BACK_OFF)
    logger.warning(
        "invoice not sent outbox=%d attempt=%d final=%s error=%s",
        row.pk,
        row.attempts,
        is_hopeless,
        error,
    )
    if is_hopeless:
        Outbox.objects.filter(pk=row.pk).update(failed_at=as_of, last_error=str(error))
        return
    due_at = as_of + BACK_OFF[row.attempts - 1]
    Outbox.objects.filter(pk=row.pk).update(due_at=due_at, last_error=str(error))
