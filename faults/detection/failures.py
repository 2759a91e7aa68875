"""Rules that could not bear a fact: noted where people see it, and tried again."""

from datetime import datetime, timedelta
from typing import Final

from faults.detection import noting
from faults.models import RuleFailure

RETRIED_AFTER: Final = timedelta(hours=1)
AT_A_TIME: Final = 50


def due_failures(*, as_of: datetime, limit: int = AT_A_TIME) -> list[int]:
    """Return the failures whose rules are to be asked again, the longest untried first."""
    due = RuleFailure.objects.filter(
        ended_at__isnull=True, station__isnull=False, last_at__lte=as_of - RETRIED_AFTER
    )
    return list(due.order_by("last_at").values_list("pk", flat=True)[:limit])


def note_failed_again(*, failure_id: int, error: Exception, as_of: datetime) -> None:
    """Write down what nobody foresaw as a rule was asked again; it waits its turn."""
    failure = RuleFailure.objects.get(pk=failure_id)
    failure.times += 1
    failure.last_at = as_of
    failure.error = noting.worded(error)
    failure.save(update_fields=["times", "last_at", "error"])
