"""F16: a station's clock is wrong, so that its times, and what is billed by them, are too."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from faults.rules import reported
from faults.rules.combining import either
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F16"
TITLE = "Clock wrong"
SEVERITY = 5
SCOPE: Scope = "station"
SCOPES: tuple[Scope, ...] = ("station", "connector")
FAMILY = "link"
CAUSE = "station"
IS_IMPAIRING = False
# what is said of a connector tells of the station's clock too
WAKES: frozenset[Wake] = frozenset({"status", "event", "session", "time", "now"})

BILLING = 4
# A clock that nobody set, or that is days off: the gateway did not believe its times.
UNBELIEVED = frozenset({"clock_unset", "clock_wrong"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How far a clock may be off, by the median of its last facts."""

    skew: timedelta = timedelta(seconds=60)
    billing_skew: timedelta = timedelta(minutes=10)
    clears_below: timedelta = timedelta(seconds=10)
    facts: int = 10
    least_facts: int = 5
    good_sessions: int = 2


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station's clock is wrong: told by it, by its times, or by its sessions."""
    if snapshot.subject is not None:
        return _unbelieved(snapshot, thresholds, state)
    found = either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept),
        skew=lambda kept: _skewed(snapshot, thresholds, kept),
    )
    if isinstance(found, Clear) and "few" in found.state.get("skew", {}):
        # that it reports nothing does not show that its clock is right
        return CannotKnow(state=found.state, reason="too_few_facts")
    return found


def _skewed(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Compare when the latest facts happened with when they came; without news nothing changes.

    State: {"since", "seen_at", "skews": [seconds]} while it fires, {"few": true} while too few.
    """
    skews = [round(one.total_seconds()) for one in snapshot.skews[-thresholds.facts :]]
    if not skews:
        return _as_before(state, thresholds)
    if len(skews) < min(thresholds.least_facts, thresholds.facts):
        return CannotKnow(state={"few": True}, reason="too_few_facts")
    limit = thresholds.clears_below if "since" in state else thresholds.skew
    if abs(median(skews)) <= limit.total_seconds():
        return Clear(state={}, ended_at=snapshot.as_of if state else None)
    now = snapshot.as_of.isoformat()
    return _firing({"since": state.get("since", now), "seen_at": now, "skews": skews}, thresholds)


def _as_before(state: State, thresholds: Thresholds) -> Result:
    if "since" in state:
        return _firing(state, thresholds)
    if state:
        return CannotKnow(state=state, reason="too_few_facts")
    return Clear(state={})


def _firing(state: State, thresholds: Thresholds) -> Firing:
    off = abs(median(state["skews"]))
    return Firing(
        state=state,
        evidence={"median_skew_s": round(median(state["skews"])), "skews_s": state["skews"]},
        began_at=datetime.fromisoformat(state["since"]),
        seen_at=datetime.fromisoformat(state["seen_at"]),
        severity=BILLING if off > thresholds.billing_skew.total_seconds() else SEVERITY,
        attribution="charger",
        is_down=False,
    )


def _unbelieved(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Look for sessions whose times the gateway replaced by its own.

    State: {"since", "seen_at", "good"}: good ones since the last bad one.
    """
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        at = session.ended_at.isoformat()
        if session.flags & UNBELIEVED:
            state = {"since": state.get("since", at), "seen_at": at, "good": 0}
        elif state:
            state = {**state, "good": state["good"] + 1}
    if not state:
        return Clear(state={})
    if state["good"] >= thresholds.good_sessions:
        return Clear(state={}, ended_at=datetime.fromisoformat(state["seen_at"]))
    return Firing(
        state=state,
        evidence={"times_not_believed_since": state["since"]},
        began_at=datetime.fromisoformat(state["since"]),
        seen_at=datetime.fromisoformat(state["seen_at"]),
        severity=BILLING,
        attribution="charger",
        is_down=False,
        is_standing=False,
    )
