"""What a station reports of itself, read the same way by the rule of each fault.

OCPP 1.6 says everything in StatusNotification: each one replaces what was said before of that
place. OCPP 2.x says Faulted there and the reason in NotifyEvent, which is raised and cleared.
A code with a state other than Faulted is a warning: the place still works.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import error_codes, reports
from faults.rules.protocol import AT_ONCE, Clear, Firing, Result, Snapshot, State

BARE = "sign:"
SAFETY = 1
# What comes again and again degrades a place, though it works in between.
REPEATING = error_codes.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How long a report must stand, and how often a warning must come to count."""

    fires_after: timedelta = AT_ONCE
    repeats: int = 1
    window: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What one code has raised at one place: names to what stands, and when it was raised."""

    active: dict[str, State]
    raised: list[str]
    # Ended before anybody looked: a safety condition must still be looked at.
    unseen: State | None
    ended_at: datetime | None


def check_code(
    code: str,
    snapshot: Snapshot,
    thresholds: Thresholds,
    state: State,
    attribution: str = "charger",
) -> Result:
    """Say whether one reported code stands at one place.

    State: {"active": {name: {...}}, "raised": [instants of onsets within the window]}.
    """
    memory = _take_in(code, snapshot, state)
    oldest = (snapshot.as_of - thresholds.window).isoformat()
    raised = [one for one in memory.raised if one >= oldest][-max(10, thresholds.repeats) :]
    kept: State = {"active": memory.active, "raised": raised} if memory.active or raised else {}
    standing = [_judged(entry, snapshot) for entry in memory.active.values()]
    if _is_explained_by_another(code, memory.active, snapshot):
        return Clear(state=kept, ended_at=memory.ended_at)
    is_repeating = 1 < thresholds.repeats <= len(raised)
    is_enough = thresholds.repeats == 1 or is_repeating
    counting = [entry for entry in standing if entry["is_down"] or is_enough]
    if is_repeating:
        counting = [{**one, "severity": min(one["severity"], REPEATING)} for one in counting]
    if counting:
        return _firing(counting, raised, thresholds, kept, attribution)
    if memory.unseen is not None and not standing:
        return _over(memory, kept, attribution)
    if is_repeating:
        return _repeating(raised, thresholds, kept, attribution)
    return Clear(state=kept, ended_at=memory.ended_at)


def _take_in(code: str, snapshot: Snapshot, state: State) -> _Memory:
    active: dict[str, State] = dict(state.get("active", {}))
    raised: list[str] = list(state.get("raised", []))
    known, unseen, ended_at = set(active), None, None
    for step in reports.steps(snapshot):
        mine = {one.name: one for one in step.raised if one.meaning.code == code}
        if step.ends is not None:
            for name in [one for one in active if one.startswith(step.ends) and one not in mine]:
                entry, ended_at = active.pop(name), step.at
                is_new = name not in known
                if is_new and not step.is_late and _judged(entry, snapshot)["severity"] == SAFETY:
                    unseen = entry
        for name, report in mine.items():
            since = active[name]["since"] if name in active else step.at.isoformat()
            if name not in active:
                raised.append(since)
            active[name] = {
                "since": since,
                "down_since": _down_since(active.get(name), report.is_down, step.at),
                "seen_at": step.at.isoformat(),
                "severity": report.meaning.severity,
                "as_warning": report.meaning.as_warning,
                "is_down": report.is_down,
                "words": report.words,
                "source": f"{report.source}:{report.source_id}",
            }
    return _Memory(active, raised, unseen, ended_at)


def _down_since(before: State | None, is_down: bool | None, at: datetime) -> str | None:  # noqa: FBT001
    if is_down is False:
        return None
    return (before and before["down_since"]) or at.isoformat()


def _judged(entry: State, snapshot: Snapshot) -> State:
    """Return an entry with its severity: full where the place is down."""
    is_down = entry["is_down"]
    if is_down is None:
        is_down = snapshot.status in error_codes.DOWN
    severity = entry["severity"] if is_down else entry["as_warning"]
    return {**entry, "is_down": is_down, "severity": severity}


def _is_explained_by_another(code: str, active: dict[str, State], snapshot: Snapshot) -> bool:
    """Return whether Faulted came without a reason and another fault here is the reason."""
    others = snapshot.open_codes.get(snapshot.subject, frozenset()) & error_codes.CODES
    return set(active) == {BARE} and bool(others - {code})


def _firing(
    standing: list[State],
    raised: list[str],
    thresholds: Thresholds,
    kept: State,
    attribution: str,
) -> Firing:
    downs = [datetime.fromisoformat(entry["down_since"]) for entry in standing if entry["is_down"]]
    worst = min(standing, key=lambda entry: (entry["severity"], entry["since"]))
    return Firing(
        state=kept,
        evidence={"reports": standing, "onsets_in_window": len(raised)},
        began_at=datetime.fromisoformat(min(entry["since"] for entry in standing)),
        seen_at=datetime.fromisoformat(max(entry["seen_at"] for entry in standing)),
        severity=worst["severity"],
        is_down=bool(downs) or worst["severity"] == SAFETY,
        down_since=min(downs, default=None),
        fires_after=thresholds.fires_after,
        attribution=attribution,
    )


def _over(memory: _Memory, kept: State, attribution: str) -> Firing:
    assert memory.unseen is not None, "asked only for what ended unseen"
    assert memory.ended_at is not None, "what is over has ended"
    return Firing(
        state=kept,
        evidence={"reports": [memory.unseen], "ended_at": memory.ended_at.isoformat()},
        began_at=datetime.fromisoformat(memory.unseen["since"]),
        seen_at=memory.ended_at,
        severity=SAFETY,
        attribution=attribution,
        is_over=True,
        is_standing=False,
    )


def _repeating(raised: list[str], thresholds: Thresholds, kept: State, attribution: str) -> Firing:
    counting = raised[-thresholds.repeats :]
    return Firing(
        state=kept,
        evidence={"onsets": counting, "onsets_in_window": len(raised)},
        began_at=datetime.fromisoformat(counting[0]),
        seen_at=datetime.fromisoformat(counting[-1]),
        severity=REPEATING,
        is_down=False,
        is_standing=False,
        attribution=attribution,
        check_at=datetime.fromisoformat(counting[0]) + thresholds.window,
    )
