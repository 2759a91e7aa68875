"""F39: a vehicle cannot charge, wherever it goes: the station says so, or its sessions do."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import combining, reported, sessions_failing
from faults.rules.facts import TokenElsewhere
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F39"
TITLE = "Vehicle cannot charge here"
SEVERITY = 5
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "vehicle"
CAUSE = "vehicle"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = TOLD | {"session"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once; a token that fails wherever it goes is known by its sessions."""

    token_share: float = 0.6
    token_stations: int = 2
    kept_for: timedelta = timedelta(hours=24)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a vehicle, not the connector, fails here."""

    def said(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept, attribution="vehicle")

    if snapshot.subject is None:
        return combining.either(state, reported=said)
    return combining.either(
        state, reported=said, sessions=lambda kept: _by_sessions(snapshot, thresholds, kept)
    )


def _by_sessions(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether one token makes most of the failures of a day here, and fails elsewhere too.

    State: {"failures": [{"token", "at", "session", "stations"}]}.
    """
    oldest = (snapshot.as_of - thresholds.kept_for).isoformat()
    failures = [one for one in state.get("failures", []) if one["at"] >= oldest]
    limits = sessions_failing.Thresholds()
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        verdict = sessions_failing.has_failed(session, limits)
        if verdict is False:
            failures = [one for one in failures if one["token"] != session.token]
        elif verdict and session.token:
            elsewhere = snapshot.tokens_elsewhere.get(session.token, TokenElsewhere())
            failures.append(
                {
                    "token": session.token,
                    "at": session.ended_at.isoformat(),
                    "session": session.id,
                    "stations": elsewhere.failed_stations,
                }
            )
    failures = failures[-20:]
    kept: State = {"failures": failures} if failures else {}
    counts = Counter(one["token"] for one in failures)
    mine = [one for one in failures if _is_tokens_own(one, counts, thresholds)]
    if not mine:
        return Clear(state=kept)
    return Firing(
        state=kept,
        evidence={"failures": mine, "failures_here": len(failures)},
        began_at=datetime.fromisoformat(mine[0]["at"]),
        seen_at=datetime.fromisoformat(mine[-1]["at"]),
        severity=SEVERITY,
        is_standing=False,
        is_down=False,
        attribution="vehicle",
        check_at=datetime.fromisoformat(mine[-1]["at"]) + thresholds.kept_for,
    )


def _is_tokens_own(failure: State, counts: Counter[str], thresholds: Thresholds) -> bool:
    share = counts[failure["token"]] / counts.total()
    return (
        share >= thresholds.token_share and int(failure["stations"]) >= thresholds.token_stations
    )
