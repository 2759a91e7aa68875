"""Money that does not fit, and tries that never end: held, released, given up."""

from datetime import timedelta

import pytest

from billing import payments, queries, webhooks
from billing.models import DemoCharge, Invoice, Payment, WebhookEvent
from billing.providers import demo
from billing.providers.base import ProviderError
from stations.models import Observation
from tests.integration.billing.paying import LATER, NOW, make_invoice, pay


@pytest.fixture
def invoice(db: None) -> Invoice:
    return make_invoice()


def test_another_amount_is_held_for_a_person_and_observed(invoice: Invoice) -> None:
    pay(invoice, demo.NEEDS_ACTION)
    DemoCharge.objects.update(amount_minor=1, state=DemoCharge.State.SUCCEEDED, captured_minor=1)

    payments.sweep_open_payments(as_of=LATER)

    payment = Payment.objects.get()
    assert (payment.state, payment.failure_code) == ("held", payments.AMOUNT_DIFFERS)
    assert Observation.objects.get().kind == "payment_held"
    assert queries.open_invoices().exists()


@pytest.mark.parametrize(("field", "value"), [("currency", "EUR"), ("reference", "another")])
def test_another_currency_or_reference_is_held(invoice: Invoice, field: str, value: str) -> None:
    payment = pay(invoice, demo.NEEDS_ACTION)
    DemoCharge.objects.update(**{field: value})

    payments.settle_payment(provider="demo", reference=payment.reference, as_of=LATER)

    assert Payment.objects.get().state == Payment.State.HELD


def test_money_for_a_try_that_had_ended_is_held(invoice: Invoice) -> None:
    payment = pay(invoice, "card_declined")
    DemoCharge.objects.update(state=DemoCharge.State.SUCCEEDED, captured_minor=4000)

    payments.settle_payment(provider="demo", reference=payment.reference, as_of=LATER)

    assert Payment.objects.get().failure_code == payments.UNEXPECTED_STATE


def test_a_hold_for_an_invoice_paid_otherwise_is_released(invoice: Invoice) -> None:
    first = pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(state=Payment.State.CANCELLED)
    pay(invoice)
    Payment.objects.filter(pk=first.pk).update(state=Payment.State.CREATED)
    demo.DemoProvider().answer_challenge(
        provider_reference=first.provider_reference, is_approved=True, as_of=NOW
    )

    payments.sweep_open_payments(as_of=LATER)

    first.refresh_from_db()
    assert first.state == Payment.State.CANCELLED
    assert DemoCharge.objects.get(provider_reference=first.provider_reference).state == "canceled"


def test_a_second_captured_try_is_held_to_be_given_back(invoice: Invoice) -> None:
    first = pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(state=Payment.State.CANCELLED)
    pay(invoice)
    Payment.objects.filter(pk=first.pk).update(state=Payment.State.CREATED)
    DemoCharge.objects.filter(provider_reference=first.provider_reference).update(
        state=DemoCharge.State.SUCCEEDED, captured_minor=4000
    )

    payments.sweep_open_payments(as_of=LATER)

    first.refresh_from_db()
    assert (first.state, first.failure_code) == ("held", payments.PAID_TWICE)


def test_an_open_try_can_be_given_up(invoice: Invoice) -> None:
    payment = pay(invoice, demo.NEEDS_ACTION)

    cancelled = payments.cancel_payment(payment_id=payment.pk, as_of=LATER)
    again = payments.cancel_payment(payment_id=payment.pk, as_of=LATER)

    assert cancelled.state == again.state == Payment.State.CANCELLED


def test_a_try_nobody_heard_of_is_given_up_at_once_when_asked_to(invoice: Invoice) -> None:
    payment = pay(invoice, demo.LOSES_ANSWER)

    settled = payments.cancel_payment(payment_id=payment.pk, as_of=LATER)

    # the charge had been made after all: it is settled, not lost
    assert settled.state == Payment.State.CAPTURED


def test_a_provider_that_is_away_stops_no_sweep(invoice: Invoice, monkeypatch) -> None:
    payment = pay(invoice, demo.NEEDS_ACTION)
    webhooks.receive_demo_events(as_of=NOW)

    def away(*_: object, **__: object) -> None:
        raise ProviderError("away", permanent=False)

    monkeypatch.setattr(demo.DemoProvider, "fetch", away)

    assert webhooks.sweep_webhooks(as_of=LATER) == 1
    assert payments.sweep_open_payments(as_of=LATER) == 1
    assert payments.sweep_open_payments(as_of=LATER) == 0
    payment.refresh_from_db()
    assert (payment.state, payment.checked_at) == (Payment.State.CREATED, LATER)
    assert WebhookEvent.objects.filter(processed_at__isnull=True).count() == 1


def test_a_provider_that_was_switched_off_stops_no_sweep(invoice: Invoice) -> None:
    pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(provider="gone")
    WebhookEvent.objects.create(
        provider="gone", event_id="e1", payload={"charge": "c1"}, received_at=NOW
    )
    Payment.objects.update(provider_reference="c1")

    assert payments.sweep_open_payments(as_of=LATER) == 1
    assert webhooks.sweep_webhooks(as_of=LATER) == 1
    assert Payment.objects.get().state == Payment.State.CREATED


def test_a_try_never_asked_about_comes_before_one_that_stays_open(
    invoice: Invoice, monkeypatch
) -> None:
    monkeypatch.setattr(payments, "SWEPT", 1)
    stuck = pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.filter(pk=stuck.pk).update(checked_at=NOW)
    fresh = Payment.objects.create(
        operator_id=stuck.operator_id,
        provider="demo",
        reference="fresh",
        amount=1,
        currency="SEK",
        created_at=NOW,
    )

    payments.sweep_open_payments(as_of=NOW + timedelta(hours=2))

    fresh.refresh_from_db()
    assert fresh.state == Payment.State.CANCELLED
