"""Faults that a station reports of itself: one rule a code, all read the same way.

OCPP 1.6 says everything in StatusNotification: each one replaces what was said before of that
place. OCPP 2.x says Faulted there and the reason in NotifyEvent, which is raised and cleared.
A code with a state other than Faulted is a warning: the place still works.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from faults.rules import error_codes, reports
from faults.rules.protocol import AT_ONCE, Clear, Firing, Result, Rule, Snapshot, State

MINUTES_2, MINUTES_30 = timedelta(minutes=2), timedelta(minutes=30)
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


def check_code(code: str, snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
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
        return _firing(counting, raised, thresholds, kept)
    if memory.unseen is not None and not standing:
        return _over(memory, kept)
    if is_repeating:
        return _repeating(raised, thresholds, kept)
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
    others = snapshot.open_codes.get(snapshot.subject, frozenset()) & CODES
    return set(active) == {BARE} and bool(others - {code})


def _firing(
    standing: list[State], raised: list[str], thresholds: Thresholds, kept: State
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
        attribution="station",
    )


def _over(memory: _Memory, kept: State) -> Firing:
    assert memory.unseen is not None, "asked only for what ended unseen"
    assert memory.ended_at is not None, "what is over has ended"
    return Firing(
        state=kept,
        evidence={"reports": [memory.unseen], "ended_at": memory.ended_at.isoformat()},
        began_at=datetime.fromisoformat(memory.unseen["since"]),
        seen_at=memory.ended_at,
        severity=SAFETY,
        attribution="station",
        is_over=True,
        is_standing=False,
    )


def _repeating(raised: list[str], thresholds: Thresholds, kept: State) -> Firing:
    counting = raised[-thresholds.repeats :]
    return Firing(
        state=kept,
        evidence={"onsets": counting, "onsets_in_window": len(raised)},
        began_at=datetime.fromisoformat(counting[0]),
        seen_at=datetime.fromisoformat(counting[-1]),
        severity=REPEATING,
        is_down=False,
        is_standing=False,
        check_at=datetime.fromisoformat(counting[0]) + thresholds.window,
    )


@dataclass(frozen=True, slots=True)
class _Reported:
    code: str
    title: str
    severity: int
    family: str
    cause: str = "station"
    thresholds: Thresholds = Thresholds()


_REPORTED = (
    _Reported("F02", "Internal error", 2, "station", thresholds=Thresholds(fires_after=MINUTES_2)),
    _Reported("F04", "Over-temperature in the cabinet", 4, "station"),
    _Reported(
        "F05",
        "Error code not yet known",
        3,
        "station",
        thresholds=Thresholds(fires_after=MINUTES_2),
    ),
    _Reported("F07", "Cabinet opened, tilted or flooded", 1, "safety"),
    _Reported("F08", "Emergency stop pressed", 1, "safety"),
    _Reported("F17", "Weak link", 4, "link", "network", Thresholds(fires_after=MINUTES_30)),
    _Reported("F20", "Cable or connector hot", 4, "cable", "cable"),
    _Reported("F21", "Cable or connector overheated", 1, "cable", "cable"),
    _Reported("F24", "Power module fault", 4, "power"),
    _Reported("F26", "Connector lock or latch", 3, "cable", "cable"),
    _Reported(
        "F27",
        "No signal between vehicle and station",
        3,
        "cable",
        "cable",
        Thresholds(fires_after=MINUTES_2, repeats=3),
    ),
    _Reported("F28", "Cable check or isolation failing", 1, "cable", "cable"),
    _Reported("F29", "Contactor fault", 1, "power"),
    _Reported("F30", "Ground fault", 1, "power"),
    _Reported("F31", "Over-current, over- or under-voltage", 3, "power"),
    _Reported("F32", "Cable cut or torn off", 1, "cable", "cable"),
    _Reported("F33", "Meter unreadable", 3, "meter"),
    _Reported("F36", "Reader, screen or payment terminal dead", 3, "reader"),
    _Reported("F37", "Authorisation failing", 3, "reader"),
    _Reported("F39", "Vehicle cannot charge here", 5, "vehicle", "vehicle"),
    _Reported("F40", "No mains power", 2, "grid", "grid"),
)
CODES = frozenset(one.code for one in _REPORTED)


def _rule(one: _Reported) -> Rule:
    return Rule(
        code=one.code,
        title=one.title,
        severity=one.severity,
        scopes=frozenset({"connector", "station"}),
        family=one.family,
        cause=one.cause,
        is_impairing=True,
        thresholds=one.thresholds,
        check=partial(check_code, one.code),
    )


RULES: tuple[Rule, ...] = tuple(_rule(one) for one in _REPORTED)
