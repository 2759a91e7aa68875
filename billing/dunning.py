"""Reminders: of what is not paid, once each, with the fee and the interest that the law allows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from billing import delivery, queries, series
from billing.models import Customer, Dispute, Invoice, InvoicePolicy, Reminder
from billing.swedish import facts, interest
from billing.swedish.interest import Part
from chargenet.core import audit
from chargenet.core.models import Operator, User

# A reminder gives so long to pay.
DAYS_TO_PAY = 10
SWEPT = 500
FIRST = 1


class AlreadyDisputed(Exception):
    """The invoice is disputed already."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a reminder asks for beside the invoice."""

    open_amount: Decimal
    fee: Decimal
    interest: Decimal
    parts: Sequence[Part]


def sweep_reminders(*, as_of: datetime) -> int:
    """Remind of what is late at every operator; returns how many reminders were written."""
    return sum(
        remind_late(operator_id=pk, as_of=as_of)
        for pk in Operator.objects.order_by("pk").values_list("pk", flat=True)
    )


def remind_late(*, operator_id: int, as_of: datetime) -> int:
    """Write the reminders of an operator that are due; returns how many.

    Run again on the same day it writes none: each level of an invoice is reminded of once.
    """
    operator = Operator.objects.get(pk=operator_id)
    policy = queries.policy_of(operator_id)
    today = as_of.astimezone(ZoneInfo(operator.timezone)).date()
    late = today - timedelta(days=policy.reminder_after_days)
    if not policy.reminders:
        return 0
    disputed = Dispute.objects.filter(closed_at__isnull=True).values("invoice_id")
    rows = queries.open_invoices(operator_id).filter(due_date__lt=late, kind=Invoice.Kind.INVOICE)
    due = rows.exclude(pk__in=disputed).values_list("pk", flat=True)[:SWEPT]
    return sum(_remind(pk, policy, today, as_of) for pk in due)


def open_dispute(*, invoice_id: int, reason: str, opened_by: User, as_of: datetime) -> Dispute:
    """Note that a customer does not accept an invoice: reminders pause. Raises AlreadyDisputed."""
    with transaction.atomic():
        invoice = Invoice.objects.get(pk=invoice_id)
        Customer.objects.select_for_update(no_key=True).get(pk=invoice.customer_id)
        if Dispute.objects.filter(invoice=invoice, closed_at__isnull=True).exists():
            raise AlreadyDisputed(invoice.label)
        made = Dispute.objects.create(
            operator_id=invoice.operator_id,
            invoice=invoice,
            reason=reason[:255],
            opened_at=as_of,
            opened_by=opened_by,
        )
        _record(invoice, "invoice_disputed", opened_by, as_of, made.reason)
    return made


def close_dispute(*, invoice_id: int, closed_by: User, as_of: datetime) -> bool:
    """End a dispute: reminders go on; False where there was none."""
    with transaction.atomic():
        invoice = Invoice.objects.get(pk=invoice_id)
        rows = Dispute.objects.filter(invoice=invoice, closed_at__isnull=True)
        was_open = rows.update(closed_at=as_of) > 0
        if was_open:
            _record(invoice, "invoice_dispute_closed", closed_by, as_of, "")
    return was_open


def _record(invoice: Invoice, action: str, user: User, as_of: datetime, reason: str) -> None:
    audit.record(
        operator_id=invoice.operator_id,
        user_id=user.pk,
        action=action,
        object_type="invoice",
        object_id=invoice.pk,
        as_of=as_of,
        details={"reason": reason} if reason else {},
    )


def _remind(invoice_id: int, policy: InvoicePolicy, today: date, as_of: datetime) -> int:
    with transaction.atomic():
        invoice = Invoice.objects.get(pk=invoice_id)
        # The payer stands for the invoice: what is paid or credited meanwhile is seen below.
        Customer.objects.select_for_update(no_key=True).get(pk=invoice.customer_id)
        before = list(Reminder.objects.filter(invoice=invoice).order_by("level"))
        last_due = before[-1].due_date if before else invoice.due_date
        is_early = last_due >= today - timedelta(days=policy.reminder_after_days)
        is_settled = not queries.open_invoices().filter(pk=invoice_id).exists()
        if is_early or is_settled or len(before) >= policy.reminders:
            return 0
        made = _write(invoice, before, _claim(invoice, before, policy, today), today, as_of)
        delivery.ask_for_reminder(made, as_of=as_of)
    return 1


def _claim(
    invoice: Invoice, before: Sequence[Reminder], policy: InvoicePolicy, today: date
) -> _Claim:
    debt = queries.to_pay(invoice)
    is_ours = str(invoice.total_incl_vat.currency) == facts.CURRENCY
    # One fee a debt, whatever the number of reminders.
    had_fee = any(each.fee.amount for each in before)
    takes_fee = is_ours and policy.takes_reminder_fee and not had_fee
    fee = facts.at(facts.REMINDER_FEES, today) if takes_fee else Decimal(0)
    takes = is_ours and policy.takes_interest
    parts = interest.parts_of(debt, due=invoice.due_date, until=today) if takes else []
    return _Claim(debt, fee, interest.total(parts), parts)


def _write(
    invoice: Invoice, before: Sequence[Reminder], claim: _Claim, today: date, as_of: datetime
) -> Reminder:
    taken, number = series.take_numbers(
        operator_id=invoice.operator_id, prefix=series.REMINDERS, count=1
    )
    return Reminder.objects.create(
        operator_id=invoice.operator_id,
        customer_id=invoice.customer_id,
        invoice=invoice,
        level=len(before) + FIRST,
        series=taken,
        number=number,
        label=f"{series.REMINDERS}{number}",
        public_id=uuid.uuid4(),
        issue_date=today,
        due_date=today + timedelta(days=DAYS_TO_PAY),
        issued_at=as_of,
        currency=str(invoice.total_incl_vat.currency),
        open_amount=claim.open_amount,
        fee=claim.fee,
        interest=claim.interest,
        interest_parts=[
            {
                "since": part.since.isoformat(),
                "until": part.until.isoformat(),
                "days": part.days,
                "rate": str(part.rate),
            }
            for part in claim.parts
        ],
    )
