"""Being paid: one try after another until an invoice is settled, exactly once."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from billing import queries
from billing.models import Customer, Invoice, InvoiceLine, Payment
from billing.providers import registry
from billing.providers.base import Charge, ChargeState, Provider, ProviderError
from billing.providers.demo import DemoProvider
from billing.providers.registry import UnknownProvider
from chargenet.core import events, money
from chargenet.core.events import Event
from stations import status

logger = logging.getLogger(__name__)

State = Payment.State
OPEN = (State.CREATED, State.AUTHORISED)
# A try the provider has not heard of for so long was never sent.
LOST_AFTER = timedelta(hours=1)
CHECK_EVERY = timedelta(minutes=1)
SWEPT = 500
OBSERVED_FOR = timedelta(days=1)
AMOUNT_DIFFERS, PAID_TWICE = "amount_differs", "paid_twice"
NEVER_SENT, UNEXPECTED_STATE = "never_sent", "unexpected_state"


class InvoiceAlreadyPaid(Exception):
    """The invoice is settled, or there is nothing to pay on it."""


def start_payment(
    *, invoice_id: int, method: str, as_of: datetime, provider: str = "demo", attempt: str = ""
) -> Payment:
    """Pay an invoice by a stored or test payment method; returns the try as it stands.

    The row is there before the provider is asked. A second click, with the same `attempt` or while
    a try is open, gets the try that is there. Raises InvoiceAlreadyPaid, UnknownProvider.
    """
    adapter = registry.get_provider(provider)
    payment, is_new = _begin(invoice_id, provider, attempt, as_of)
    if not is_new:
        return payment
    amount_minor, currency = _asked(payment)
    try:
        charge = adapter.authorise(
            reference=payment.reference,
            amount_minor=amount_minor,
            currency=currency,
            method=method,
            idempotency_key=payment.reference,
            as_of=as_of,
        )
        return _settle(adapter, payment, charge, as_of)
    except ProviderError as error:
        logger.warning("payment not sent payment=%d code=%s", payment.pk, error.code)
        if error.permanent:
            _move(payment, State.DECLINED, failure_code=error.code, checked_at=as_of)
        return Payment.objects.get(pk=payment.pk)


def settle_payment(*, provider: str, reference: str, as_of: datetime) -> Payment:
    """Ask the provider how a try stands and make it so here; captures what is authorised.

    Raises ProviderError, UnknownProvider, Payment.DoesNotExist.
    """
    adapter = registry.get_provider(provider)
    payment = Payment.objects.get(provider=provider, reference=reference)
    if payment.provider_reference:
        charge = adapter.fetch(provider_reference=payment.provider_reference, as_of=as_of)
        return _settle(adapter, payment, charge, as_of)
    found = adapter.find_by_reference(reference=reference, as_of=as_of)
    if found is not None:
        return _settle(adapter, payment, found, as_of)
    if payment.created_at <= as_of - LOST_AFTER:
        _move(payment, State.CANCELLED, failure_code=NEVER_SENT, checked_at=as_of)
    return Payment.objects.get(pk=payment.pk)


def answer_demo_challenge(*, payment_id: int, is_approved: bool, as_of: datetime) -> Payment:
    """Play the payer at their bank's page, where the demo's card asks for it, and settle."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state not in OPEN or payment.provider != DemoProvider.name:
        return payment
    adapter = DemoProvider()
    charge = adapter.answer_challenge(
        provider_reference=payment.provider_reference, is_approved=is_approved, as_of=as_of
    )
    return _settle(adapter, payment, charge, as_of)


def cancel_payment(*, payment_id: int, as_of: datetime) -> Payment:
    """Give up an open try and release its hold. Raises ProviderError."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state not in OPEN:
        return payment
    if not payment.provider_reference:
        return settle_payment(provider=payment.provider, reference=payment.reference, as_of=as_of)
    adapter = registry.get_provider(payment.provider)
    charge = adapter.cancel(
        provider_reference=payment.provider_reference,
        idempotency_key=f"{payment.reference}-cancel",
        as_of=as_of,
    )
    return _apply(payment, charge, as_of)


def sweep_open_payments(*, as_of: datetime) -> int:
    """Ask how tries stand that are open too long, and tell the rules what is held; how many."""
    late = as_of - CHECK_EVERY
    unasked = Q(checked_at__isnull=True) | Q(checked_at__lt=late)
    payments = list(
        Payment.objects.filter(unasked, state__in=OPEN, created_at__lt=late)
        .order_by(F("checked_at").asc(nulls_first=True), "pk")
        .only("provider", "reference")[:SWEPT]
    )
    for payment in payments:
        try:
            settle_payment(provider=payment.provider, reference=payment.reference, as_of=as_of)
        except (ProviderError, UnknownProvider) as error:
            logger.warning("provider away payment=%d why=%s", payment.pk, error)
            Payment.objects.filter(pk=payment.pk).update(checked_at=as_of)
    _observe_held(as_of)
    return len(payments)


def _begin(invoice_id: int, provider: str, attempt: str, as_of: datetime) -> tuple[Payment, bool]:
    """Return the open try of an invoice, or a new one, under the payer's lock."""
    with transaction.atomic():
        invoice = Invoice.objects.get(pk=invoice_id)
        # An invoice is frozen, also for locks: its payer stands for it.
        Customer.objects.select_for_update(no_key=True).get(pk=invoice.customer_id)
        tries = Payment.objects.filter(invoice=invoice)
        reference = f"{invoice.public_id.hex}-{attempt or tries.count() + 1}"[:64]
        there = tries.filter(Q(state__in=OPEN) | Q(reference=reference)).order_by("pk").first()
        if there is not None:
            return there, False
        # Asked last: a try that was open a moment ago may be captured by now, never the reverse.
        if not _is_to_pay(invoice_id):
            raise InvoiceAlreadyPaid(f"invoice {invoice_id} has nothing to pay")
        amount, currency = queries.to_pay(invoice), str(invoice.total_incl_vat.currency)
        payment = Payment.objects.create(
            operator_id=invoice.operator_id,
            customer_id=invoice.customer_id,
            invoice=invoice,
            provider=provider,
            reference=reference,
            amount=amount,
            currency=currency,
            created_at=as_of,
        )
        return payment, True


def _is_to_pay(invoice_id: int) -> bool:
    return queries.open_invoices().filter(pk=invoice_id).exists()


def _settle(adapter: Provider, payment: Payment, charge: Charge, as_of: datetime) -> Payment:
    """Make a try as its charge is; what is authorised is captured, or released if unneeded."""
    payment = _apply(payment, charge, as_of)
    if payment.state != State.AUTHORISED:
        return payment
    if payment.invoice_id is not None and not _is_to_pay(payment.invoice_id):
        return cancel_payment(payment_id=payment.pk, as_of=as_of)
    captured = adapter.capture(
        provider_reference=charge.provider_reference,
        amount_minor=_asked(payment)[0],
        idempotency_key=f"{payment.reference}-capture",
        as_of=as_of,
    )
    return _apply(payment, captured, as_of)


def _apply(payment: Payment, charge: Charge, as_of: datetime) -> Payment:
    """Write what a charge says; a try that has ended is only moved to be held for a person."""
    state, code = _verdict(payment, charge)
    changes: dict[str, Any] = {"state": state, "failure_code": code, "checked_at": as_of}
    changes["provider_reference"] = charge.provider_reference
    if state == State.AUTHORISED:
        changes |= {"authorised_at": as_of, "capture_before": charge.capture_before}
    if state == State.CAPTURED:
        changes["captured_at"] = as_of
    with transaction.atomic():
        if _is_moved(payment, changes) and state == State.CAPTURED:
            events.publish(Event.PAYMENT_SETTLED, payment_id=payment.pk)
        elif charge.state is ChargeState.SUCCEEDED:
            # Money came for a try that had ended otherwise.
            Payment.objects.filter(pk=payment.pk).exclude(
                state__in=(State.CAPTURED, State.HELD)
            ).update(state=State.HELD, failure_code=UNEXPECTED_STATE, checked_at=as_of)
    return Payment.objects.get(pk=payment.pk)


def _is_moved(payment: Payment, changes: dict[str, Any]) -> bool:
    rows = Payment.objects.filter(pk=payment.pk, state__in=OPEN)
    try:
        with transaction.atomic():
            return rows.update(**changes) == 1
    except IntegrityError:
        # The invoice was paid by another try meanwhile: this money must go back.
        held = {"state": State.HELD, "failure_code": PAID_TWICE}
        rows.update(**changes | held)
        return False


def _verdict(payment: Payment, charge: Charge) -> tuple[str, str]:
    """Return the state a charge means for a try, and why if it failed."""
    amount_minor, currency = _asked(payment)
    is_whole = charge.state is not ChargeState.SUCCEEDED or charge.captured_minor == amount_minor
    told = (charge.reference, charge.amount_minor, charge.currency)
    if told != (payment.reference, amount_minor, currency) or not is_whole:
        return State.HELD, AMOUNT_DIFFERS
    states = {
        ChargeState.REQUIRES_PAYMENT_METHOD: State.DECLINED,
        ChargeState.REQUIRES_ACTION: State.CREATED,
        ChargeState.REQUIRES_CAPTURE: State.AUTHORISED,
        ChargeState.SUCCEEDED: State.CAPTURED,
        ChargeState.CANCELED: State.CANCELLED,
    }
    return states[charge.state], charge.failure_code


def _asked(payment: Payment) -> tuple[int, str]:
    """Return what a try asks for, in minor units, and the currency."""
    amount, currency = Payment.objects.values_list("amount", "currency").get(pk=payment.pk)
    return int(Decimal(amount).scaleb(money.minor_digits(currency))), currency


def _move(payment: Payment, state: str, **changes: Any) -> None:
    Payment.objects.filter(pk=payment.pk, state=State.CREATED).update(state=state, **changes)


def _observe_held(as_of: datetime) -> None:
    """Tell the rules of tries a person must look at, at the first station they are about."""
    recent = as_of - OBSERVED_FOR
    held = Payment.objects.filter(state=State.HELD, checked_at__gte=recent)
    for payment in held.filter(invoice__isnull=False).order_by("pk"):
        lines = InvoiceLine.objects.filter(invoice__payments=payment, station__isnull=False)
        line = lines.order_by("position").first()
        if line is None or line.station_id is None:
            continue
        status.record_observation(
            kind="payment_held",
            station_id=line.station_id,
            connector_id=line.connector_id,
            occurred_at=payment.checked_at or as_of,
            source_id=f"payment:{payment.pk}",
            as_of=as_of,
        )
