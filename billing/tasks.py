"""What the workers do for billing; every nudge has a sweep behind it."""

from datetime import datetime

from celery import shared_task
from django.conf import settings

from billing import (
    archive,
    delivery,
    dunning,
    erasure,
    payments,
    rating,
    rechecks,
    runs,
    webhooks,
)
from billing.providers.demo import DemoProvider
from chargenet.core import clock, slots

# So many papers take a worker some seconds.
ARCHIVED_AT_ONCE = 200


@shared_task
def rate_session(*, session_id: int, **_: object) -> None:
    rating.rate_sessions(session_ids=[session_id], as_of=clock.now())


@shared_task
def settle_webhook(*, webhook_id: int, **_: object) -> None:
    webhooks.settle_webhook(webhook_id=webhook_id, as_of=clock.now())


@shared_task
@slots.once_a_slot
def sweep_unrated_sessions(as_of: datetime) -> None:
    rating.sweep_unrated_sessions(as_of=as_of)


@shared_task
@slots.once_a_slot
def recheck_yesterday(as_of: datetime) -> None:
    rechecks.recheck_yesterday(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_due_invoices(as_of: datetime) -> None:
    runs.sweep_due(as_of=as_of)


@shared_task
def work_on_run(*, run_id: int, **_: object) -> None:
    runs.work_on_run(run_id=run_id, as_of=clock.now())


@shared_task
@slots.once_a_slot
def sweep_runs(as_of: datetime) -> None:
    runs.sweep_runs(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_archive(as_of: datetime) -> None:
    ids = list(archive.unarchived().values_list("pk", flat=True)[:ARCHIVED_AT_ONCE])
    archive.archive_invoices(invoice_ids=ids, as_of=as_of)
    reminders = archive.unarchived_reminders().values_list("pk", flat=True)[:ARCHIVED_AT_ONCE]
    archive.archive_reminders(reminder_ids=list(reminders), as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_reminders(as_of: datetime) -> None:
    dunning.sweep_reminders(as_of=as_of)


@shared_task
@slots.once_a_slot
def relay_invoices(as_of: datetime) -> None:
    delivery.relay_due(as_of=as_of)


@shared_task
def forget_login(*, user_id: int, **_: object) -> None:
    erasure.forget_login(user_id=user_id)


@shared_task
@slots.once_a_slot
def sweep_erased_logins(as_of: datetime) -> None:
    erasure.sweep_logins(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_open_payments(as_of: datetime) -> None:
    payments.sweep_open_payments(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_webhooks(as_of: datetime) -> None:
    webhooks.sweep_webhooks(as_of=as_of)


@shared_task
def deliver_demo_events(**_: object) -> None:
    now = clock.now()
    if DemoProvider.name in settings.PAYMENT_PROVIDERS:
        webhooks.receive_demo_events(as_of=now)
