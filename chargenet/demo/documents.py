"""The demo's companies, and what comes after an invoice: credit notes, reminders, a policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from billing import crediting, dunning
from billing.models import Customer, Invoice, InvoicePolicy, Reminder
from chargenet.core.models import Operator
from revenue import ledger

CREDITED_AFTER = timedelta(days=6)
# Of a month's invoices so many are taken back whole, and so many of a line.
WHOLE, IN_PART = 1, 2
SWISH: Final = "1239006032"


@dataclass(frozen=True)
class Company:
    """A company that lets its drivers' cards charge on its account."""

    reference: str
    name: str
    kind: Customer.Kind
    org_number: str
    city: str
    language: str = "sv"
    order_number: str = ""


COMPANIES: Final = (
    Company(
        "foretag-1",
        "Åkesson & Öberg Bygg i Malmö AB",
        Customer.Kind.BUSINESS,
        "559999-0016",
        "Malmö",
    ),
    Company(
        "foretag-2",
        "Fältgårdens Hemtjänst AB",
        Customer.Kind.FLEET,
        "559999-0024",
        "Lund",
        order_number="PO-2026-117",
    ),
    Company(
        "foretag-3",
        "Northbound Parcels Sweden AB",
        Customer.Kind.FLEET,
        "559999-0032",
        "Helsingborg",
        language="en",
    ),
)


def make_policy(operator: Operator) -> None:
    """Say how the operator invoices: in whole kronor, payable by Swish."""
    InvoicePolicy.objects.get_or_create(
        operator=operator, defaults={"rounds_to_krona": True, "swish_number": SWISH}
    )


def make_companies(operator: Operator) -> list[Customer]:
    """Return the companies whose drivers charge on an invoice, made where they are missing."""
    for each in COMPANIES:
        digits = each.org_number.replace("-", "")
        Customer.objects.get_or_create(
            operator=operator,
            reference=each.reference,
            defaults={
                "name": each.name,
                "kind": each.kind,
                "org_number": each.org_number,
                "vat_number": f"SE{digits}01",
                "street": "Exempelgatan 12",
                "postal_code": "211 19",
                "city": each.city,
                "language": each.language,
                "buyer_reference": "Ekonomi 12",
                "order_number": each.order_number,
            },
        )
    references = [each.reference for each in COMPANIES]
    rows = Customer.objects.filter(operator=operator, reference__in=references)
    return list(rows.order_by("reference"))


def correct_some(invoice_ids: Sequence[int], *, as_of: datetime) -> None:
    """Take back a few of a month's invoices, whole or a line, and book the notes."""
    ids = sorted(invoice_ids)[: WHOLE + IN_PART]
    notes = []
    for place, invoice in enumerate(Invoice.objects.filter(pk__in=ids).order_by("pk")):
        first = list(invoice.lines.order_by("position").values_list("pk", flat=True)[:1])
        note = crediting.credit_invoice(
            invoice_id=invoice.pk,
            reason="Laddaren stannade i förtid" if place else "Fel mottagare",
            credited_by=None,
            as_of=min(invoice.issued_at + CREDITED_AFTER, as_of),
            line_ids=first if place else None,
        )
        notes.append(note.pk)
    ledger.post_invoices(invoice_ids=notes, as_of=as_of)


def remind_once(operator: Operator, *, as_of: datetime) -> None:
    """Remind of what is late, where nobody was reminded yet."""
    if not Reminder.objects.filter(operator=operator).exists():
        dunning.remind_late(operator_id=operator.pk, as_of=as_of)
