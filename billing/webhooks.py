"""What payment providers tell us: kept once, worked on later, never believed."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from billing import payments
from billing.models import Payment, WebhookEvent
from billing.providers import registry
from billing.providers.base import ProviderError
from billing.providers.demo import DemoProvider
from billing.providers.registry import UnknownProvider
from chargenet.core import events
from chargenet.core.events import Event

logger = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=1)
FORGET_AFTER = timedelta(days=1)
SWEPT = 500


def receive_webhook(
    *, provider: str, body: bytes, headers: Mapping[str, str], as_of: datetime
) -> WebhookEvent:
    """Keep one message of a provider; its twin changes nothing. The work is done later.

    Raises SignatureInvalid, UnknownProvider.
    """
    told = registry.get_provider(provider).read_event(body=body, headers=headers, as_of=as_of)
    event = WebhookEvent(
        provider=provider,
        event_id=told.event_id,
        payload={"charge": told.provider_reference, "kind": told.kind, "raw": told.payload},
        received_at=as_of,
    )
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
    kept = WebhookEvent.objects.get(provider=provider, event_id=told.event_id)
    if kept.processed_at is None:
        events.publish(Event.PAYMENT_REPORTED, webhook_id=kept.pk)
    return kept


def receive_demo_events(*, as_of: datetime) -> int:
    """Take the messages the demo's provider owes, as its web call would bring them."""
    owed = DemoProvider().deliver_events(as_of=as_of)
    for body, headers in owed:
        receive_webhook(provider=DemoProvider.name, body=body, headers=headers, as_of=as_of)
    return len(owed)


def settle_webhook(*, webhook_id: int, as_of: datetime) -> None:
    """Do what a kept message hints at: ask again how its charge stands.

    Order and repetition do not matter, since the charge is asked, not the message believed. Raises
    ProviderError.
    """
    event = WebhookEvent.objects.get(pk=webhook_id)
    if event.processed_at is not None:
        return
    payment = Payment.objects.filter(
        provider=event.provider, provider_reference=event.payload["charge"]
    ).first()
    if payment is not None:
        payments.settle_payment(provider=event.provider, reference=payment.reference, as_of=as_of)
    elif event.received_at > as_of - FORGET_AFTER:
        return  # it may be faster than the row it speaks of
    WebhookEvent.objects.filter(pk=webhook_id, processed_at__isnull=True).update(
        processed_at=as_of
    )


def sweep_webhooks(*, as_of: datetime) -> int:
    """Work on messages whose nudge was lost; returns how many."""
    late = as_of - LATE_AFTER
    messages = WebhookEvent.objects.filter(processed_at__isnull=True, received_at__lt=late)
    webhook_ids = list(messages.order_by("pk").values_list("pk", flat=True)[:SWEPT])
    for webhook_id in webhook_ids:
        try:
            settle_webhook(webhook_id=webhook_id, as_of=as_of)
        except (ProviderError, UnknownProvider) as error:
            logger.warning("provider away webhook=%d why=%s", webhook_id, error)
    return len(webhook_ids)
