"""What is left of invoices: to pay, or to give back where more was paid than is owed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import CreditUse, Invoice, Payment

NOTHING = Decimal(0)
AMOUNT: "DecimalField[Any, Any]" = DecimalField(max_digits=20, decimal_places=2)


@dataclass(frozen=True)
class Credit:
    """What a customer has to get back of one invoice."""

    invoice: Invoice
    amount: Decimal
    currency: str


def with_left(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Return invoices that know what is owed, what came in for it and what went out again.

    `owed` is less what credit notes took back, `came` what was paid and set off, `went` what was
    used of too much; `left` is to be paid, `over` to be given back.
    """
    notes = Invoice.objects.filter(corrects=OuterRef("pk"))
    paid = Payment.objects.filter(invoice=OuterRef("pk"), state=Payment.State.CAPTURED)
    set_off = CreditUse.objects.filter(target=OuterRef("pk"))
    used = CreditUse.objects.filter(source=OuterRef("pk"))
    asked = F("total_incl_vat") + F("rounding")
    return invoices.annotate(
        owed=_amount(asked + _sum(notes, "corrects", asked)),
        came=_amount(_sum(paid, "invoice", F("amount")) + _sum(set_off, "target", F("amount"))),
        went=_sum(used, "source", F("amount")),
    ).annotate(
        left=_amount(F("owed") - F("came") + F("went")),
        over=_amount(F("came") - F("owed") - F("went")),
    )


def credit_of(invoice_id: int) -> Decimal:
    """Return what a customer has to get back of an invoice; nothing where they owe."""
    rows = with_left(Invoice.objects.exclude(kind=Invoice.Kind.CREDIT_NOTE))
    over = rows.values_list("over", flat=True).get(pk=invoice_id)
    return max(NOTHING, Decimal(over))


def credits_of(customer_id: int) -> list[Credit]:
    """Return what a customer has to get back, the oldest first."""
    documents = Invoice.objects.exclude(kind=Invoice.Kind.CREDIT_NOTE)
    rows: QuerySet[Any] = with_left(documents).filter(customer_id=customer_id, over__gt=0)
    return [
        Credit(each, each.over, str(each.total_incl_vat.currency)) for each in rows.order_by("pk")
    ]


def _sum(rows: QuerySet[Any], key: str, amount: Any) -> Any:
    sums = rows.order_by().values(key).annotate(sum=Sum(_amount(amount))).values("sum")
    return Coalesce(Subquery(sums, output_field=AMOUNT), NOTHING, output_field=AMOUNT)


def _amount(expression: Any) -> Any:
    return ExpressionWrapper(expression, output_field=AMOUNT)
