"""What is read: a station for the rules, tickets and faults for the pages."""

from faults.queries.snapshots import EXAMINED, Taken, scope_key, take_snapshot
from faults.queries.tuning import Tuning, tuning_of
from faults.queries.work import (
    silent_station_ids,
    unexamined_station_ids,
    waiting_station_ids,
)

__all__ = [
    "EXAMINED",
    "Taken",
    "Tuning",
    "scope_key",
    "silent_station_ids",
    "take_snapshot",
    "tuning_of",
    "unexamined_station_ids",
    "waiting_station_ids",
]
