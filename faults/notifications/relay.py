"""What leaves the house: each row of the outbox once, late if it must."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from chargenet.core.models import Outbox
from faults import notifiers

logger = logging.getLogger(__name__)

# A mail is given this long before another worker may take it for lost.
LEASE = timedelta(minutes=5)
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]


def relay_due(*, as_of: datetime, limit: int = 50) -> int:
    """Send what is due and return how much left the house.

    A row is leased before it is sent, so that two relays do not send it twice and a relay that
    dies loses nothing. What cannot be sent is tried again, ever more seldom, then given up.
    """
    sent = 0
    for row in _lease(as_of, limit):
        try:
            notifiers.NOTIFIERS[row.kind](row.payload, row.key)
        except notifiers.NotifierError as error:
            _put_back(row, error, as_of=as_of)
        else:
            Outbox.objects.filter(pk=row.pk).update(sent_at=as_of, last_error="")
            sent += 1
    return sent


def _lease(as_of: datetime, limit: int) -> list[Outbox]:
    with transaction.atomic():
        due = Outbox.objects.filter(
            kind__in=notifiers.NOTIFIERS,
            sent_at__isnull=True,
            failed_at__isnull=True,
            due_at__lte=as_of,
        )
        rows = list(due.order_by("due_at", "pk").select_for_update(skip_locked=True)[:limit])
        for row in rows:
            row.attempts += 1
            row.due_at = as_of + LEASE
            row.save(update_fields=["attempts", "due_at"])
    return rows


def _put_back(row: Outbox, error: notifiers.NotifierError, *, as_of: datetime) -> None:
    is_hopeless = error.permanent or row.attempts > len(BACK_OFF)
    logger.warning(
        "message not sent outbox=%d attempt=%d final=%s error=%s",
        row.pk,
        row.attempts,
        is_hopeless,
        error,
    )
    if is_hopeless:
        Outbox.objects.filter(pk=row.pk).update(failed_at=as_of, last_error=str(error))
        return
    due_at = as_of + BACK_OFF[row.attempts - 1]
    Outbox.objects.filter(pk=row.pk).update(due_at=due_at, last_error=str(error))
