"""What a station reports of itself, read the same way by the rule of each fault.

OCPP 1.6 says everything in StatusNotification: each one replaces what was said before of that
place. OCPP 2.x says Faulted there and the reason in NotifyEvent, which is raised and cleared.
A code with a state other than Faulted is a warning: the place still works.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from faults.rules import error_codes, reports
from faults.rules.protocol import AT_ONCE, Clear, Firing, Result, Snapshot, Span, State
from faults.rules.reports import Report, Step
from faults.rules.vocabulary.meaning import SAFETY

BARE = reports.SIGN
# One for all: no rule changes a state it was given or has told.
QUIET: Final = Clear(state={})
# Of a rule that counts warnings in a way of its own: here they never count.
NEVER = 1_000_000
# What comes again and again degrades a place, though it works in between.
REPEATING = error_codes.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How long a report must stand, and how often a warning must come to count."""

    fires_after: timedelta = AT_ONCE
    repeats: int = 1
    window: timedelta = timedelta(hours=24)


@dataclass(slots=True)
class _Memory:
    """What one code has raised at one place: names to what stands, and when it was raised."""

    active: dict[str, State]
    raised: list[str]
    # Ended before anybody looked: a safety condition must still be looked at.
    unseen: State | None = None
    ended_at: datetime | None = None
    # What stood and had ended when it was told: since when, until when.
    missed: list[Span] = field(default_factory=list)


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
    if is_quiet(code, snapshot, state):
        return QUIET
    memory = _take_in(code, snapshot, state)
    found = _answer(code, memory, snapshot, thresholds, attribution)
    if not memory.missed:
        return found
    return replace(found, missed=_long_enough(memory.missed, thresholds.fires_after))


def is_quiet(code: str, snapshot: Snapshot, state: State) -> bool:
    """Return whether nothing stands and nothing of it was said, as mostly."""
    if state:
        return False
    is_told = snapshot.signs or snapshot.events or snapshot.sessions
    return not (is_told and code in reports.raised_codes(snapshot))


def _answer(
    code: str, memory: _Memory, snapshot: Snapshot, thresholds: Thresholds, attribution: str
) -> Clear | Firing:
    oldest = (snapshot.as_of - thresholds.window).isoformat()
    raised = sorted(one for one in memory.raised if one >= oldest)[
        -min(max(10, thresholds.repeats), 50) :
    ]
    kept: State = {"active": memory.active, "raised": raised} if memory.active or raised else {}
    standing = [_judged(entry, snapshot) for entry in memory.active.values()]
    if _is_explained_by_another(code, memory.active, snapshot):
        return Clear(state=kept, ended_at=memory.ended_at)
    is_repeating = 1 < thresholds.repeats <= len(raised)
    is_enough = thresholds.repeats <= 1 or is_repeating
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
    memory = _Memory(dict(state.get("active", {})), list(state.get("raised", [])))
    known, past = set(memory.active), dict[str, State]()
    for step in reports.steps(snapshot):
        mine = {one.name: one for one in step.raised if one.meaning.code == code}
        if step.is_past:
            _count(memory, mine, step, snapshot)
            _relive(memory, past, mine, step, snapshot)
            continue
        for name in [one for one in memory.active if one not in mine and _ends(step, memory, one)]:
            entry, memory.ended_at = memory.active.pop(name), step.at
            if name not in known:
                _note_missed(memory, entry, step, snapshot)
            if name not in known and not step.is_late:
                _note_unseen(memory, entry, snapshot)
        for name, report in mine.items():
            before = memory.active.get(name)
            if before is None:
                memory.raised.append(step.at.isoformat())
            memory.active[name] = _entry(report, step, before)
    return memory


def _ends(step: Step, memory: _Memory, name: str) -> bool:
    """Return whether a step ends what stands: not where it was said again since then.

    A word that was given another meaning is another fault's from now on.
    """
    if any(one.name == name for one in step.raised):
        return True
    return step.is_end_of(name) and step.at.isoformat() >= memory.active[name]["seen_at"]


def _count(memory: _Memory, mine: dict[str, Report], step: Step, snapshot: Snapshot) -> None:
    """Count what had ended when it was told; nobody saw it, and a person may have to."""
    for name, report in mine.items():
        if name in memory.active:
            continue
        memory.raised.append(step.at.isoformat())
        if not step.is_late:
            memory.ended_at = step.at
            _note_unseen(memory, _entry(report, step, None), snapshot)


def _relive(
    memory: _Memory, past: dict[str, State], mine: dict[str, Report], step: Step, at: Snapshot
) -> None:
    """Follow what was over before it was told from its beginning to its end."""
    for name in [one for one in past if one not in mine and step.is_end_of(one)]:
        _note_missed(memory, past.pop(name), step, at)
    for name, report in mine.items():
        if name not in memory.active and name not in past:
            past[name] = _entry(report, step, None)


def _note_missed(memory: _Memory, entry: State, end: Step, snapshot: Snapshot) -> None:
    judged = _judged(entry, snapshot)
    is_unseen_danger = judged["severity"] == SAFETY and not end.is_late
    if judged["is_down"] and entry["is_down"] and not is_unseen_danger:
        memory.missed.append((datetime.fromisoformat(entry["down_since"]), end.at))


def _long_enough(missed: list[Span], least: timedelta) -> tuple[Span, ...]:
    """Return the times that would have been a fault, had they been heard of; joined, in order."""
    joined: list[Span] = []
    for since, until in sorted(missed):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return tuple(one for one in joined if one[1] > one[0] and one[1] - one[0] >= least)


def _note_unseen(memory: _Memory, entry: State, snapshot: Snapshot) -> None:
    if _judged(entry, snapshot)["severity"] == SAFETY:
        memory.unseen = entry


def _entry(report: Report, step: Step, before: State | None) -> State:
    at = step.at.isoformat()
    down_since = None
    if report.is_down is not False:
        down_since = (before and before["down_since"]) or at
    return {
        "since": min(before["since"], at) if before else at,
        "down_since": down_since,
        "seen_at": max(before["seen_at"], at) if before else at,
        "severity": report.meaning.severity,
        "as_warning": report.meaning.as_warning,
        "is_down": report.is_down,
        "words": report.words,
        "note": report.note,
        "source": f"{report.source}:{report.source_id}",
    }


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
