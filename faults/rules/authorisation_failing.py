"""F37: drivers are not let in: the station says so, or too many of them are refused at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it, or refuses too many."""

    def said(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept)

    if snapshot.subject is not None:
        return combining.either(state, reported=said)
    return combining.either(
        state, reported=said, refused=lambda kept: _refused(snapshot, thresholds, kept)
    )


def _refused(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether refusals outweigh starts.

    State: {"tries": [[instant, token, 1 if refused]], "sessions": ids counted, "is_firing"}.
    """
    tries = sorted([*state.get("tries", []), *_new_tries(snapshot, state)])
    oldest = (snapshot.as_of - thresholds.within).isoformat()
    # what was refused counts until others are let in: a quiet night proves nothing
    recent = [one for one in tries if one[0] > oldest][-200:]
    kept: State = {"tries": recent} if recent else {}
    running = sorted(one.id for one in snapshot.open_sessions.values())
    if running:
        kept["sessions"] = running
    refused = [one for one in recent if one[2]]
    share = len(refused) / len(recent) if recent else 0.0
    is_enough = len(recent) >= thresholds.tries and _people(refused) >= thresholds.tokens
    was_firing = state.get("since", "")
    if was_firing and not (recent and share < thresholds.cleared_share):
        return _firing(was_firing, recent, kept, snapshot)
    if is_enough and share > thresholds.share:
        return _firing(refused[0][0], recent, kept, snapshot)
    if not recent and not was_firing:
        return CannotKnow(state=kept, reason="nobody_tried")
    return Clear(state=kept)


def _new_tries(snapshot: Snapshot, state: State) -> list[list[object]]:
    counted = set(state.get("sessions", []))
    refused = [
        [one.received_at.isoformat(), str(one.detail.get("token", "")), 1]
        for one in snapshot.notices
        if one.kind == REFUSED and one.detail.get("word") not in NO_FAULT
    ]
    begun = [
        [one.started_at.isoformat(), one.token, 0]
        for one in snapshot.open_sessions.values()
        if one.id not in counted
    ]
    return [*refused, *begun]


def _people(tries: list[list[object]]) -> int:
    return len({token for _, token, _ in tries})


def _firing(since: str, recent: list[list[object]], kept: State, snapshot: Snapshot) -> Firing:
    refused = [one for one in recent if one[2]]
    return Firing(
        state={**kept, "since": since},
        evidence={
            "tries": len(recent),
            "refused": len(refused),
            "share": round(len(refused) / len(recent), 2) if recent else None,
            "tokens_refused": _people(refused),
        },
        began_at=datetime.fromisoformat(since),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        is_standing=False,
        attribution="network",
    )
