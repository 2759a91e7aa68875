"""Rules that could not bear a fact: noted where people see it, and tried again."""

from datetime import datetime, timedelta
from typing import Final

from faults.detection import examination
from faults.models import RuleFailure

RETRIED_AFTER: Final = timedelta(hours=1)
AT_A_TIME: Final = 50


def retry_failed(*, as_of: datetime, limit: int = AT_A_TIME) -> int:
    """Show rules again what they could not bear; returns how many places they can now."""
    due = RuleFailure.objects.filter(
        ended_at__isnull=True, station__isnull=False, last_at__lte=as_of - RETRIED_AFTER
    )
    return sum(
        examination.look_again(failure_id=pk, as_of=as_of)
        for pk in due.order_by("last_at").values_list("pk", flat=True)[:limit]
    )
