"""Drafts: what the next invoice of a customer will say, and what somebody keeps out of it.

A draft has no number and no row: it is what a run would issue now. What comes late goes with it
until it is issued, then with the next.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from billing import queries
from billing.models import Cdr, Customer, HeldOut
from chargenet.core import audit
from chargenet.core.models import User


class ReasonMissing(Exception):
    """What is kept out of an invoice is kept out for a reason."""


def hold_out(
    *, customer_id: int, cdr_ids: Collection[int], reason: str, held_by: User, as_of: datetime
) -> int:
    """Keep Cdrs of a customer out of invoices until they are let go; returns how many were new.

    What an invoice has taken meanwhile stays there. Raises ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing("say why they are kept out")
    with transaction.atomic():
        # A run locks the payer too: the Cdr is either on its invoice by now, or held out of it.
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
        mine = queries.uninvoiced_cdrs(customer.operator_id).filter(customer=customer)
        ids = sorted(mine.filter(pk__in=cdr_ids).values_list("pk", flat=True))
        HeldOut.objects.bulk_create(
            HeldOut(
                operator_id=customer.operator_id,
                cdr_id=cdr_id,
                reason=reason.strip()[:255],
                held_at=as_of,
                held_by=held_by,
            )
            for cdr_id in ids
        )
        _record(customer, "cdrs_held_out", held_by, as_of, ids, reason.strip()[:255])
    return len(ids)


def let_go(*, customer_id: int, cdr_ids: Collection[int], let_by: User, as_of: datetime) -> int:
    """Let the next invoice take what was kept out; returns how many."""
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
        rows = HeldOut.objects.filter(cdr__customer=customer, cdr_id__in=cdr_ids)
        ids = sorted(rows.values_list("cdr_id", flat=True))
        HeldOut.objects.filter(cdr_id__in=ids).delete()
        _record(customer, "cdrs_let_go", let_by, as_of, ids, "")
    return len(ids)


def held_out_of(customer_id: int) -> list[Cdr]:
    """Return the Cdrs that are kept out of a customer's invoices, the oldest first."""
    rows = Cdr.objects.filter(customer_id=customer_id, held_out__isnull=False)
    return list(rows.select_related("held_out", "location", "station").order_by("ended_at", "pk"))


def _record(
    customer: Customer, action: str, user: User, as_of: datetime, ids: list[int], reason: str
) -> None:
    if not ids:
        return
    audit.record(
        operator_id=customer.operator_id,
        user_id=user.pk,
        action=action,
        object_type="customer",
        object_id=customer.pk,
        as_of=as_of,
        details={"cdrs": ids, **({"reason": reason} if reason else {})},
    )
