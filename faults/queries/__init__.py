"""What is read: a station for the rules, tickets and faults for the pages."""

from faults.queries.around import around_station, wider_than
from faults.queries.own import own_health
from faults.queries.snapshots import EXAMINED, Taken, kept_facts, scope_key, take_snapshot
from faults.queries.tuning import Tuning, tuning_of
from faults.queries.usage import PEERS, usage_of_site, work_out_rates
from faults.queries.work import (
    due_sites,
    has_news,
    is_examined_since,
    silent_station_ids,
    unexamined_station_ids,
    waiting_station_ids,
)
from faults.queries.zones import (
    cohort_snapshots,
    network_snapshot,
    site_snapshot,
)

__all__ = [
    "EXAMINED",
    "PEERS",
    "Taken",
    "Tuning",
    "around_station",
    "cohort_snapshots",
    "due_sites",
    "has_news",
    "is_examined_since",
    "kept_facts",
    "network_snapshot",
    "own_health",
    "scope_key",
    "silent_station_ids",
    "site_snapshot",
    "take_snapshot",
    "tuning_of",
    "unexamined_station_ids",
    "usage_of_site",
    "waiting_station_ids",
    "wider_than",
    "work_out_rates",
]
