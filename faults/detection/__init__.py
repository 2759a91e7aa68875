"""Which faults hold at a station, and what became of those that did."""

from faults.detection.examination import (
    Reconciled,
    examine_if_news,
    examine_station,
    reconcile_faults,
)
from faults.detection.sweeps import (
    examine_usage,
    sweep_peers,
    sweep_silent,
    sweep_unexamined,
    sweep_usage,
)

__all__ = [
    "Reconciled",
    "examine_if_news",
    "examine_station",
    "examine_usage",
    "reconcile_faults",
    "sweep_peers",
    "sweep_silent",
    "sweep_unexamined",
    "sweep_usage",
]
