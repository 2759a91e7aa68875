"""What a customer owes for having paid late, and no interest invoice claims yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from billing.models import Customer, Invoice, InvoiceLine, Payment, Reminder
from billing.queries import credits
from billing.queries.policies import policy_of
from billing.swedish import facts, interest
from billing.swedish.interest import Part

ORE = Decimal("0.01")


@dataclass(frozen=True)
class Claim:
    """Interest for the days of one rate, [since, until), or a reminder's fee: no days."""

    invoice: Invoice
    since: date
    until: date
    rate: Decimal
    amount: Decimal
    currency: str = facts.CURRENCY

    @property
    def days(self) -> int:
        """Return how many days interest runs; none is a fee."""
        return (self.until - self.since).days if self.rate else 0


def claims_of(customer: Customer) -> list[Claim]:
    """Return what a customer owes for invoices that are paid, the oldest first.

    What is not paid yet is claimed on its reminder; its interest still grows.
    """
    policy = policy_of(customer.operator_id)
    zone = ZoneInfo(customer.operator.timezone)
    claimed = InvoiceLine.objects.filter(
        claims=OuterRef("pk"), corrects__isnull=True, corrected_by__isnull=True
    )
    paid = Payment.objects.filter(
        customer=customer,
        state=Payment.State.CAPTURED,
        captured_at__isnull=False,
        invoice__in=Invoice.objects.filter(
            ~Exists(claimed), kind=Invoice.Kind.INVOICE, currency=facts.CURRENCY
        ),
    )
    rows = credits.with_left(Invoice.objects.filter(payments__in=paid))
    owed = dict(rows.values_list("pk", "owed"))
    found: list[Claim] = []
    for payment in paid.select_related("invoice").order_by("invoice__due_date", "pk"):
        invoice, at = payment.invoice, payment.captured_at
        assert invoice is not None, "only payments of invoices are asked for"
        assert at is not None, "only captured payments are asked for"
        day = at.astimezone(zone).date()
        # What was credited was never owed.
        debt = min(Decimal(payment.amount.amount), owed[invoice.pk])
        if debt <= 0:
            continue
        if policy.takes_interest and day > invoice.due_date:
            found += _interest(invoice, interest.parts_of(debt, due=invoice.due_date, until=day))
        if policy.takes_reminder_fee:
            found += _fees(invoice)
    return found


def _interest(invoice: Invoice, parts: Sequence[Part]) -> list[Claim]:
    """Return the interest of each rate, rounded so that the sum is the sum's own rounding."""
    made, before, exact = [], Decimal(0), Fraction(0)
    for part in parts:
        exact += part.amount
        so_far = _rounded(exact)
        if so_far > before:
            made.append(Claim(invoice, part.since, part.until, part.rate, so_far - before))
        before = so_far
    return made


def _fees(invoice: Invoice) -> list[Claim]:
    rows = Reminder.objects.filter(invoice=invoice, fee__gt=0).order_by("level")
    return [
        Claim(
            invoice,
            row.issue_date,
            row.issue_date + timedelta(days=1),
            Decimal(0),
            Decimal(row.fee.amount),
        )
        for row in rows[:1]
    ]


def _rounded(exact: Fraction) -> Decimal:
    whole = Decimal(exact.numerator) / Decimal(exact.denominator)
    return whole.quantize(ORE, rounding=ROUND_HALF_UP)
