"""Which faults hold at a station, and what became of those that did."""

from faults.detection.examination import (
    Reconciled,
    examine_station,
    reconcile_faults,
    sweep_silent,
    sweep_unexamined,
)

__all__ = [
    "Reconciled",
    "examine_station",
    "reconcile_faults",
    "sweep_silent",
    "sweep_unexamined",
]
