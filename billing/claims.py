"""Interest invoices: interest on what was paid late, and fees of reminders, without tax."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing import delivery, queries, series
from billing.drawn import Draft, Numbered, invoice_of
from billing.models import Customer, Invoice, InvoiceLine
from billing.queries import Due
from billing.queries.lateness import Claim
from billing.vat import document
from billing.vat.document import Item
from billing.vat.parts import Basis
from chargenet.core import audit, events, money
from chargenet.core.events import Event
from chargenet.core.models import User

KIND = Invoice.Kind.INTEREST.value


class NothingToClaim(Exception):
    """Everything was paid in time, is claimed already, or the operator takes none."""


def claim_interest(*, customer_id: int, issued_by: User | None, as_of: datetime) -> Invoice:
    """Issue an interest invoice about all a customer paid late and nobody claimed for yet.

    A second click finds nothing left. Raises NothingToClaim.
    """
    with transaction.atomic():
        rows = Customer.objects.select_for_update(no_key=True, of=("self",))
        customer = rows.select_related("operator").get(pk=customer_id)
        claims = queries.claims_of(customer)
        if not claims:
            raise NothingToClaim(f"customer {customer_id} owes no interest")
        made = _write(customer, claims, as_of)
        audit.record(
            operator_id=customer.operator_id,
            user_id=issued_by.pk if issued_by else None,
            action="interest_claimed",
            object_type="invoice",
            object_id=made.pk,
            as_of=as_of,
            details={"number": made.label, "total": str(made.to_pay)},
        )
        delivery.ask_for([made], as_of=as_of)
        events.publish(Event.INVOICE_ISSUED, invoice_id=made.pk)
    return made


def _write(customer: Customer, claims: Sequence[Claim], as_of: datetime) -> Invoice:
    operator, currency = customer.operator, claims[0].currency
    digits = money.minor_digits(currency)
    items = [
        Item(place, Fraction(0), int(claim.amount.scaleb(digits)))
        for place, claim in enumerate(claims)
    ]
    draft = Draft(customer, currency, Due(), document.compose(items, Basis.NET))
    taken, number = series.take_numbers(
        operator_id=operator.pk, prefix=series.PREFIXES[KIND], count=1
    )
    today = as_of.astimezone(ZoneInfo(operator.timezone)).date()
    own = customer.payment_terms_days
    numbered = Numbered(
        operator=operator,
        policy=queries.policy_of(operator.pk),
        series=taken,
        number=number,
        period_start=min(claim.since for claim in claims),
        period_end=max(claim.until for claim in claims),
        issue_date=today,
        due_date=today + timedelta(days=operator.payment_terms_days if own is None else own),
        issued_at=as_of,
    )
    made = invoice_of(draft, numbered, KIND)
    made.save(force_insert=True)
    with translation.override(customer.language):
        InvoiceLine.objects.bulk_create(
            _line(made, place, claim, currency) for place, claim in enumerate(claims, start=1)
        )
    return made


def _line(made: Invoice, position: int, claim: Claim, currency: str) -> InvoiceLine:
    words = _("Reminder fee, invoice %(number)s")
    if claim.days:
        words = _("Interest on invoice %(number)s, paid late: %(rate)s %% from %(day)s")
    told = {
        "number": claim.invoice.label,
        "rate": f"{claim.rate.normalize():f}",
        "day": claim.since.isoformat(),
    }
    return InvoiceLine(
        operator_id=made.operator_id,
        invoice=made,
        position=position,
        claims=claim.invoice,
        description=(words % told)[:255],
        quantity=Decimal(claim.days or 1),
        unit="day" if claim.days else "fee",
        vat_rate=Decimal(0),
        currency=currency,
        amount_excl_vat=claim.amount,
        vat_amount=Decimal(0),
        amount_incl_vat=claim.amount,
    )
