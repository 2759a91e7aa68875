"""One command for many stations: looked at first, agreed by two, paced, and stoppable at once."""

from stations.bulk.line import ORIGIN, hear_answer, run_bulks, sweep_lost_answers
from stations.bulk.plans import (
    GRAVE,
    BulkInvalid,
    BulkPlan,
    NotYours,
    approve_bulk,
    confirm_bulk,
    pause_bulk,
    plan_bulk,
    resume_bulk,
    stop_bulk,
)

__all__ = [
    "GRAVE",
    "ORIGIN",
    "BulkInvalid",
    "BulkPlan",
    "NotYours",
    "approve_bulk",
    "confirm_bulk",
    "hear_answer",
    "pause_bulk",
    "plan_bulk",
    "resume_bulk",
    "run_bulks",
    "stop_bulk",
    "sweep_lost_answers",
]
