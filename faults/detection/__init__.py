"""Which faults hold at a station, and what became of those that did."""

from faults.detection.examination import (
    Reconciled,
    examine_if_news,
    examine_station,
    reconcile_faults,
)
from faults.detection.failures import retry_failed
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
    "examine_cohorts",
    "examine_if_news",
    "examine_network",
    "examine_part",
    "examine_site",
    "examine_station",
    "examine_usage",
    "note_surroundings",
    "reconcile_faults",
    "retry_failed",
    "sweep_cohorts",
    "sweep_peers",
    "sweep_silent",
    "sweep_unexamined",
    "sweep_usage",
    "sweep_wide",
]
