"""F30: the residual-current protection tripped: once perhaps by a vehicle, twice by no chance."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from faults.rules import reported
from faults.rules.facts import TokenElsewhere
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F30"
TITLE = "Ground fault"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "power"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD

DOWN, INFORMATION = 3, 5
TOKENS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long it may take to reset itself, and how often it may trip in a week."""

    resets_within: timedelta = timedelta(minutes=5)
    trips: int = 2
    window: timedelta = timedelta(days=7)
    vehicle_stations: int = 1


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether it stands, or came again; one that reset itself at once is remembered.

    State: that of the report, beside it {"tokens": who charged when it tripped, newest last,
    "is_grave": true while a person must look}.
    """
    told = {name: value for name, value in state.items() if name in {"active", "raised"}}
    said = reported.check_code(CODE, snapshot, thresholds, told)
    tokens = _tokens(snapshot, state, said)
    kept = {**said.state, "tokens": tokens} if tokens and said.state else said.state
    if not isinstance(said, Firing):
        return _ended(said, state, thresholds) or replace(said, state=kept)
    trips = len(said.state.get("raised", ()))
    was_short = said.seen_at - said.began_at < thresholds.resets_within
    if trips < thresholds.trips and said.is_over and was_short:
        return Clear(state=kept, ended_at=said.seen_at, evidence=said.evidence)
    if said.severity != SEVERITY:
        return replace(said, state=kept)
    if said.is_over and was_short and _is_vehicle(tokens, trips, snapshot, thresholds):
        return replace(
            said, state=kept, severity=INFORMATION, attribution="vehicle", is_down=False
        )
    due = said.began_at + thresholds.resets_within
    if trips >= thresholds.trips or said.is_over or snapshot.as_of >= due:
        return replace(said, state={**kept, "is_grave": True})
    return replace(said, state=kept, severity=DOWN, is_down=True, check_at=due)


def _ended(said: Result, state: State, thresholds: Thresholds) -> Firing | None:
    """Return what stood too long before it ended, though nobody looked in between."""
    stood = [one for one in state.get("active", {}).values() if one["severity"] == SEVERITY]
    if not stood or state.get("is_grave"):
        return None
    if not isinstance(said, Clear) or said.ended_at is None:
        return None
    since = min(datetime.fromisoformat(one["since"]) for one in stood)
    is_down = any(one["is_down"] is not False for one in stood)
    if not is_down or said.ended_at - since < thresholds.resets_within:
        return None
    return Firing(
        state=said.state,
        evidence={"reports": stood, "ended_at": said.ended_at.isoformat()},
        began_at=since,
        seen_at=said.ended_at,
        severity=SEVERITY,
        attribution="charger",
        is_over=True,
        is_standing=False,
        check_at=said.ended_at + thresholds.resets_within + timedelta(minutes=1),
    )


def _tokens(snapshot: Snapshot, state: State, said: Result) -> list[str]:
    """Return who charged at each trip of the window; empty where nobody is known."""
    before, now = state.get("raised", ()), said.state.get("raised", ())
    new = [at for at in now if at not in before]
    found = [_who(snapshot, datetime.fromisoformat(at)) for at in new]
    return [*state.get("tokens", ()), *found][-min(len(now), TOKENS) :] if now else []


def _who(snapshot: Snapshot, at: datetime) -> str:
    now = snapshot.open_sessions.get(snapshot.subject or 0)
    if now is not None and now.started_at <= at:
        return now.token
    ended = [one.token for one in snapshot.sessions if one.started_at <= at <= one.ended_at]
    return ended[0] if ended else ""


def _is_vehicle(tokens: list[str], trips: int, snapshot: Snapshot, thresholds: Thresholds) -> bool:
    """Return whether one vehicle alone trips it, and fails at other stations too."""
    if len(tokens) < trips or len(set(tokens)) != 1 or not tokens[0]:
        return False
    elsewhere = snapshot.tokens_elsewhere.get(tokens[0], TokenElsewhere())
    return elsewhere.failed_stations >= thresholds.vehicle_stations
