"""What the workers do for billing; every nudge has a sweep behind it."""

from celery import shared_task
from django.conf import settings

from billing import invoices, payments, rating, webhooks
from billing.providers.demo import DemoProvider
from chargenet.core import clock, slots


@shared_task
def rate_session(*, session_id: int, **_: object) -> None:
    rating.rate_sessions(session_ids=[session_id], as_of=clock.now())


@shared_task
def settle_webhook(*, webhook_id: int, **_: object) -> None:
    webhooks.settle_webhook(webhook_id=webhook_id, as_of=clock.now())


@shared_task
def sweep_unrated_sessions(**_: object) -> None:
    now = clock.now()
    if slots.claim_slot(name="billing.unrated_sessions", every_s=60, as_of=now):
        rating.sweep_unrated_sessions(as_of=now)


@shared_task
def sweep_due_invoices(**_: object) -> None:
    now = clock.now()
    if slots.claim_slot(name="billing.due_invoices", every_s=3600, as_of=now):
        invoices.sweep_due_invoices(as_of=now)


@shared_task
def sweep_open_payments(**_: object) -> None:
    now = clock.now()
    if slots.claim_slot(name="billing.open_payments", every_s=60, as_of=now):
        payments.sweep_open_payments(as_of=now)


@shared_task
def sweep_webhooks(**_: object) -> None:
    now = clock.now()
    if slots.claim_slot(name="billing.webhooks", every_s=60, as_of=now):
        webhooks.sweep_webhooks(as_of=now)


@shared_task
def deliver_demo_events(**_: object) -> None:
    now = clock.now()
    if DemoProvider.name in settings.PAYMENT_PROVIDERS:
        webhooks.receive_demo_events(as_of=now)
