"""What a rule could not bear, written where people see it; its facts are kept for it."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from faults.engine.containing import Failure
from faults.models import RuleFailure

logger = logging.getLogger(__name__)

MOST_ASIDE: Final = 1000
MOST_WORDS: Final = 300


def note_failures(
    failures: Iterable[Failure], *, operator_id: int, station_id: int | None, as_of: datetime
) -> None:
    """Count failures, tell of them in the log, and keep the facts that were set aside."""
    for failure in failures:
        code, scope_key = failure.key
        logger.error("rule failed code=%s scope=%s", code, scope_key, exc_info=failure.error)
        there = {"operator_id": operator_id, "code": code, "scope_key": scope_key}
        row = RuleFailure.objects.filter(**there, ended_at__isnull=True).first()
        row = row or RuleFailure(**there, station_id=station_id, first_at=as_of)
        row.times += 1
        row.last_at = as_of
        row.error = worded(failure.error)
        known = {tuple(one) for one in row.aside}
        new = [list(one) for one in failure.aside if one not in known]
        aside = [*row.aside, *new]
        if len(aside) > MOST_ASIDE:
            logger.error(
                "facts let go code=%s scope=%s n=%s", code, scope_key, len(aside) - MOST_ASIDE
            )
        row.aside = aside[-MOST_ASIDE:]
        row.save()


def worded(error: Exception) -> str:
    """Write an error as a row and a page show it."""
    # a NUL, which no row can hold, would make the note fail as well
    return f"{type(error).__name__}: {error}".replace("\0", "")[:MOST_WORDS]
