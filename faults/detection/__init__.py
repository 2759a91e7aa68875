"""Which faults hold at a station, and what became of those that did."""

from faults.detection.examination import (
    Reconciled,
    examine_if_news,
    examine_station,
    look_again,
    reconcile_faults,
)
from faults.detection.failures import due_failures, note_failed_again
from faults.detection.sweeps import (
    HandOn,
    HandSiteOn,
    examine_part,
    examine_usage,
    sweep_cohorts,
    sweep_peers,
    sweep_silent,
    sweep_unexamined,
    sweep_usage,
    sweep_wide,
)
from faults.detection.wide import (
    examine_cohorts,
    examine_network,
    examine_site,
    note_surroundings,
)

__all__ = [
    "HandOn",
    "HandSiteOn",
    "Reconciled",
    "due_failures",
    "examine_cohorts",
    "examine_if_news",
    "examine_network",
    "examine_part",
    "examine_site",
    "examine_station",
    "examine_usage",
    "look_again",
    "note_failed_again",
    "note_surroundings",
    "reconcile_faults",
    "sweep_cohorts",
    "sweep_peers",
    "sweep_silent",
    "sweep_unexamined",
    "sweep_usage",
    "sweep_wide",
]
