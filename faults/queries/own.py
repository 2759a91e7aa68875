"""How our own service does: what waits unseen, who asked last, and what cannot be reached."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import (
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Subquery,
)
from redis.exceptions import RedisError

from chargenet.core.models import PeriodicRun
from faults.models import RuleState
from faults.queries.snapshots import EXAMINED
from faults.queries.work import CLOCKS_DIFFER
from faults.rules.wide import OwnHealth
from stations.models import Station, StatusChange

logger = logging.getLogger(__name__)

# The periodic task whose runs tell whether anybody asks at all.
BEAT: Final = "faults.tasks.sweep_wide"
# Of so many stations somebody says something every few seconds, if anybody listens.
ENOUGH_TO_HEAR: Final = 20
HEARD_LATELY: Final = timedelta(hours=1)
# Facts that wait longer than this are as old as this: the figure is for an alarm.
LONGEST_LAG: Final = timedelta(minutes=10)
# A nudge or two may be lost: the sweep behind them finds those stations within this.
ENOUGH_TO_WAIT: Final = 3
SWEEP_FINDS_WITHIN: Final = timedelta(minutes=3)


def own_health(as_of: datetime) -> OwnHealth:
    """Return how our own service does: when the beat last asked, when a gateway last wrote.

    The newest run is the one that asks; the one before it tells how long nobody did.
    """
    runs = PeriodicRun.objects.filter(name=BEAT, started_at__lte=as_of).order_by("-slot")
    before = list(runs.values_list("started_at", flat=True)[1:2])
    heard = Station.objects.filter(is_active=True, last_seen_at__gt=as_of - HEARD_LATELY)
    said = heard.aggregate(newest=Max("last_seen_at"), count=Count("pk"))
    is_telling = said["count"] >= ENOUGH_TO_HEAR
    return OwnHealth(
        queue_lag_s=queue_lag(_unseen_since(as_of), as_of).total_seconds(),
        beat_age_s=(as_of - before[0]).total_seconds() if before else None,
        gateway_age_s=(as_of - said["newest"]).total_seconds() if is_telling else None,
        is_store_reached=_is_store_reached(),
    )


def queue_lag(unseen_since: Sequence[datetime], as_of: datetime) -> timedelta:
    """Return how far the workers are behind, by when each unseen station began to wait.

    One or two that wait are lost nudges until a sweep should have found them.
    """
    ages = sorted((as_of - since for since in unseen_since), reverse=True)
    if len(ages) >= ENOUGH_TO_WAIT:
        return ages[ENOUGH_TO_WAIT - 1]
    return ages[0] if ages and ages[0] > SWEEP_FINDS_WITHIN else timedelta(0)


def _unseen_since(as_of: datetime) -> list[datetime]:
    """Return since when each station waits whose latest word no look has counted."""
    examined = RuleState.objects.filter(station=OuterRef("pk"), code=EXAMINED)
    at = Subquery(examined.values("updated_at")[:1])
    spoke = Station.objects.filter(is_active=True, last_seen_at__gt=as_of - LONGEST_LAG).annotate(
        examined_at=at,
        since=ExpressionWrapper(F("examined_at") + CLOCKS_DIFFER, DateTimeField()),
    )
    unseen = StatusChange.objects.filter(
        station_id=OuterRef("pk"),
        received_at__gt=OuterRef("since"),
        received_at__range=(as_of - LONGEST_LAG, as_of),
    )
    oldest = Subquery(unseen.order_by("received_at").values("received_at")[:1])
    rows = spoke.annotate(oldest=oldest).filter(oldest__isnull=False)
    return list(rows.values_list("oldest", flat=True))


def _is_store_reached() -> bool:
    """Return whether Redis answers; a database that does not has stopped us long before."""
    try:
        cache.get("own_health")
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("redis away error=%s", error)
        return False
    return True
