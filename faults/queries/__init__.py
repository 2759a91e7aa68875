"""What is read: a station for the rules, tickets and faults for the pages."""

from faults.queries.snapshots import EXAMINED, Taken, scope_key, take_snapshot
from faults.queries.work import (
    silent_station_ids,
    unexamined_station_ids,
    waiting_station_ids,
)

__all__ = [
    "EXAMINED",
    "Taken",
    "scope_key",
    "silent_station_ids",
    "take_snapshot",
    "unexamined_station_ids",
    "waiting_station_ids",
]
