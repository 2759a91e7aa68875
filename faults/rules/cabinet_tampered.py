"""F07: the cabinet was opened, tilted, hit or flooded, and nobody of ours is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants, reported
from faults.rules.combining import either
from faults.rules.protocol import (
    TOLD,
    CannotKnow,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)
from faults.rules.vocabulary.meaning import fold
from faults.rules.vocabulary.security import TAMPER

CODE = "F07"
TITLE = "Cabinet opened, tilted or flooded"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "safety"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"notice"}

SECURITY = "security_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once; while somebody of ours is there, it is asked again later."""

    look_again_after: timedelta = timedelta(minutes=15)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a sensor reports it, or the station a hand where none should be."""
    found = either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept),
        security=lambda _: _told(snapshot),
    )
    if isinstance(found, Firing) and snapshot.is_attended:
        return CannotKnow(
            state=found.state,
            reason="somebody_is_working_there",
            check_at=snapshot.as_of + thresholds.look_again_after,
        )
    return found


def _told(snapshot: Snapshot) -> Result:
    """Return a moment's alarm: no word ever says that it is over."""
    trusted = snapshot.is_clock_trusted
    told = [
        one
        for one in snapshot.notices
        if one.kind == SECURITY and fold(str(one.detail.get("type", ""))) in TAMPER
    ]
    times = sorted(
        instants.happened_at(one.occurred_at, one.received_at, trusted=trusted) for one in told
    )
    if not times:
        return Clear(state={})
    return _alarm(times, [str(one.detail.get("note", ""))[:200] for one in told])


def _alarm(times: list[datetime], notes: list[str]) -> Firing:
    return Firing(
        state={},
        evidence={"events": [at.isoformat() for at in times], "notes": notes},
        began_at=times[0],
        seen_at=times[-1],
        severity=SEVERITY,
        attribution="unknown",
        is_over=True,
        is_standing=False,
    )
