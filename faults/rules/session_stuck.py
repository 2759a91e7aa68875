"""F15: a session never ends, or a connector does not become free after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants
from faults.rules.facts import OpenSession
from faults.rules.protocol import (
    ALWAYS,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)

CODE = "F15"
TITLE = "Session never ends"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "outcome"
CAUSE = "unknown"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How long each state may last."""

    finishing: timedelta = timedelta(hours=2)
    still: timedelta = timedelta(minutes=60)
    longest_ac: timedelta = timedelta(hours=72)
    longest_dc: timedelta = timedelta(hours=6)
    free_while_open: timedelta = timedelta(minutes=2)
    # Samples wake nobody: while a session goes on, it is looked at this often.
    looks_every: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Stuck:
    """One way to be stuck, since when, and how long that may last."""

    way: str
    since: datetime
    lasts: timedelta
    attribution: str = "charger"


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether one connector or its session is stuck.

    State: {"status", "since"}: the present word of the connector, and since when.
    """
    kept = _take_in(snapshot, state)
    running = snapshot.open_sessions.get(snapshot.subject or 0)
    found = sorted(
        _ways(kept, running, snapshot, thresholds), key=lambda one: one.since + one.lasts
    )
    if not found:
        again = snapshot.as_of + thresholds.looks_every if running is not None else None
        return Clear(state=kept, check_at=again)
    first = found[0]
    return Firing(
        state=kept,
        evidence={
            "way": first.way,
            "since": first.since.isoformat(),
            "allowed_s": int(first.lasts.total_seconds()),
            "session": running.id if running else None,
            "power_w": running.power_w if running else None,
            "energy_wh": running.energy_wh if running else None,
        },
        began_at=first.since,
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=first.lasts,
        is_down=False,
        attribution=first.attribution,
        check_at=snapshot.as_of + thresholds.looks_every if running is not None else None,
    )


def _take_in(snapshot: Snapshot, state: State) -> State:
    kept = dict(state)
    for sign in sorted(snapshot.signs, key=lambda one: (one.occurred_at, one.id)):
        if sign.status != kept.get("status"):
            trusted = snapshot.is_clock_trusted
            moment = instants.happened_at(sign.occurred_at, sign.received_at, trusted=trusted)
            kept = {"status": sign.status, "since": moment.isoformat()}
    ends = [one.ended_at for one in snapshot.sessions]
    if ends and kept.get("status") == "Finishing":
        # told of its end only now: it was no parked vehicle before that
        kept["since"] = max(kept["since"], max(ends).isoformat())
    return kept


def _ways(
    kept: State, running: OpenSession | None, snapshot: Snapshot, thresholds: Thresholds
) -> Iterator[Stuck]:
    status = kept.get("status", "")
    since = datetime.fromisoformat(kept["since"]) if kept else snapshot.as_of
    if running is None:
        if status == "Finishing":
            yield Stuck("finishing", since, thresholds.finishing, "user")
        return
    longest = thresholds.longest_dc if snapshot.card.is_dc else thresholds.longest_ac
    # long before that nothing is amiss, and nothing need be remembered
    if snapshot.as_of - running.started_at >= longest - thresholds.looks_every:
        yield Stuck("too_long", running.started_at, longest)
    if status == "Available":
        # what waited in the station's queue is told in parts: its state comes last
        begun = max(since, running.started_at, snapshot.connected_at or since)
        if not _delivers(running, begun):
            yield Stuck("free_while_open", begun, thresholds.free_while_open)
    elif running.still_since is not None and not running.is_suspended:
        yield Stuck("still", running.still_since, thresholds.still)


def _delivers(running: OpenSession, since: datetime) -> bool:
    """Return whether a session was seen to charge after the connector called itself free."""
    heard = running.last_meter_at
    return bool(running.power_w) and heard is not None and heard > since
