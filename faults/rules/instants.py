"""When a thing happened, by two clocks of which one may be wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

MAX_SKEW = timedelta(seconds=60)
# A queue that was kept while the line was down arrives later than this.
LATE_AFTER = timedelta(minutes=5)
QUEUE_SENT_WITHIN = timedelta(minutes=5)


def is_clock_trusted(delays: Sequence[timedelta]) -> bool:
    """Return whether the station's clock orders its own facts.

    `delays` are reception minus occurrence of its latest facts; fewer than three prove nothing.
    """
    if len(delays) < 3:
        return True
    return abs(median(delay.total_seconds() for delay in delays)) < MAX_SKEW.total_seconds()


def was_queued(
    occurred_at: datetime, received_at: datetime, connected_at: datetime | None
) -> bool:
    """Return whether a fact came with the queue that is sent when a line is made anew."""
    if connected_at is None or not occurred_at < connected_at <= received_at:
        return False
    return received_at - connected_at < QUEUE_SENT_WITHIN


def happened_at(occurred_at: datetime, received_at: datetime, *, trusted: bool) -> datetime:
    """Return the instant to order by: the station's, unless its clock is wrong or ahead."""
    if not trusted or occurred_at > received_at + MAX_SKEW:
        return received_at
    return occurred_at


def is_late(occurred_at: datetime, received_at: datetime, *, trusted: bool) -> bool:
    """Return whether a fact waited in the station's queue before we heard it."""
    return trusted and received_at - occurred_at > LATE_AFTER
