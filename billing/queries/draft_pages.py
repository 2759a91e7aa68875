"""Drafts as pages show them: who will get an invoice, and about what."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import Cdr, Customer
from billing.queries.documents import uninvoiced_cdrs
from chargenet.core.access import Person
from chargenet.core.listing import Column, Spec

LISTED = 500


@dataclass(frozen=True)
class DraftRow:
    """One customer who will get an invoice."""

    id: int
    name: str
    sessions: int
    held_out: int
    total: Decimal
    currency: str


def draft_spec() -> Spec:
    """Return what the list of drafts can do."""
    return Spec(
        name="drafts",
        columns=(
            Column("name", _("Customer"), ("name",), csv=lambda row: row.name),
            Column(
                "sessions", _("Sessions"), ("open_n",), is_number=True, csv=lambda r: r.sessions
            ),
            Column("held", _("Held out"), is_number=True, csv=lambda row: row.held_out),
            Column("total", _("Sum incl. VAT"), is_number=True, csv=lambda row: row.total),
        ),
        default_sort="name",
        search=lambda text: Q(name__istartswith=text) | Q(reference__istartswith=text),
        search_label=_("Search name or reference"),
    )


def drafts_of(person: Person) -> QuerySet[Customer]:
    """Return the customers with sessions no invoice has, whom a person may see."""
    is_open = Q(cdrs__isnull=False, cdrs__invoice_lines__isnull=True)
    return (
        Customer.objects.in_charge(person)
        .select_related("operator")
        .annotate(
            open_n=Count("cdrs", filter=is_open),
            held_n=Count("cdrs", filter=is_open & Q(cdrs__held_out__isnull=False)),
            open_sum=Sum("cdrs__total_incl_vat", filter=is_open & Q(cdrs__held_out__isnull=True)),
        )
        .filter(open_n__gt=0)
    )


def describe_drafts(customers: Sequence[Any]) -> list[DraftRow]:
    """Return the rows of some customers read by `drafts_of`."""
    return [
        DraftRow(
            id=customer.pk,
            name=customer.name,
            sessions=customer.open_n,
            held_out=customer.held_n,
            total=customer.open_sum or Decimal(0),
            currency=customer.operator.currency,
        )
        for customer in customers
    ]


def draft_lines(customer: Customer) -> list[Cdr]:
    """Return the Cdrs the next invoice of a customer will take, the newest first."""
    rows = uninvoiced_cdrs(customer.operator_id).filter(customer=customer)
    return list(rows.select_related("location", "station").order_by("-ended_at", "-pk")[:LISTED])
