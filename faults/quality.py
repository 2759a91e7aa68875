"""What the records themselves say is wrong with them: a list for the office, week by week.

No tickets: nobody drives to a station for these, but uptime and statements built on such records
are wrong. The checks are those a public registry runs on its operators, and some of our own.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from chargenet.core.models import Operator
from faults import queries
from faults.queries.quality import QUALITY, Finding
from stations import status

WEEK: Final = timedelta(days=7)


def list_week(*, as_of: datetime) -> int:
    """Write down the findings of the last whole week, each once; returns how many there are."""
    until = week_of(as_of)
    found = 0
    for operator_id in Operator.objects.order_by("pk").values_list("pk", flat=True):
        for finding in _findings(operator_id, until - WEEK, until):
            _write(finding, until - WEEK, as_of)
            found += 1
    return found


def week_of(at: datetime) -> datetime:
    """Return the Monday at midnight UTC with which the week of an instant began."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _findings(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    for check in queries.quality.CHECKS:
        yield from check(operator_id, since, until)


def _write(finding: Finding, week: datetime, as_of: datetime) -> None:
    status.record_observation(
        kind=QUALITY,
        station_id=finding.station_id,
        connector_id=finding.connector_id,
        occurred_at=finding.example_at or week,
        source_id=f"{week:%G-W%V}:{finding.kind}:{finding.connector_id}",
        as_of=as_of,
        detail={"word": finding.kind, "count": finding.count, "week": f"{week:%G-W%V}"},
    )
