"""Forgetting a person: all that is known of a customer goes, but what the books must keep.

What stays, and why: invoices, credit notes, reminders, Cdrs, the archive and the ledger, to and
including the seventh year after their own (bokföringslagen 7:2; GDPR 17.3 b), and the log of who
did what, which is proof and which nobody can change (17.3 e). Sessions stay without a driver.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from billing import queries
from billing.models import (
    ArchivedDocument,
    Cdr,
    Contract,
    CostCentre,
    Customer,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Reminder,
)
from billing.queries import run_pages
from chargenet.core import audit, events
from chargenet.core.events import Event
from chargenet.core.models import AuditEntry, Membership, Outbox, User
from stations import tokens
from stations.models import Reservation, Session, Token

BLANK = (
    *("email", "org_number", "vat_number", "street", "postal_code", "city", "invoice_email"),
    *("peppol_scheme", "peppol_id", "buyer_reference", "order_number"),
)
NOBODY, ACTION = "erased", "customer_erased"
LATELY = timedelta(days=30)
OWES, IS_OWED, UNBILLED, PAYING = "owes", "is_owed", "unbilled", "paying"
DISPUTES, CHARGES, UNPRICED = "disputes", "charges", "unpriced"


class StillNeeded(Exception):
    """Who owes, is owed or charges now is not forgotten yet; `why` names each reason."""

    def __init__(self, why: list[str]) -> None:
        super().__init__(", ".join(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Erased:
    """What stays of an erased customer, for the books, and until the end of which year."""

    customer_id: int
    is_new: bool
    documents: int
    kept_until: int | None


def erase_customer(
    *, customer_id: int, reason: str, erased_by: User | None, as_of: datetime
) -> Erased:
    """Forget a customer, their cards and their login where nobody else needs it.

    Done again it changes nothing. Raises StillNeeded, Customer.DoesNotExist.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
        if customer.erased_at is not None:
            return _kept(customer, is_new=False)
        cards = _cards_of(customer)
        if why := _needed_for(customer, cards):
            raise StillNeeded(why)
        told = _erase(customer, cards, as_of)
        audit.record(
            operator_id=customer.operator_id,
            user_id=erased_by.pk if erased_by else None,
            action=ACTION,
            object_type="customer",
            object_id=customer.pk,
            as_of=as_of,
            details={"reason": reason.strip()[:255], **told},
        )
        return _kept(customer, is_new=True)


def _kept(customer: Customer, *, is_new: bool) -> Erased:
    files = ArchivedDocument.objects.filter(invoice__customer=customer)
    last = files.aggregate(last=Max("kept_until"))["last"]
    issued = Invoice.objects.filter(customer=customer).count()
    return Erased(customer.pk, is_new, issued, last.year if last else None)


def _cards_of(customer: Customer) -> QuerySet[Token]:
    paid_for = Contract.objects.filter(customer=customer).values("token_id")
    mine = Q(pk__in=paid_for)
    if customer.user_id is not None:
        mine |= Q(driver_id=customer.user_id)
    return Token.objects.filter(mine, operator_id=customer.operator_id)


def _needed_for(customer: Customer, cards: QuerySet[Token]) -> list[str]:
    """Return why a customer cannot be forgotten now."""
    lines = InvoiceLine.objects.filter(cdr_id=OuterRef("pk"))
    priced = Cdr.objects.filter(~Exists(lines), customer=customer, total_incl_vat__gt=0)
    theirs = Session.objects.filter(operator_id=customer.operator_id, token__in=cards)
    done = theirs.filter(state=Session.State.COMPLETED, cdr__isnull=True)
    tries = Payment.objects.filter(customer=customer)
    checks = {
        OWES: queries.open_invoices(customer_id=customer.pk),
        UNBILLED: priced,
        UNPRICED: done,
        CHARGES: theirs.filter(state=Session.State.OPEN),
        PAYING: tries.filter(state__in=(Payment.State.CREATED, Payment.State.AUTHORISED)),
        DISPUTES: Dispute.objects.filter(invoice__customer=customer, closed_at__isnull=True),
    }
    why = [name for name, rows in checks.items() if rows.exists()]
    return [*why, IS_OWED] if queries.credits_of(customer.pk) else why


def _erase(customer: Customer, cards: QuerySet[Token], as_of: datetime) -> dict[str, int]:
    """Blank what is known; returns how much of each."""
    user_id, operator_id = customer.user_id, customer.operator_id
    found = list(cards.values_list("pk", flat=True))
    Contract.objects.filter(
        customer=customer, valid_until__isnull=True, valid_from__lt=as_of
    ).update(valid_until=as_of)
    for token_id in found:
        tokens.block_token(token_id=token_id, reason=NOBODY)
        # What stands on a card is the person's: nothing here answers to it any more.
        Token.objects.filter(pk=token_id).update(
            uid=f"{NOBODY}-{token_id}", label="", driver=None, group=""
        )
    if user_id is not None:
        mine = {"operator_id": operator_id, "driver_id": user_id}
        Session.objects.filter(**mine).update(driver=None)
        Reservation.objects.filter(**mine).update(driver=None)
    Dispute.objects.filter(invoice__customer=customer).update(reason="")
    CostCentre.objects.filter(customer=customer).update(name="", is_active=False)
    mails = _forget_mails(customer)
    Customer.objects.filter(pk=customer.pk).update(
        **dict.fromkeys(BLANK, ""),
        name=f"{NOBODY}-{customer.pk}",
        reference=f"{NOBODY}-{customer.pk}",
        user=None,
        group=None,
        erased_at=as_of,
    )
    told = {"cards": len(found), "mails": mails}
    if user_id is None:
        return told
    events.publish(Event.CUSTOMER_ERASED, user_id=user_id)
    return told | {"login": user_id}


def _forget_mails(customer: Customer) -> int:
    """Blank whom mails went to, and let none leave that has not."""
    keys = [run_pages.mail_key(each) for each in Invoice.objects.filter(customer=customer)]
    keys += [run_pages.reminder_key(each) for each in Reminder.objects.filter(customer=customer)]
    rows = Outbox.objects.filter(operator_id=customer.operator_id, key__in=keys)
    rows.filter(sent_at__isnull=True, failed_at__isnull=True).update(failed_at=Now())
    return rows.update(payload={}, last_error="")


def forget_login(*, user_id: int) -> bool:
    """Close and blank a login that works for nobody and is no other operator's customer.

    For the workers, who see every operator's rows; the web sees its own.
    """
    is_needed = (
        Membership.objects.filter(user_id=user_id).exists()
        or Customer.objects.filter(user_id=user_id).exists()
        or Token.objects.filter(driver_id=user_id).exists()
    )
    if is_needed:
        return False
    rows = User.objects.filter(pk=user_id, is_active=True, is_staff=False, is_superuser=False)
    changed = rows.update(
        email=f"{NOBODY}-{user_id}@invalid.example",
        name="",
        phone="",
        password=make_password(None),
        is_active=False,
    )
    return changed == 1


def sweep_logins(*, as_of: datetime) -> int:
    """Close the logins of who was erased lately and whose nudge was lost; returns how many."""
    rows = AuditEntry.objects.filter(action=ACTION, at__gt=as_of - LATELY)
    told = {each.details["login"] for each in rows.order_by("at") if "login" in each.details}
    open_ones = User.objects.filter(pk__in=told, is_active=True).values_list("pk", flat=True)
    return sum(forget_login(user_id=user_id) for user_id in open_ones)
