"""F01: nothing is heard from a station, and it does not answer when asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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

CODE = "F01"
TITLE = "Station offline"
SEVERITY = 2
SCOPE: Scope = "station"
FAMILY = "link"
CAUSE = "network"
# A station without a line may still charge those it knows: no credit is due for silence alone.
IS_IMPAIRING = False
WAKES: frozenset[Wake] = ALWAYS


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How long silence may last.

    Source of 15 and 60 minutes: of 646 public connectors, 43 % of those silent for 15 minutes
    still were an hour later, and 75 % of those silent for an hour.
    """

    heartbeats: int = 2
    websocket_ping: timedelta = timedelta(seconds=60)
    pings: int = 3
    grace: timedelta = timedelta(seconds=30)
    fires_after: timedelta = timedelta(minutes=15)
    ticket_after: timedelta = timedelta(minutes=60)
    stable_for: timedelta = timedelta(minutes=2)
    answer_within: timedelta = timedelta(seconds=60)
    ask_again_after: timedelta = timedelta(minutes=15)
    look_again_after: timedelta = timedelta(minutes=5)


def allowed_silence(heartbeat_interval_s: int, thresholds: Thresholds) -> timedelta:
    """Return how long a station may say nothing before it is asked."""
    heartbeats = thresholds.heartbeats * timedelta(seconds=heartbeat_interval_s)
    return max(heartbeats, thresholds.pings * thresholds.websocket_ping) + thresholds.grace


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station is offline; asks before it says so.

    State: {"silent_since", "back_at"}, both instants.
    """
    if not snapshot.is_active:
        return Clear(state={})
    seen = _last_heard(snapshot)
    if seen is None:
        return CannotKnow(state={}, reason="never_seen")
    limit = seen + allowed_silence(snapshot.heartbeat_interval_s, thresholds)
    if snapshot.as_of < limit:
        return _heard(snapshot, thresholds, state, seen, limit)
    if not snapshot.is_online:
        return _silent(snapshot, thresholds, seen, "socket_closed")
    return _asked(snapshot, thresholds, state, seen)


def _last_heard(snapshot: Snapshot) -> datetime | None:
    seen, probe = snapshot.last_seen_at, snapshot.probe
    if seen is not None and probe is not None and probe.outcome == "answered":
        return max(seen, probe.asked_at)
    return seen


def _heard(
    snapshot: Snapshot, thresholds: Thresholds, state: State, seen: datetime, limit: datetime
) -> Result:
    silent_since = state.get("silent_since")
    if silent_since is None:
        if snapshot.is_online:
            return Clear(state={}, check_at=limit)
        return CannotKnow(state={}, reason="socket_closed_recently", check_at=limit)
    if not snapshot.is_online:
        # gone again before it was stable: the silence goes on
        return _silent(snapshot, thresholds, datetime.fromisoformat(silent_since), "socket_closed")
    back_at = datetime.fromisoformat(state.get("back_at", seen.isoformat()))
    stable_at = back_at + thresholds.stable_for
    if snapshot.as_of < stable_at:
        return CannotKnow(
            state={"silent_since": silent_since, "back_at": back_at.isoformat()},
            reason="not_yet_stable",
            check_at=stable_at,
        )
    return Clear(
        state={},
        ended_at=back_at,
        evidence={"heard_again_at": back_at.isoformat()},
        check_at=limit,
    )


def _asked(snapshot: Snapshot, thresholds: Thresholds, state: State, seen: datetime) -> Result:
    probe = snapshot.probe
    if probe is None or probe.asked_at <= seen:
        soon = snapshot.as_of + thresholds.answer_within
        return CannotKnow(state=state, reason="not_asked_yet", wants_probe=True, check_at=soon)
    if probe.outcome == "waiting":
        soon = snapshot.as_of + thresholds.answer_within
        return CannotKnow(state=state, reason="asked", check_at=soon)
    is_stale = snapshot.as_of - probe.asked_at >= thresholds.ask_again_after
    if probe.outcome == "not_sent" and not snapshot.is_network_alive:
        return CannotKnow(
            state=state,
            reason="our_gateway_is_away",
            wants_probe=is_stale,
            check_at=snapshot.as_of + thresholds.look_again_after,
        )
    return _silent(snapshot, thresholds, seen, f"probe_{probe.outcome}")


def _silent(snapshot: Snapshot, thresholds: Thresholds, since: datetime, proof: str) -> Firing:
    return Firing(
        state={"silent_since": since.isoformat()},
        evidence={
            "last_seen_at": since.isoformat(),
            "silent_s": int((snapshot.as_of - since).total_seconds()),
            "heartbeat_interval_s": snapshot.heartbeat_interval_s,
            "proof": proof,
            "probe_asked_at": snapshot.probe.asked_at.isoformat() if snapshot.probe else None,
        },
        began_at=since,
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=thresholds.fires_after,
        ticket_after=thresholds.ticket_after,
        attribution="network",
        # a closed socket opens with news; an open one may only seem so
        check_at=snapshot.as_of + thresholds.look_again_after if snapshot.is_online else None,
    )
