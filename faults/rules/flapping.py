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


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a place is unstable.

    State: {"states": [[instant, is in trouble]], "since"?, "gone"?, "calm_since"?}.
    """
    states = _taken(snapshot, thresholds, state)
    kept: State = {"states": states[0]} if states[0] else {}
    if states[1]:
        kept["gone"] = states[1]
    oldest = (snapshot.as_of - thresholds.window).isoformat()
    recent = [one for one in states[0] if str(one[0]) >= oldest]
    onsets = _onsets(recent)
    share = changes(recent, thresholds)
    is_flapping = len(onsets) >= thresholds.onsets or (
        share > thresholds.start_share and len(onsets) >= thresholds.least_onsets
    )
    if not is_flapping and "since" not in state:
        return Clear(state=kept)
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
) -> tuple[list[list[object]], str]:
    """Return the states known with the new ones, and when the line was cut that is still cut."""
    trusted = snapshot.is_clock_trusted
    found: list[tuple[datetime, StatusSign | Notice]] = [
        (instants.happened_at(one.occurred_at, one.received_at, trusted=trusted), one)
        for one in snapshot.signs
    ]
    found += [(one.received_at, one) for one in snapshot.notices if one.kind in _LINE]
    gone = str(state.get("gone", ""))
    states: list[list[object]] = list(state.get("states", []))
    for at, fact in sorted(found, key=lambda one: one[0]):
        if isinstance(fact, StatusSign):
            states.append([at.isoformat(), _is_trouble(fact, snapshot)])
        elif fact.kind == "disconnected":
            gone = gone or at.isoformat()
        elif gone:
            if at - datetime.fromisoformat(gone) >= thresholds.short_cut:
                states += [[gone, True], [at.isoformat(), False]]
            gone = ""
    states.sort(key=lambda one: str(one[0]))
    return states[-max(thresholds.states, 4 * thresholds.onsets) :], gone


_LINE = frozenset({"connected", "disconnected"})


def _is_trouble(sign: StatusSign, snapshot: Snapshot) -> bool:
    if sign.status == FAULTED:
        return True
    if sign.status != UNAVAILABLE:
        return False
    siblings = [
        word
        for place, word in snapshot.statuses.items()
        if place is not None and place != snapshot.subject
    ]
    return snapshot.subject is None or not IN_USE.intersection(siblings)


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
