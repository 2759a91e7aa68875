"""F06: a place that goes out of order and comes back, again and again.

The weighted share of changes among its last 21 states (Nagios: the newest weighs 1.25, the
oldest 0.75), or a number of onsets within a day. While it fires, single onsets open no ticket.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants
from faults.rules.facts import Notice, StatusSign
from faults.rules.protocol import Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F06"
TITLE = "Unstable"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "unstable"
CAUSE = "station"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = frozenset({"status", "notice"})

FAULTED, UNAVAILABLE = "Faulted", "Unavailable"
# A place that feeds another of the same power stage may say Unavailable: that is no trouble.
IN_USE = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE", "Occupied", "Preparing"})
OLDEST_WEIGHS, NEWEST_WEIGHS = 0.75, 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many states are weighed, and what share of changes is too much, and well again."""

    states: int = 21
    start_share: float = 0.30
    stop_share: float = 0.20
    # A share of few states says nothing: as many onsets as this must be behind it.
    least_onsets: int = 4
    onsets: int = 6
    window: timedelta = timedelta(hours=24)
    calm_for: timedelta = timedelta(hours=6)
    # A line that is back this soon was no outage.
    short_cut: timedelta = timedelta(minutes=3)
    # An outlet may say that it waits for its sibling before that one says that it is in use.
    settles_in: timedelta = timedelta(seconds=30)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a place is unstable.

    State: {"states": [[instant, is in trouble]], "since"?, "last"?, "gone"?, "doubt"?}; "doubt" is
    when it said Unavailable, while nobody can say whether only for its sibling's sake.
    """
    kept, check_at = _taken(snapshot, thresholds, state)
    oldest = (snapshot.as_of - thresholds.window).isoformat()
    recent = [one for one in kept.get("states", []) if str(one[0]) >= oldest]
    onsets = _onsets(recent)
    share = changes(recent, thresholds)
    is_flapping = len(onsets) >= thresholds.onsets or (
        share > thresholds.start_share and len(onsets) >= thresholds.least_onsets
    )
    if not is_flapping and "since" not in state:
        return Clear(state=kept, check_at=check_at)
    since = str(state.get("since") or onsets[0])
    last = max(onsets, default=str(state.get("last", since)))
    well_at = datetime.fromisoformat(last) + thresholds.calm_for
    if not is_flapping and share < thresholds.stop_share and snapshot.as_of >= well_at:
        return Clear(state=kept, ended_at=datetime.fromisoformat(last))
    return _firing(snapshot, {**kept, "since": since, "last": last}, onsets, share, thresholds)


def changes(states: list[list[object]], thresholds: Thresholds) -> float:
    """Return the weighted share of changes among the last states, 0 to about 1."""
    last = [bool(one[1]) for one in states[-thresholds.states :]]
    pairs = thresholds.states - 1
    step = (NEWEST_WEIGHS - OLDEST_WEIGHS) / (pairs - 1)
    weighed = 0.0
    for age, (after, before) in enumerate(zip(last[:0:-1], last[-2::-1], strict=True)):
        if after != before:
            weighed += NEWEST_WEIGHS - age * step
    return weighed / pairs


def _taken(
    snapshot: Snapshot, thresholds: Thresholds, state: State
) -> tuple[State, datetime | None]:
    """Return the states known with the new ones, and when one in doubt is to be judged."""
    kept: State = {name: state[name] for name in ("gone", "doubt") if name in state}
    states: list[list[object]] = list(state.get("states", []))
    for at, fact in _new(snapshot):
        _settle(kept, states, snapshot)
        if not isinstance(fact, StatusSign):
            _hear_line(kept, states, at, fact, thresholds)
        elif fact.status == UNAVAILABLE and snapshot.subject is not None:
            kept["doubt"] = at.isoformat()
        else:
            states.append([at.isoformat(), fact.status in {FAULTED, UNAVAILABLE}])
    check_at = None
    if "doubt" in kept:
        check_at = datetime.fromisoformat(kept["doubt"]) + thresholds.settles_in
        if snapshot.as_of >= check_at:
            _settle(kept, states, snapshot)
            check_at = None
    states.sort(key=lambda one: str(one[0]))
    states = states[-max(thresholds.states, 4 * thresholds.onsets) :]
    return {**({"states": states} if states else {}), **kept}, check_at


def _new(snapshot: Snapshot) -> list[tuple[datetime, StatusSign | Notice]]:
    trusted = snapshot.is_clock_trusted
    found: list[tuple[datetime, StatusSign | Notice]] = [
        (instants.happened_at(one.occurred_at, one.received_at, trusted=trusted), one)
        for one in snapshot.signs
    ]
    found += [(one.received_at, one) for one in snapshot.notices if one.kind in _LINE]
    return sorted(found, key=lambda one: one[0])


def _settle(kept: State, states: list[list[object]], snapshot: Snapshot) -> None:
    """Judge a word in doubt by what its siblings say by now."""
    at = kept.pop("doubt", None)
    if at is not None:
        states.append([at, not _waits_for_sibling(snapshot)])


def _hear_line(
    kept: State, states: list[list[object]], at: datetime, notice: Notice, thresholds: Thresholds
) -> None:
    """Take in that the line went or came back; a short cut is no change of state."""
    if notice.kind == "disconnected":
        kept.setdefault("gone", at.isoformat())
        return
    gone = kept.pop("gone", None)
    if gone is not None and at - datetime.fromisoformat(gone) >= thresholds.short_cut:
        states += [[gone, True], [at.isoformat(), False]]


_LINE = frozenset({"connected", "disconnected"})


def _waits_for_sibling(snapshot: Snapshot) -> bool:
    return any(
        word in IN_USE
        for place, word in snapshot.statuses.items()
        if place is not None and place != snapshot.subject
    )


def _onsets(states: list[list[object]]) -> list[str]:
    return [
        str(at)
        for number, (at, is_trouble) in enumerate(states)
        if is_trouble and (number == 0 or not states[number - 1][1])
    ]


def _firing(
    snapshot: Snapshot, kept: State, onsets: list[str], share: float, thresholds: Thresholds
) -> Firing:
    last = datetime.fromisoformat(kept["last"])
    well_at = last + thresholds.calm_for
    return Firing(
        state=kept,
        evidence={
            "onsets": onsets[-12:],
            "onsets_in_window": len(onsets),
            "share_of_changes": round(share, 3),
        },
        began_at=datetime.fromisoformat(kept["since"]),
        seen_at=last,
        severity=SEVERITY,
        attribution="charger",
        is_standing=False,
        is_down=False,
        # the share falls with time only where states leave the window
        check_at=max(well_at, snapshot.as_of + timedelta(hours=1)),
    )
