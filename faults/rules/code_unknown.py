"""F05: a maker's own code that nobody has given a meaning yet."""

from dataclasses import dataclass, replace
from datetime import timedelta

from faults.rules import error_codes, reported
from faults.rules.protocol import TOLD, Result, Scope, Snapshot, State, Wake

CODE = "F05"
TITLE = "Error code not yet known"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "station"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"status", "event"}
# The codes of a place, for the list from which a person gives them a meaning.
SEEN, MOST, LONGEST = "seen", 40, 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long a report must stand."""

    fires_after: timedelta = timedelta(minutes=2)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it, and remember which codes it used.

    State: that of the report, beside it {"seen": {code: [times, first, last]}}.
    """
    told = {name: value for name, value in state.items() if name != SEEN}
    said = reported.check_code(CODE, snapshot, thresholds, told)
    seen = _seen(snapshot, state.get(SEEN, {}))
    return replace(said, state={**said.state, SEEN: seen}) if seen else said


def _seen(snapshot: Snapshot, known: State) -> State:
    mapped = snapshot.vendor_codes
    # a person has given these a meaning since
    seen = {word: one for word, one in known.items() if error_codes.fold(word) not in mapped}
    now = snapshot.as_of.isoformat()
    for word in error_codes.unmapped_words(snapshot.signs, snapshot.events, mapped):
        times, first, _ = seen.get(word[:LONGEST], (0, now, now))
        seen[word[:LONGEST]] = [times + 1, first, now]
    newest = sorted(seen.items(), key=lambda item: item[1][2])[-MOST:]
    return dict(sorted(newest))
