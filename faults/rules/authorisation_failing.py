"""F37: drivers are not let in: the station says so, or too many of them are refused at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Any

from faults.rules import combining, reported
from faults.rules.protocol import (
    ALWAYS,
    CannotKnow,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)

CODE = "F37"
TITLE = "Authorisation failing"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "reader"
CAUSE = "charger"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = ALWAYS

REFUSED = "token_refused"
# [instant, token, 1 if refused]
Try = list[Any]
# Whoever charges elsewhere at the same time is refused by no fault of anybody's.
NO_FAULT = frozenset({"ConcurrentTx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once; refusals count as a share of the tries of an hour."""

    share: float = 0.30
    cleared_share: float = 0.10
    tries: int = 10
    tokens: int = 5
    within: timedelta = timedelta(hours=1)
    # Where few come, a sum over days: one in ten refused is usual, half of them is a fault.
    usual_share: float = 0.10
    failing_share: float = 0.50
    run_above: float = 6.0
    run_tokens: int = 4
    run_within: timedelta = timedelta(days=3)
    run_ends_after: int = 3


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it, or refuses too many."""

    def said(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept)

    if snapshot.subject is not None:
        if reported.is_quiet(CODE, snapshot, state):
            return reported.QUIET
        return combining.either(state, reported=said)
    return combining.either(
        state, reported=said, refused=lambda kept: _refused(snapshot, thresholds, kept)
    )


def _refused(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether refusals outweigh starts.

    State: {"tries": [[instant, token, 1 if refused]], "sessions": ids counted, "since",
    "is_rare": whether it took days}.
    """
    tries = sorted([*state.get("tries", []), *_new_tries(snapshot, state)])
    oldest = (snapshot.as_of - thresholds.run_within).isoformat()
    # what was refused counts until others are let in: a quiet night proves nothing
    known = [one for one in tries if one[0] > oldest][-200:]
    kept: State = {"tries": known} if known else {}
    running = sorted(one.id for one in snapshot.open_sessions.values())
    if running:
        kept["sessions"] = running
    hour = (snapshot.as_of - thresholds.within).isoformat()
    recent = [one for one in known if one[0] > hour]
    if state.get("since") and not _is_over(recent, known, state, thresholds):
        same: State = {name: state[name] for name in ("since", "is_rare") if name in state}
        return _firing({**kept, **same}, known, snapshot)
    if state.get("since"):
        # what led to it is told and done
        return Clear(state={**kept, "tries": known[-1:]})
    refused = _of_hour(recent, thresholds)
    found: State = {}
    if not refused:
        refused, found = _of_days(known, thresholds), {"is_rare": True}
    if refused:
        return _firing({**kept, **found, "since": refused[0][0]}, known, snapshot)
    if not recent:
        return CannotKnow(state=kept, reason="nobody_tried")
    return Clear(state=kept)


def _of_hour(recent: list[Try], thresholds: Thresholds) -> list[Try]:
    """Return the refusals of an hour, where they are too many of enough tries."""
    refused = [one for one in recent if one[2]]
    is_enough = len(recent) >= thresholds.tries and _people(refused) >= thresholds.tokens
    return refused if is_enough and len(refused) > thresholds.share * len(recent) else []


def _of_days(known: list[Try], thresholds: Thresholds) -> list[Try]:
    """Return the refusals since a cumulative sum was last nothing, where it is high enough.

    One token that is refused again and again counts once; within an hour the hour decides.
    """
    up = log(thresholds.failing_share / thresholds.usual_share)
    down = log((1 - thresholds.failing_share) / (1 - thresholds.usual_share))
    score, refused = 0.0, list[Try]()
    for one in known:
        if not one[2]:
            score = max(0.0, score + down)
        elif not any(other[1] == one[1] for other in refused):
            score += up
            refused.append(one)
        if score == 0.0:
            refused = []
    is_enough = score > thresholds.run_above and len(refused) >= thresholds.run_tokens
    if not is_enough or _instant(refused[-1]) - _instant(refused[0]) <= thresholds.within:
        return []
    return refused


def _instant(one: Try) -> datetime:
    return datetime.fromisoformat(one[0])


def _is_over(recent: list[Try], known: list[Try], state: State, thresholds: Thresholds) -> bool:
    """Return whether drivers are let in again: most of an hour; where few come, the last few."""
    if "is_rare" in state:
        last = known[-thresholds.run_ends_after :]
        return len(last) == thresholds.run_ends_after and not any(one[2] for one in last)
    refused = sum(bool(one[2]) for one in recent)
    return bool(recent) and refused < thresholds.cleared_share * len(recent)


def _new_tries(snapshot: Snapshot, state: State) -> list[Try]:
    counted = set(state.get("sessions", []))
    refused = [
        [one.received_at.isoformat(), str(one.detail.get("token", "")), 1]
        for one in (snapshot.whole or snapshot).notices
        if one.kind == REFUSED and one.detail.get("word") not in NO_FAULT
    ]
    begun = [
        [one.started_at.isoformat(), one.token, 0]
        for one in snapshot.open_sessions.values()
        if one.id not in counted
    ]
    return [*refused, *begun]


def _people(tries: list[Try]) -> int:
    return len({token for _, token, _ in tries})


def _firing(state: State, tries: list[Try], snapshot: Snapshot) -> Firing:
    since = state["since"]
    of_it = [one for one in tries if one[0] >= since]
    refused = [one for one in of_it if one[2]]
    return Firing(
        state=state,
        evidence={
            "tries": len(of_it),
            "refused": len(refused),
            "share": round(len(refused) / len(of_it), 2) if of_it else None,
            "tokens_refused": _people(refused),
        },
        began_at=datetime.fromisoformat(since),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        is_standing=False,
        attribution="network",
    )
