"""The workers' doors: each calls its verb, and a slot runs once."""

import pytest

from billing import tasks
from billing.models import Cdr, Payment, WebhookEvent
from billing.providers import demo
from chargenet.core import clock
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.paying import make_invoice, pay

pytestmark = pytest.mark.django_db


def test_a_completed_session_is_rated_by_the_worker_even_if_told_twice() -> None:
    scene = cast.make_cast()
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene)

    for _ in range(2):
        tasks.rate_session(session_id=session.pk, station_id=1)

    assert Cdr.objects.get().session == session


def test_the_demos_messages_arrive_and_are_worked_on() -> None:
    pay(make_invoice(), demo.NEEDS_ACTION)
    reference = Payment.objects.get().provider_reference
    demo.DemoProvider().answer_challenge(
        provider_reference=reference, is_approved=True, as_of=Payment.objects.get().created_at
    )

    tasks.deliver_demo_events()
    for event in WebhookEvent.objects.all():
        tasks.settle_webhook(webhook_id=event.pk)

    assert Payment.objects.get().state == Payment.State.CAPTURED


def test_without_the_demo_provider_nothing_is_delivered(settings) -> None:
    pay(make_invoice(), demo.NEEDS_ACTION)
    settings.PAYMENT_PROVIDERS = []

    tasks.deliver_demo_events()

    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("task", "verb"),
    [
        (tasks.sweep_unrated_sessions, "rating.sweep_unrated_sessions"),
        (tasks.recheck_yesterday, "rechecks.recheck_yesterday"),
        (tasks.sweep_due_invoices, "runs.sweep_due"),
        (tasks.sweep_open_payments, "payments.sweep_open_payments"),
        (tasks.sweep_webhooks, "webhooks.sweep_webhooks"),
    ],
)
def test_a_sweep_runs_once_a_slot_however_many_ask(task, verb: str, monkeypatch) -> None:
    calls = []
    monkeypatch.setattr(f"billing.{verb}", lambda *, as_of: calls.append(as_of))
    frozen = clock.now()
    monkeypatch.setattr(clock, "now", lambda: frozen)

    for _ in range(3):
        task(every_s=60)

    assert calls == [frozen]
