"""What leaves the house: each row of the outbox once, late if it must."""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction

from chargenet.core.models import Outbox
from faults import notifiers

logger = logging.getLogger(__name__)

# A mail is given this long before another worker may take it for lost.
LEASE = timedelta(minutes=5)
# A relay ends well before its worker is ended for it, whoever answers slowly.
MOST_S = 30
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]


def relay_due(*, as_of: datetime, limit: int = 50) -> int:
    """Send what is due and return how much left the house.

    A row is leased before it is sent, so that two relays do not send it twice and a relay that
    dies loses nothing. What cannot be sent is tried again, ever more seldom, then given up. An
    operator's machine that does not answer holds up nobody: it is asked once in a run.
    """
    sent, until = 0, time.monotonic() + MOST_S
    silent: set[int] = set()
    for row in _lease(as_of, limit):
        way = row.payload.get("way_id", 0)
        if way in silent or time.monotonic() > until:
            _give_back(row, as_of + BACK_OFF[0] if way in silent else as_of)
            continue
        try:
            notifiers.NOTIFIERS[row.kind](row.payload, row.key)
        except notifiers.NotifierError as error:
            _put_back(row, error, as_of=as_of)
            if way and not error.permanent:
                silent.add(way)
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
    # letters before texts before machines: the last are whoever's they are, and may be slow
    return sorted(rows, key=lambda row: list(notifiers.NOTIFIERS).index(row.kind))


def _give_back(row: Outbox, due_at: datetime) -> None:
    """End a row's lease untried."""
    Outbox.objects.filter(pk=row.pk).update(attempts=row.attempts - 1, due_at=due_at)


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
