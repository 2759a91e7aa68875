import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from billing import invoices, payments, queries, rating, webhooks
from billing.models import DemoCharge, DemoEvent, Invoice, Payment, WebhookEvent
from billing.providers import demo, registry, signatures
from billing.providers.base import ProviderError, SignatureInvalid
from billing.vat.months import Month
from chargenet.core import clock, events
from chargenet.core.events import Event
from stations.models import Observation
from tests import cast
from tests.integration.billing import scene as trade

NOW = datetime(2026, 12, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)


def _make_invoice() -> Invoice:
    scene = cast.make_cast()
    customer = trade.make_customer(scene, user=scene.astrid)
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, driver=scene.astrid)
    rating.rate_session(session_id=session.pk, as_of=NOW)
    (issued,) = invoices.issue_invoice(customer_id=customer.pk, period=Month(2026, 11), as_of=NOW)
    return issued


@pytest.fixture
def invoice(db: None) -> Invoice:
    return _make_invoice()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[events.News]:
    news: list[events.News] = []
    monkeypatch.setattr(events, "_transport", news.extend)
    return news


def _pay(invoice: Invoice, method: str = demo.OK, attempt: str = "") -> Payment:
    return payments.start_payment(invoice_id=invoice.pk, method=method, as_of=NOW, attempt=attempt)


def _settle_all(as_of: datetime = LATER) -> None:
    for event in WebhookEvent.objects.order_by("pk"):
        webhooks.settle_webhook(webhook_id=event.pk, as_of=as_of)


def test_a_good_card_settles_the_invoice_once(
    invoice: Invoice, heard: list[events.News], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        payment = _pay(invoice)

    assert (payment.state, payment.captured_at) == (Payment.State.CAPTURED, NOW)
    assert heard == [(Event.PAYMENT_SETTLED, {"payment_id": payment.pk})]
    assert not queries.open_invoices().exists()
    with pytest.raises(payments.InvoiceAlreadyPaid):
        _pay(invoice)


@pytest.mark.parametrize("method", sorted(demo.DECLINES))
def test_a_declined_card_says_why_and_another_may_be_tried(invoice: Invoice, method: str) -> None:
    declined = _pay(invoice, method)

    assert (declined.state, declined.failure_code) == ("declined", demo.DECLINES[method])
    assert queries.open_invoices().exists()
    assert _pay(invoice).state == Payment.State.CAPTURED


def test_a_double_click_on_a_declined_card_asks_the_bank_once(invoice: Invoice) -> None:
    first = _pay(invoice, "card_declined", attempt="form-1")
    second = _pay(invoice, "card_declined", attempt="form-1")

    assert first == second
    assert DemoCharge.objects.count() == 1


def test_a_second_click_while_a_try_is_open_gets_that_try(invoice: Invoice) -> None:
    first = _pay(invoice, demo.NEEDS_ACTION)
    second = _pay(invoice)

    assert first == second
    assert (second.state, DemoCharge.objects.count()) == (Payment.State.CREATED, 1)


@pytest.mark.parametrize(("is_approved", "state"), [(True, "captured"), (False, "declined")])
def test_a_challenge_is_answered_at_the_bank_and_told_by_a_message(
    invoice: Invoice, is_approved: bool, state: str
) -> None:
    payment = _pay(invoice, demo.NEEDS_ACTION)
    demo.DemoProvider().answer_challenge(
        provider_reference=payment.provider_reference, is_approved=is_approved, as_of=NOW
    )

    webhooks.receive_demo_events(as_of=LATER)
    _settle_all()

    assert Payment.objects.get().state == state


def test_the_portal_can_play_the_bank_of_the_demo(invoice: Invoice) -> None:
    payment = _pay(invoice, demo.NEEDS_ACTION)

    paid = payments.answer_demo_challenge(payment_id=payment.pk, is_approved=True, as_of=NOW)
    again = payments.answer_demo_challenge(payment_id=payment.pk, is_approved=False, as_of=NOW)

    assert paid.state == again.state == Payment.State.CAPTURED


def test_a_lost_answer_is_found_by_the_sweep(invoice: Invoice) -> None:
    payment = _pay(invoice, demo.LOSES_ANSWER)
    assert (payment.state, payment.provider_reference) == (Payment.State.CREATED, "")

    payments.sweep_open_payments(as_of=LATER)

    assert Payment.objects.get().state == Payment.State.CAPTURED
    assert DemoCharge.objects.count() == 1


def test_a_try_that_was_never_sent_is_given_up(invoice: Invoice) -> None:
    payment = _pay(invoice, demo.LOSES_ANSWER)
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
        _pay(invoice)
    heard.clear()

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            webhooks.receive_demo_events(as_of=LATER)
            _settle_all()

    assert WebhookEvent.objects.count() == DemoEvent.objects.count() == 2
    assert not WebhookEvent.objects.filter(processed_at__isnull=True).exists()
    assert Payment.objects.get().state == Payment.State.CAPTURED
    assert Event.PAYMENT_SETTLED not in [event for event, _ in heard]


def test_a_message_that_is_faster_than_its_row_waits_for_it(invoice: Invoice) -> None:
    payment = _pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(provider_reference="not yet")
    webhooks.receive_demo_events(as_of=NOW)

    webhooks.sweep_webhooks(as_of=LATER)
    assert WebhookEvent.objects.filter(processed_at__isnull=True).count() == 1
    Payment.objects.update(provider_reference=payment.provider_reference)
    webhooks.sweep_webhooks(as_of=LATER)

    assert not WebhookEvent.objects.filter(processed_at__isnull=True).exists()


def test_another_amount_is_held_for_a_person_and_observed(invoice: Invoice) -> None:
    _pay(invoice, demo.NEEDS_ACTION)
    DemoCharge.objects.update(amount_minor=1, state=DemoCharge.State.SUCCEEDED, captured_minor=1)

    payments.sweep_open_payments(as_of=LATER)

    payment = Payment.objects.get()
    assert (payment.state, payment.failure_code) == ("held", payments.AMOUNT_DIFFERS)
    assert Observation.objects.get().kind == "payment_held"
    assert queries.open_invoices().exists()


@pytest.mark.parametrize(("field", "value"), [("currency", "EUR"), ("reference", "another")])
def test_another_currency_or_reference_is_held(invoice: Invoice, field: str, value: str) -> None:
    payment = _pay(invoice, demo.NEEDS_ACTION)
    DemoCharge.objects.update(**{field: value})

    payments.settle_payment(provider="demo", reference=payment.reference, as_of=LATER)

    assert Payment.objects.get().state == Payment.State.HELD


def test_money_for_a_try_that_had_ended_is_held(invoice: Invoice) -> None:
    payment = _pay(invoice, "card_declined")
    DemoCharge.objects.update(state=DemoCharge.State.SUCCEEDED, captured_minor=4000)

    payments.settle_payment(provider="demo", reference=payment.reference, as_of=LATER)

    assert Payment.objects.get().failure_code == payments.UNEXPECTED_STATE


def test_a_hold_for_an_invoice_paid_otherwise_is_released(invoice: Invoice) -> None:
    first = _pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(state=Payment.State.CANCELLED)
    _pay(invoice)
    Payment.objects.filter(pk=first.pk).update(state=Payment.State.CREATED)
    demo.DemoProvider().answer_challenge(
        provider_reference=first.provider_reference, is_approved=True, as_of=NOW
    )

    payments.sweep_open_payments(as_of=LATER)

    first.refresh_from_db()
    assert first.state == Payment.State.CANCELLED
    assert DemoCharge.objects.get(provider_reference=first.provider_reference).state == "canceled"


def test_a_second_captured_try_is_held_to_be_given_back(invoice: Invoice) -> None:
    first = _pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(state=Payment.State.CANCELLED)
    _pay(invoice)
    Payment.objects.filter(pk=first.pk).update(state=Payment.State.CREATED)
    DemoCharge.objects.filter(provider_reference=first.provider_reference).update(
        state=DemoCharge.State.SUCCEEDED, captured_minor=4000
    )

    payments.sweep_open_payments(as_of=LATER)

    first.refresh_from_db()
    assert (first.state, first.failure_code) == ("held", payments.PAID_TWICE)


def test_an_open_try_can_be_given_up(invoice: Invoice) -> None:
    payment = _pay(invoice, demo.NEEDS_ACTION)

    cancelled = payments.cancel_payment(payment_id=payment.pk, as_of=LATER)
    again = payments.cancel_payment(payment_id=payment.pk, as_of=LATER)

    assert cancelled.state == again.state == Payment.State.CANCELLED


def test_a_try_nobody_heard_of_is_given_up_at_once_when_asked_to(invoice: Invoice) -> None:
    payment = _pay(invoice, demo.LOSES_ANSWER)

    settled = payments.cancel_payment(payment_id=payment.pk, as_of=LATER)

    # the charge had been made after all: it is settled, not lost
    assert settled.state == Payment.State.CAPTURED


def test_a_provider_that_is_away_stops_no_sweep(invoice: Invoice, monkeypatch) -> None:
    payment = _pay(invoice, demo.NEEDS_ACTION)
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
    _pay(invoice, demo.NEEDS_ACTION)
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
    stuck = _pay(invoice, demo.NEEDS_ACTION)
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


def test_an_unknown_provider_or_method_is_no_payment(invoice: Invoice) -> None:
    with pytest.raises(registry.UnknownProvider):
        payments.start_payment(invoice_id=invoice.pk, method=demo.OK, as_of=NOW, provider="nobody")
    assert _pay(invoice, "4242424242424242").failure_code == "unknown_method"


def test_two_clicks_at_once_charge_the_card_once(committed_db: None) -> None:
    invoice = _make_invoice()
    ready, failures = threading.Barrier(4), []

    def click() -> None:
        try:
            ready.wait()
            _pay(invoice)
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
        payment = _pay(invoice)

    assert payment.state == Payment.State.CAPTURED


# --- the door ------------------------------------------------------------------------------


def _post(body: bytes, signature: str, provider: str = "demo"):
    return Client().post(
        f"/webhooks/{provider}/",
        body,
        content_type="application/json",
        headers={"Demo-Signature": signature},
    )


@pytest.fixture
def message(invoice: Invoice) -> tuple[bytes, str]:
    _pay(invoice)
    (body, headers), *_ = demo.DemoProvider().deliver_events(as_of=clock.now())
    return body, headers["Demo-Signature"]


def test_a_signed_message_is_kept_once(
    message: tuple[bytes, str], heard: list[events.News], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answers = [_post(*message).status_code for _ in range(2)]

    assert answers == [200, 200]
    kept = WebhookEvent.objects.get()
    assert (Event.PAYMENT_REPORTED, {"webhook_id": kept.pk}) in heard


def test_a_forged_or_changed_message_is_refused(message: tuple[bytes, str]) -> None:
    body, signature = message
    forged = signatures.sign(body=body, secret="guessed", as_of=clock.now())

    answers = [
        _post(body.replace(b"succeeded", b"canceled_"), signature).status_code,
        _post(body, forged).status_code,
        _post(body, "").status_code,
        _post(body, signature.replace("v1=", "v0=")).status_code,
        _post(body, "t=x,v1=å").status_code,
    ]

    assert answers == [400] * 5
    assert WebhookEvent.objects.count() == 0


def test_an_old_message_cannot_be_replayed(message: tuple[bytes, str]) -> None:
    body, signature = message
    provider = demo.DemoProvider()

    with pytest.raises(SignatureInvalid, match="old"):
        provider.read_event(
            body=body,
            headers={"Demo-Signature": signature},
            as_of=clock.now() + timedelta(minutes=6),
        )


def test_a_signed_text_that_is_no_message_is_refused(db: None) -> None:
    for body in (b"[]", b"{", b'{"id": 1}', b"\xff"):
        signature = signatures.sign(body=body, secret=demo._secret(), as_of=clock.now())
        assert _post(body, signature).status_code == 400


def test_only_known_providers_and_posts_of_sensible_size_pass(message: tuple[bytes, str]) -> None:
    assert _post(*message, provider="nobody").status_code == 404
    assert Client().get("/webhooks/demo/").status_code == 405
    assert _post(b"x" * 70_000, "t=1,v1=0").status_code == 413


def test_a_message_tells_no_amount(message: tuple[bytes, str]) -> None:
    assert set(json.loads(message[0])["data"]["object"]) == {"id", "reference"}


# --- the demo's provider behaves ------------------------------------------------------------


def _hold(key: str = "k1", amount_minor: int = 5000, method: str = demo.OK):
    return demo.DemoProvider().authorise(
        reference="r1",
        amount_minor=amount_minor,
        currency="SEK",
        method=method,
        idempotency_key=key,
        as_of=NOW,
    )


def _capture(reference: str, amount_minor: int, key: str = "c1", as_of: datetime = NOW):
    return demo.DemoProvider().capture(
        provider_reference=reference,
        amount_minor=amount_minor,
        idempotency_key=key,
        as_of=as_of,
    )


def test_the_same_key_is_the_same_charge_and_another_body_an_error(db: None) -> None:
    assert _hold() == _hold()
    with pytest.raises(ProviderError, match="idempotency_key_reused") as refusal:
        _hold(amount_minor=1)
    assert refusal.value.permanent
    assert DemoCharge.objects.count() == 1


def test_a_capture_may_be_less_but_never_more_and_only_once(db: None) -> None:
    held = _hold().provider_reference
    with pytest.raises(ProviderError, match="amount_beyond_hold"):
        _capture(held, 5001)

    charge = _capture(held, 4000, key="c2")

    assert (charge.captured_minor, charge.state.value) == (4000, "succeeded")
    assert _capture(held, 4000, key="c2") == charge
    with pytest.raises(ProviderError, match="idempotency_key_reused"):
        _capture(held, 3000, key="c2")
    with pytest.raises(ProviderError, match="charge_is_succeeded"):
        _capture(held, 1000, key="c3")


def test_a_hold_ends_after_seven_days(db: None) -> None:
    held = _hold().provider_reference
    late = NOW + demo.HOLD

    with pytest.raises(ProviderError, match="charge_is_canceled"):
        _capture(held, 5000, as_of=late)

    charge = demo.DemoProvider().fetch(provider_reference=held, as_of=late)
    assert charge.failure_code == "authorisation_expired"


def test_a_refund_never_gives_back_more_than_was_taken(db: None) -> None:
    held = _hold().provider_reference
    _capture(held, 4000)
    provider = demo.DemoProvider()

    def refund(amount_minor: int, key: str):
        return provider.refund(
            provider_reference=held, amount_minor=amount_minor, idempotency_key=key, as_of=NOW
        )

    assert refund(3000, "a").refunded_minor == 3000
    assert refund(3000, "a").refunded_minor == 3000
    with pytest.raises(ProviderError, match="amount_beyond_captured"):
        refund(1001, "b")
    assert refund(1000, "c").refunded_minor == 4000


def test_what_was_captured_cannot_be_cancelled(db: None) -> None:
    held = _hold().provider_reference
    _capture(held, 5000)

    with pytest.raises(ProviderError, match="charge_is_succeeded"):
        demo.DemoProvider().cancel(provider_reference=held, idempotency_key="x", as_of=NOW)


def test_a_charge_nobody_made_is_an_error(db: None) -> None:
    with pytest.raises(ProviderError, match="no_such_charge"):
        _capture("demo_nothing", 1)
    assert demo.DemoProvider().find_by_reference(reference="nothing", as_of=NOW) is None
    with pytest.raises(ProviderError, match="amount_too_small"):
        _hold(amount_minor=0)


def test_balances_know_what_was_paid(invoice: Invoice) -> None:
    _pay(invoice)

    (balance,) = queries.balance_of(invoice.customer_id)
    assert [balance.invoiced, balance.paid, balance.open] == [Decimal(40), Decimal(40), 0]
