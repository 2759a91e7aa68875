"""F17: the link of a station is weak, breaks often, or loses what is asked over it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants, reported, windows
from faults.rules.combining import either
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F17"
TITLE = "Weak link"
SEVERITY = 4
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "link"
CAUSE = "network"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = TOLD | {"notice"}

CONNECTED, BOOT, CALL_FAILED, CALL_SLOW = "connected", "boot", "call_failed", "call_slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long a weak signal must be reported, how often a line may break, a call be lost."""

    fires_after: timedelta = timedelta(minutes=30)
    reconnects: int = 5
    hour: timedelta = timedelta(minutes=60)
    failed_calls: int = 5
    # Of the calls of a day, as a share: beside it the 95th percentile of answers is too slow.
    failed_share: float = 0.05
    slow_calls: int = 5
    slow_share: float = 0.05
    calls_within: timedelta = timedelta(hours=24)
    clean_for: timedelta = timedelta(hours=6)
    # A line that comes with a start of the station is that start's.
    boot_within: timedelta = timedelta(minutes=2)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the link is bad: by the station's word, or by what it does."""

    def told(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept, attribution="network")

    if snapshot.subject is not None:
        return told(state)
    return either(
        state,
        reported=told,
        seen=lambda kept: _unstable(snapshot, thresholds, kept),
    )


def _unstable(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Count how often the line was made anew, and what was asked in vain.

    State: {"connects", "boots", "failed", "slow": [instants], "since", "bad_at"}.
    """
    state = _take_in(snapshot, thresholds, state)
    lines = _reconnects(state, thresholds)
    in_hour = windows.recent(lines, snapshot.as_of, thresholds.hour)
    failed, slow = state["failed"], state["slow"]
    is_bad = len(in_hour) >= thresholds.reconnects or _is_lossy(state, snapshot, thresholds)
    newest = max([*lines[-1:], *failed[-1:], *slow[-1:]], default="")
    since, bad_at = state.get("since", ""), state.get("bad_at", "")
    if is_bad:
        since = since or min([*in_hour[:1], *failed[:1], *slow[:1]])
        bad_at = max(bad_at, newest)
    kept = {name: value for name, value in state.items() if value}
    if not since:
        return Clear(state=kept)
    ends_at = datetime.fromisoformat(bad_at) + thresholds.clean_for
    if not is_bad and snapshot.as_of >= ends_at:
        rest = {name: one for name, one in kept.items() if name not in {"since", "bad_at"}}
        return Clear(state=rest, ended_at=datetime.fromisoformat(bad_at))
    return Firing(
        state={**kept, "since": since, "bad_at": bad_at},
        evidence={
            "reconnects_in_hour": len(in_hour),
            "reconnects": lines[-20:],
            "failed_calls": failed[-20:],
            "slow_calls": slow[-20:],
            "calls_sent_in_day": snapshot.calls_sent,
        },
        began_at=datetime.fromisoformat(since),
        seen_at=datetime.fromisoformat(bad_at),
        severity=SEVERITY,
        attribution="network",
        is_down=False,
        is_standing=False,
        check_at=max(ends_at, snapshot.as_of + timedelta(minutes=5)),
    )


def _is_lossy(state: State, snapshot: Snapshot, thresholds: Thresholds) -> bool:
    """Return whether too many calls failed, or were slow: several, and too large a part of all."""
    sent = snapshot.calls_sent
    failed, slow = len(state["failed"]), len(state["slow"])
    is_failing = failed >= thresholds.failed_calls and failed > thresholds.failed_share * sent
    is_slow = slow >= thresholds.slow_calls and slow > thresholds.slow_share * sent
    return is_failing or is_slow


def _take_in(snapshot: Snapshot, thresholds: Thresholds, state: State) -> State:
    names = {CONNECTED: "connects", BOOT: "boots", CALL_FAILED: "failed", CALL_SLOW: "slow"}
    found = {name: list(state.get(name, ())) for name in names.values()}
    trusted = snapshot.is_clock_trusted
    for one in snapshot.notices:
        if one.kind in names:
            at = instants.happened_at(one.occurred_at, one.received_at, trusted=trusted)
            found[names[one.kind]].append(at.isoformat())
    lasting = {
        "connects": thresholds.hour,
        "boots": thresholds.hour,
        "failed": thresholds.calls_within,
        "slow": thresholds.calls_within,
    }
    counted = {
        name: windows.recent(found[name], snapshot.as_of, window)
        for name, window in lasting.items()
    }
    return {**state, **counted}


def _reconnects(state: State, thresholds: Thresholds) -> list[str]:
    """Return when the line was made anew without the station having started."""
    boots = [datetime.fromisoformat(one) for one in state["boots"]]
    return [
        one
        for one in state["connects"]
        if not any(
            abs(boot - datetime.fromisoformat(one)) < thresholds.boot_within for boot in boots
        )
    ]
