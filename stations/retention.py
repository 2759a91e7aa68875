"""What is made ahead, and what may be forgotten."""

from datetime import datetime, timedelta

from django.db import connection

from stations.models import OcppFrame

MONTHS_AHEAD = 3
# Raw frames name people's tokens: they are personal data, kept for disputes and no longer.
FRAMES_KEPT = timedelta(days=90)


def make_partitions(*, as_of: datetime) -> int:
    """Make the partitions of this month and the next ones; returns how many were missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stations_make_partitions(%s, %s)", [as_of.date(), MONTHS_AHEAD])
        (made,) = cursor.fetchone()
    return int(made)


def forget_frames(*, as_of: datetime) -> int:
    """Forget raw frames older than 90 days, whole months at once; returns the months dropped."""
    oldest = as_of - FRAMES_KEPT
    with connection.cursor() as cursor:
        cursor.execute("SELECT stations_drop_frames(%s)", [oldest.date()])
        (dropped,) = cursor.fetchone()
    # what never had a month of its own lies in the DEFAULT partition
    OcppFrame.objects.filter(received_at__lt=oldest).delete()
    return int(dropped)
