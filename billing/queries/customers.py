"""Customers as lists show them: who they are, and what they owe."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import Customer
from billing.queries import documents
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec


@dataclass(frozen=True)
class CustomerRow:
    """One customer of a list."""

    id: int
    name: str
    kind: str
    reference: str
    city: str
    invoices: int
    open_amount: Decimal
    currency: str


def customer_spec() -> Spec:
    """Return what the customer list can do."""
    return Spec(
        name="customers",
        columns=(
            Column("name", _("Customer"), ("name",), csv=lambda row: row.name),
            Column("kind", _("Kind"), csv=lambda row: row.kind),
            Column("reference", _("Reference"), ("reference",), csv=lambda row: row.reference),
            Column("city", _("City"), ("city",), csv=lambda row: row.city),
            Column(
                "invoices",
                _("Invoices"),
                ("invoice_count",),
                is_number=True,
                csv=lambda row: row.invoices,
            ),
            Column("open", _("To pay"), is_number=True, csv=lambda row: row.open_amount),
        ),
        default_sort="name",
        filters=(
            Filter(
                "kind",
                _("All kinds"),
                [(value, str(label)) for value, label in Customer.Kind.choices],
                lambda value: Q(kind=value),
            ),
        ),
        search=lambda text: Q(name__istartswith=text) | Q(reference__istartswith=text),
        search_label=_("Search name or reference"),
    )


def customers_of(person: Person) -> QuerySet[Customer]:
    """Return the customers a person may see."""
    return (
        Customer.objects.in_charge(person)
        .select_related("operator")
        .annotate(invoice_count=Count("invoices"))
    )


def describe_customers(customers: Sequence[Any]) -> list[CustomerRow]:
    """Return the rows of some customers; what is open is read in one query."""
    ids = [customer.pk for customer in customers]
    owed = documents.open_invoices().filter(customer_id__in=ids).order_by()
    amounts = {
        (customer_id, currency): amount
        for customer_id, currency, amount in owed.values_list("customer_id", "currency").annotate(
            amount=Sum("left")
        )
    }
    return [
        CustomerRow(
            id=customer.pk,
            name=customer.name,
            kind=customer.get_kind_display(),
            reference=customer.reference,
            city=customer.city,
            invoices=customer.invoice_count,
            open_amount=amounts.get((customer.pk, customer.operator.currency), Decimal(0)),
            currency=customer.operator.currency,
        )
        for customer in customers
    ]
