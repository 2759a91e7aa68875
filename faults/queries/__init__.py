"""What is read: a station for the rules, tickets and faults for the pages."""

from faults.queries.snapshots import EXAMINED, Taken, scope_key, take_snapshot
from faults.queries.tuning import Tuning, tuning_of
from faults.queries.usage import PEERS, usage_of_site, work_out_rates
from faults.queries.work import (
    has_news,
    silent_station_ids,
    unexamined_station_ids,
    waiting_station_ids,
)

__all__ = [
    "EXAMINED",
    "PEERS",
    "Taken",
    "Tuning",
    "has_news",
    "scope_key",
    "silent_station_ids",
    "take_snapshot",
    "tuning_of",
    "unexamined_station_ids",
    "usage_of_site",
    "waiting_station_ids",
    "work_out_rates",
]
