"""F24: a power module has failed: the station says so, or its power no longer rises above a step.

A station of n modules that lost one stops at (n - 1)/n of its rated power, whoever charges.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median

from faults.rules import combining, reported, series
from faults.rules.protocol import (
    TOLD,
    CannotKnow,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)

CODE = "F24"
TITLE = "Power module fault"
SEVERITY = 4
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "power"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"session"}
# What else was measured changes with new facts only.
WAITING = frozenset({"reported", "lost"})
MOST_ROWS = 60
MODULES = (2, 3, 4, 5, 6, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once; a step once sessions of several vehicles end at the same height.

    `chance`: so unlikely must it be, by how often this connector gave more before, that nobody
    asked for more now. A vehicle that never took more proves nothing, however often it comes;
    `less_than_before`: how often one that did takes no more than this the next time.
    """

    step: float = 0.04
    plateau_share: float = 0.25
    full_from: float = 0.90
    least_before: int = 8
    vehicles: int = 3
    sessions: int = 4
    chance: float = 1e-4
    less_than_before: float = 0.2


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a power module has failed."""
    return combining.either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept),
        measured=partial(_measured, snapshot, thresholds),
    )


def nearest_step(share: float, step: float) -> tuple[int, int] | None:
    """Return (working, modules) for a share of rated power, the fewest modules that explain it."""
    for modules in MODULES:
        for working in range(1, modules):
            if abs(share - working / modules) <= step * working / modules:
                return working, modules
    return None


def _measured(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Answer from the plateaus of direct-current sessions.

    State: {"rows": [[ended, who, plateau, is_flat]], "lost": {...}, "newest_end"}.
    """
    memory: State = dict(state)
    ended_at = None
    if snapshot.card.is_dc:
        for session, found in series.fresh_measured(snapshot, memory.get("newest_end", "")):
            if found.plateau is None or found.was_limited:
                continue
            flat = (found.plateau_share or 0.0) >= thresholds.plateau_share
            row = [
                session.ended_at.isoformat(),
                series.who(session),
                round(found.plateau, 3),
                flat,
            ]
            memory["rows"] = series.grown(memory.get("rows", ()), row, MOST_ROWS)
            memory["newest_end"] = row[0]
            ended_at = _judge(memory, thresholds) or ended_at
    if memory.get("lost"):
        return _firing(memory)
    if ended_at is not None:
        return Clear(state=memory, ended_at=ended_at)
    return CannotKnow(state=memory, reason="no_step")


def _judge(memory: State, thresholds: Thresholds) -> datetime | None:
    """Set or lift the step; return when full power was seen again."""
    rows, lost = memory["rows"], memory.get("lost")
    if lost:
        if rows[-1][2] > lost["level"] * (1 + 2 * thresholds.step):
            memory.pop("lost")
            return datetime.fromisoformat(rows[-1][0])
        return None
    level = _level(rows, thresholds)
    if level is None:
        return None
    step = nearest_step(level, thresholds.step)
    if step is None:
        return None
    top = level * (1 + thresholds.step)
    run = series.run_at_end(rows, lambda row: row[2] <= top)
    before = rows[: len(rows) - len(run)]
    has_given_all = any(row[2] >= thresholds.full_from for row in before)
    if len(before) < thresholds.least_before or not has_given_all:
        return None
    chance = _chance(run, before, top, thresholds)
    if chance < thresholds.chance and len(run) >= thresholds.sessions:
        at = next(row[0] for row in run if _is_at(row, level, thresholds))
        memory["lost"] = {"level": round(level, 3), "began_at": at, "step": list(step)}
    return None


def _chance(
    run: list[series.Row], before: list[series.Row], top: float, thresholds: Thresholds
) -> float:
    """Return how likely the vehicles of a run asked for no more, by what each took before."""
    usual = sum(row[2] > top for row in before) / len(before)
    most: dict[str, float] = {}
    for row in before:
        most[row[1]] = max(most.get(row[1], 0.0), row[2])
    strangers = {row[1] for row in run} - most.keys()
    able = sum(most.get(row[1], 0.0) > top for row in run)
    return float((1 - usual) ** len(strangers) * thresholds.less_than_before**able)


def _level(rows: list[series.Row], thresholds: Thresholds) -> float | None:
    """Return the height at which the newest sessions of several vehicles all stop."""
    newest = rows[-2 * thresholds.sessions :]
    flat = [row for row in newest if row[3]]
    if not flat:
        return None
    level = max(row[2] for row in flat[-thresholds.sessions :])
    at = [row for row in flat if _is_at(row, level, thresholds)]
    if len({row[1] for row in at}) < thresholds.vehicles:
        return None
    return float(median(row[2] for row in at))


def _is_at(row: series.Row, level: float, thresholds: Thresholds) -> bool:
    return bool(row[3] and abs(row[2] - level) <= thresholds.step * level)


def _firing(memory: State) -> Firing:
    lost = memory["lost"]
    return Firing(
        state=memory,
        evidence={
            "plateau": [[row[0], row[2]] for row in memory["rows"]],
            "level": lost["level"],
            "working": lost["step"][0],
            "modules": lost["step"][1],
        },
        began_at=datetime.fromisoformat(lost["began_at"]),
        seen_at=datetime.fromisoformat(memory["newest_end"]),
        severity=SEVERITY,
        attribution="charger",
        is_standing=False,
        is_down=False,
    )
