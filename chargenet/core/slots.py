"""Periodic work that must run once, however many beats ask for it."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from chargenet.core.models import PeriodicRun

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
KEPT_FOR = timedelta(days=7)


def claim_slot(*, name: str, every_s: int, as_of: datetime) -> bool:
    """Take the slot an instant falls in; only the first of all callers gets True."""
    passed_s = int((as_of - EPOCH).total_seconds())
    slot = EPOCH + timedelta(seconds=passed_s - passed_s % every_s)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_periodicrun (name, slot, started_at) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [name, slot, as_of],
        )
        is_mine: bool = cursor.rowcount == 1
    if is_mine:
        PeriodicRun.objects.filter(name=name, slot__lt=as_of - KEPT_FOR).delete()
    return is_mine
