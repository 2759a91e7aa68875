"""An invoice paid: once, after a refusal, after a challenge, after a lost answer."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from billing import payments, queries, webhooks
from billing.models import DemoCharge, DemoEvent, Invoice, Payment, WebhookEvent
from billing.providers import demo, registry
from chargenet.core import events
from chargenet.core.events import Event
from tests.integration.billing.paying import LATER, NOW, make_invoice, pay


@pytest.fixture
def invoice(db: None) -> Invoice:
    return make_invoice()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[events.News]:
    news: list[events.News] = []
    monkeypatch.setattr(events, "_transport", news.extend)
    return news


def settle_all(as_of: datetime = LATER) -> None:
    for event in WebhookEvent.objects.order_by("pk"):
        webhooks.settle_webhook(webhook_id=event.pk, as_of=as_of)


def test_a_good_card_settles_the_invoice_once(
    invoice: Invoice, heard: list[events.News], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        payment = pay(invoice)

    assert (payment.state, payment.captured_at) == (Payment.State.CAPTURED, NOW)
    assert heard == [(Event.PAYMENT_SETTLED, {"payment_id": payment.pk})]
    assert not queries.open_invoices().exists()
    with pytest.raises(payments.InvoiceAlreadyPaid):
        pay(invoice)


@pytest.mark.parametrize("method", sorted(demo.DECLINES))
def test_a_declined_card_says_why_and_another_may_be_tried(invoice: Invoice, method: str) -> None:
    declined = pay(invoice, method)

    assert (declined.state, declined.failure_code) == ("declined", demo.DECLINES[method])
    assert queries.open_invoices().exists()
    assert pay(invoice).state == Payment.State.CAPTURED


def test_a_double_click_on_a_declined_card_asks_the_bank_once(invoice: Invoice) -> None:
    first = pay(invoice, "card_declined", attempt="form-1")
    second = pay(invoice, "card_declined", attempt="form-1")

    assert first == second
    assert DemoCharge.objects.count() == 1


def test_a_second_click_while_a_try_is_open_gets_that_try(invoice: Invoice) -> None:
    first = pay(invoice, demo.NEEDS_ACTION)
    second = pay(invoice)

    assert first == second
    assert (second.state, DemoCharge.objects.count()) == (Payment.State.CREATED, 1)


@pytest.mark.parametrize(("is_approved", "state"), [(True, "captured"), (False, "declined")])
def test_a_challenge_is_answered_at_the_bank_and_told_by_a_message(
    invoice: Invoice, is_approved: bool, state: str
) -> None:
    payment = pay(invoice, demo.NEEDS_ACTION)
    demo.DemoProvider().answer_challenge(
        provider_reference=payment.provider_reference, is_approved=is_approved, as_of=NOW
    )

    webhooks.receive_demo_events(as_of=LATER)
    settle_all()

    assert Payment.objects.get().state == state


def test_the_portal_can_play_the_bank_of_the_demo(invoice: Invoice) -> None:
    payment = pay(invoice, demo.NEEDS_ACTION)

    paid = payments.answer_demo_challenge(payment_id=payment.pk, is_approved=True, as_of=NOW)
    again = payments.answer_demo_challenge(payment_id=payment.pk, is_approved=False, as_of=NOW)

    assert paid.state == again.state == Payment.State.CAPTURED


def test_a_lost_answer_is_found_by_the_sweep(invoice: Invoice) -> None:
    payment = pay(invoice, demo.LOSES_ANSWER)
    assert (payment.state, payment.provider_reference) == (Payment.State.CREATED, "")

    payments.sweep_open_payments(as_of=LATER)

    assert Payment.objects.get().state == Payment.State.CAPTURED
    assert DemoCharge.objects.count() == 1


def test_a_try_that_was_never_sent_is_given_up(invoice: Invoice) -> None:
    payment = pay(invoice, demo.LOSES_ANSWER)
    DemoEvent.objects.all().delete()
    DemoCharge.objects.all().delete()

    payments.sweep_open_payments(as_of=LATER)
    assert Payment.objects.get().state == Payment.State.CREATED
    payments.sweep_open_payments(as_of=NOW + timedelta(hours=2))

    payment.refresh_from_db()
    assert (payment.state, payment.failure_code) == ("cancelled", payments.NEVER_SENT)


def test_messages_twice_and_out_of_order_change_nothing(
    invoice: Invoice, heard: list[events.News], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        pay(invoice)
    heard.clear()

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            webhooks.receive_demo_events(as_of=LATER)
            settle_all()

    assert WebhookEvent.objects.count() == DemoEvent.objects.count() == 2
    assert not WebhookEvent.objects.filter(processed_at__isnull=True).exists()
    assert Payment.objects.get().state == Payment.State.CAPTURED
    assert Event.PAYMENT_SETTLED not in [event for event, _ in heard]


def test_a_message_that_is_faster_than_its_row_waits_for_it(invoice: Invoice) -> None:
    payment = pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(provider_reference="not yet")
    webhooks.receive_demo_events(as_of=NOW)

    webhooks.sweep_webhooks(as_of=LATER)
    assert WebhookEvent.objects.filter(processed_at__isnull=True).count() == 1
    Payment.objects.update(provider_reference=payment.provider_reference)
    webhooks.sweep_webhooks(as_of=LATER)

    assert not WebhookEvent.objects.filter(processed_at__isnull=True).exists()


def test_an_unknown_provider_or_method_is_no_payment(invoice: Invoice) -> None:
    with pytest.raises(registry.UnknownProvider):
        payments.start_payment(invoice_id=invoice.pk, method=demo.OK, as_of=NOW, provider="nobody")
    assert pay(invoice, "4242424242424242").failure_code == "unknown_method"


def test_two_clicks_at_once_charge_the_card_once(committed_db: None) -> None:
    invoice = make_invoice()
    ready, failures = threading.Barrier(4), []

    def click() -> None:
        try:
            ready.wait()
            pay(invoice)
        except payments.InvoiceAlreadyPaid:
            pass
        except Exception as error:  # noqa: BLE001 — shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert DemoCharge.objects.count() == 1
    payments.sweep_open_payments(as_of=LATER)
    assert Payment.objects.filter(state=Payment.State.CAPTURED).count() == 1


def test_a_driver_pays_behind_the_wall(invoice: Invoice, as_web) -> None:
    with as_web(invoice.customer.user):
        payment = pay(invoice)

    assert payment.state == Payment.State.CAPTURED


def test_balances_know_what_was_paid(invoice: Invoice) -> None:
    pay(invoice)

    (balance,) = queries.balance_of(invoice.customer_id)
    assert [balance.invoiced, balance.paid, balance.open] == [Decimal(40), Decimal(40), 0]
