"""F36: reader, screen or payment terminal is dead: reported, or seen in how sessions begin.

Where drivers go on starting by the app and nobody shows a card any more, the reader is dead; a
station that nobody uses by any channel says nothing of its reader.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import chances, combining, demand, reported
from faults.rules.facts import Usage
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

CODE = "F36"
TITLE = "Reader, screen or payment terminal dead"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "reader"
CAUSE = "charger"
IS_IMPAIRING = True
# Reports at once, the drought in the hourly look.
WAKES: frozenset[Wake] = TOLD | {"usage"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once; a drought of cards must be this unlikely, by both tests."""

    drought_below: float = 1e-3
    drought_window: timedelta = timedelta(days=56)
    over_dispersion: float = 1.3
    least_cards: int = 3


@dataclass(frozen=True, slots=True)
class Cards:
    """How often cards were shown before the last one, and what began otherwise since."""

    last: datetime
    cards: int
    others: int
    others_since: int


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it, or nobody starts by card any more."""

    def said(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept)

    if snapshot.subject is not None:
        if reported.is_quiet(CODE, snapshot, state):
            return reported.QUIET
        return combining.either(state, reported=said)
    return combining.either(
        state, reported=said, cards=lambda kept: _by_use(snapshot, thresholds, kept)
    )


def _by_use(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether cards fell silent while other channels did not; asked in the hourly look.

    State: the evidence of a firing drought with "since", or nothing.
    """
    usage = snapshot.usage
    if usage is None:
        since = state.get("since")
        return (
            _firing(state, snapshot)
            if since
            else CannotKnow(state=state, reason="not_in_this_look")
        )
    seen = _cards(snapshot, usage, thresholds)
    if seen is None or seen.cards < thresholds.least_cards:
        return CannotKnow(state={}, reason="no_cards_used")
    if state and seen.last.isoformat() <= state["since"]:
        return _firing(state, snapshot)
    phi = thresholds.over_dispersion
    clock = demand.clock_of(usage.demand, usage.time_zone)
    days = clock.days(seen.last - _known(usage, snapshot, seen, thresholds), seen.last)
    silent = clock.days(seen.last, snapshot.as_of)
    alone = chances.of_silence(seen.cards / phi, max(days, 1.0) / phi, silent)
    beside = chances.never_chosen(seen.cards + 0.5, seen.others + 0.5, seen.others_since, phi)
    if max(alone, beside) >= thresholds.drought_below:
        return Clear(state={}, ended_at=seen.last)
    found = {
        "since": seen.last.isoformat(),
        "cards_in_window": seen.cards,
        "others_in_window": seen.others,
        "others_since": seen.others_since,
        "chance_of_silence": float(f"{alone:.2e}"),
        "chance_never_chosen": float(f"{beside:.2e}"),
    }
    return _firing(found, snapshot)


def _known(usage: Usage, snapshot: Snapshot, seen: Cards, thresholds: Thresholds) -> timedelta:
    known = usage.known_for or thresholds.drought_window
    return max(
        timedelta(days=1),
        min(thresholds.drought_window, known - (snapshot.as_of - seen.last)),
    )


def _cards(snapshot: Snapshot, usage: Usage, thresholds: Thresholds) -> Cards | None:
    cards: list[datetime] = []
    others: list[datetime] = []
    for connector in snapshot.connectors:
        remote = usage.remote_starts.get(connector, ())
        begun_remotely = set(remote)
        others += remote
        cards += (one for one in usage.starts.get(connector, ()) if one not in begun_remotely)
    if not cards:
        return None
    last = max(cards)
    since = last - thresholds.drought_window
    return Cards(
        last=last,
        cards=sum(one > since for one in cards),
        others=sum(since < one <= last for one in others),
        others_since=sum(one > last for one in others),
    )


def _firing(found: State, snapshot: Snapshot) -> Firing:
    return Firing(
        state=found,
        evidence={name: value for name, value in found.items() if name != "since"}
        | {"last_card": found["since"]},
        began_at=datetime.fromisoformat(found["since"]),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        is_down=False,
        attribution="charger",
    )
