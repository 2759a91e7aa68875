import logging
from datetime import datetime

from celery import shared_task

from chargenet.core import clock, slots
from revenue import ledger

logger = logging.getLogger(__name__)
# A payment can lie open for weeks before it is captured: its id says little about its age.
NEWEST = 20_000


@shared_task
def post_cdr(*, cdr_id: int, **_: object) -> None:
    """Book a rated session."""
    ledger.post_cdr(cdr_id=cdr_id, as_of=clock.now())


@shared_task
def post_invoice(*, invoice_id: int, **_: object) -> None:
    """Book an issued invoice."""
    ledger.post_invoice(invoice_id=invoice_id, as_of=clock.now())


@shared_task
def post_payment(*, payment_id: int, **_: object) -> None:
    """Book a captured payment."""
    ledger.post_payment(payment_id=payment_id, as_of=clock.now())


@shared_task
def post_refund(*, refund_id: int, **_: object) -> None:
    """Book credit that was paid back."""
    ledger.post_refund(refund_id=refund_id, as_of=clock.now())


@shared_task
@slots.once_a_slot
def sweep_unposted(as_of: datetime) -> None:
    """Book what lost nudges left, among the newest rows."""
    _warn(ledger.post_unposted(newest=NEWEST, as_of=as_of))


@shared_task
@slots.once_a_slot
def sweep_unposted_history(as_of: datetime) -> None:
    """Book what lost nudges left, however old."""
    _warn(ledger.post_unposted(newest=None, as_of=as_of))


def _warn(outcome: ledger.Outcome) -> None:
    for source, why in outcome.refused.items():
        logger.error("not booked source=%s why=%s", source, why)
