"""What a rule remembers of the sessions it has counted: short rows, the oldest forgotten first."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

from faults.rules.facts import Measures, SessionOutcome
from faults.rules.protocol import Snapshot, State

MAD_TO_SIGMA = 1.4826
Row = list[Any]


def fresh(snapshot: Snapshot, newest_end: str) -> Iterator[SessionOutcome]:
    """Yield the new sessions in order; one told late, about a time already judged, is left out."""
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        if session.ended_at.isoformat() >= newest_end:
            yield session


def fresh_measured(
    snapshot: Snapshot, newest_end: str
) -> Iterator[tuple[SessionOutcome, Measures]]:
    """Yield the new sessions whose samples say anything."""
    for session in fresh(snapshot, newest_end):
        if session.measures is not None:
            yield session, session.measures


def grown(rows: Sequence[Any], row: Any, most: int) -> list[Any]:
    """Return rows with one more, and no more than `most`."""
    return [*rows, row][-most:]


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return median and robust standard deviation."""
    middle = median(values)
    return middle, MAD_TO_SIGMA * median(abs(one - middle) for one in values)


def who(session: SessionOutcome) -> str:
    """Return a word for who charged; an unknown driver counts as somebody new."""
    return session.token or f"session:{session.id}"


def run_at_end(rows: Sequence[Row], holds: Callable[[Row], bool]) -> list[Row]:
    """Return the rows at the end, without interruption, for which something holds."""
    run: list[Row] = []
    for row in reversed(rows):
        if not holds(row):
            break
        run.insert(0, row)
    return run


def is_same_plug(snapshot: Snapshot, state: State) -> bool:
    """Return whether what is remembered is of the cable that is fitted now."""
    if not state:
        return True
    card = snapshot.card
    since = card.cable_since.isoformat() if card.cable_since else ""
    return bool(state.get("cable_id") == card.cable_id and state.get("cable_since", "") == since)


def plug_of(snapshot: Snapshot) -> State:
    """Return which cable is fitted, and since when, as a rule remembers it."""
    card = snapshot.card
    since = card.cable_since.isoformat() if card.cable_since else ""
    return {"cable_id": card.cable_id, "cable_since": since}
