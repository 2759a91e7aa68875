"""What is made ahead, and what may be forgotten."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, models
from django.db.models import F, Q

from chargenet.core.models import Operator
from stations.models import BulkTarget, Command, OcppFrame, OperationLimits, StationReport

MONTHS_AHEAD = 3
CHUNK: Final = 5_000
# A worker's hour: what is left is forgotten by the next sweep.
MOST_AT_ONCE: Final = 500_000


def make_partitions(*, as_of: datetime) -> int:
    """Make the partitions of this month and the next ones; returns how many were missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stations_make_partitions(%s, %s)", [as_of.date(), MONTHS_AHEAD])
        (made,) = cursor.fetchone()
    return int(made)


def kept_days(field: str) -> dict[int, int]:
    """Return how many days each operator keeps something; the product's own where none is set."""
    default = getattr(OperationLimits(), field)
    chosen = dict(OperationLimits.objects.values_list("operator_id", field))
    return {
        operator_id: chosen.get(operator_id, default)
        for operator_id in Operator.objects.values_list("pk", flat=True)
    }


def forget_frames(*, as_of: datetime) -> int:
    """Forget raw frames older than their operator keeps them; returns the months dropped.

    Whole months go at once, when no operator keeps them; what an operator forgets sooner is
    deleted row by row.
    """
    kept = kept_days("frames_kept_days")
    longest = max(kept.values(), default=0)
    if not longest:
        return 0
    oldest = as_of - timedelta(days=longest)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stations_drop_frames(%s)", [oldest.date()])
        (dropped,) = cursor.fetchone()
    # what never had a month of its own lies in the DEFAULT partition
    OcppFrame.objects.filter(received_at__lt=oldest).delete()
    for operator_id, days in kept.items():
        if days < longest:
            before = as_of - timedelta(days=days)
            _delete_in_parts(
                OcppFrame.objects.filter(operator_id=operator_id, received_at__lt=before)
            )
    return int(dropped)


def forget_reports(*, as_of: datetime) -> int:
    """Forget reports a worker has drawn from, or given up on, and how many that were."""
    forgotten = 0
    for operator_id, days in kept_days("reports_kept_days").items():
        old = StationReport.objects.filter(
            operator_id=operator_id, received_at__lt=as_of - timedelta(days=days)
        )
        forgotten += _delete_in_parts(old)
    return forgotten


def forget_commands(*, as_of: datetime) -> int:
    """Forget commands that ended long ago; what they led to stands in rows of its own."""
    forgotten = 0
    for operator_id, days in kept_days("commands_kept_days").items():
        old = Command.objects.filter(
            Q(followed_at__isnull=False) | Q(finished_at__lt=F("created_at") + timedelta(days=7)),
            operator_id=operator_id,
            created_at__lt=as_of - timedelta(days=days),
            finished_at__isnull=False,
        ).exclude(pk__in=BulkTarget.objects.filter(state="sent").values("command_id"))
        forgotten += _delete_in_parts(old)
    return forgotten


def _delete_in_parts(rows: models.QuerySet[Any]) -> int:
    done = 0
    while done < MOST_AT_ONCE:
        keys: Iterable[Any] = list(rows.values_list("pk", flat=True)[:CHUNK])
        if not keys:
            break
        done += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return done
