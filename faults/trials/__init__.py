"""Rules on trial: what would have fired under other thresholds, beside what did."""

from faults.trials.asking import (
    DAYS,
    TrialUnderWay,
    ask_trial,
    give_up,
    run_trial,
    sweep_trials,
)
from faults.trials.playing import (
    MOST_DAYS,
    MOST_ROWS,
    Comparison,
    TooMuch,
    try_conversation,
    try_history,
    try_sessions,
    try_thresholds,
)

__all__ = [
    "DAYS",
    "MOST_DAYS",
    "MOST_ROWS",
    "Comparison",
    "TooMuch",
    "TrialUnderWay",
    "ask_trial",
    "give_up",
    "run_trial",
    "sweep_trials",
    "try_conversation",
    "try_history",
    "try_sessions",
    "try_thresholds",
]
