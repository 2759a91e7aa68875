"""One look: every rule that has a reason to be asked, and what becomes of its answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic

from faults.engine import containing, life
from faults.engine.containing import Failure
from faults.engine.keeping import C, Keeper, Place
from faults.rules import reports
from faults.rules.protocol import (
    CannotKnow,
    Clear,
    Firing,
    Result,
    Rule,
    Snapshot,
    State,
    Wake,
)
from faults.rules.readings import READING

LOOK_AGAIN_AFTER = timedelta(minutes=5)
ONLY_USAGE: frozenset[Wake] = frozenset({"usage"})
# What may carry a report of a station on itself.
REPORTING: frozenset[Wake] = frozenset({"status", "event", "session"})
NO_CODES: frozenset[str] = frozenset()
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a rule remembers of one place, and when waiting alone changes its answer."""

    state: State
    is_knowing: bool = True
    check_at: datetime | None = None


# Thresholds of a rule at a place; what explains a condition there, empty where nothing does.
Tuned = Callable[[Rule, int | None], Any]
Inhibitor = Callable[[Rule, int | None], str]


def own_thresholds(rule: Rule, _: int | None) -> Any:
    """Return the thresholds a rule comes with."""
    return rule.thresholds


def nothing_explains(_: Rule, __: int | None) -> str:
    """Return that nothing explains a condition."""
    return ""


@dataclass(slots=True)
class Look(Generic[C]):
    """One pass over a station: what was known, and what is to be written.

    `memories` and `conditions` are keyed by code and scope key; `changed` are the memories that
    differ after the look, `wants_probe` says that only asking the station can tell.
    """

    keeper: Keeper[C]
    station: Place
    snapshot: Snapshot
    memories: Mapping[Key, Memory]
    conditions: dict[Key, C]
    as_of: datetime
    tuned: Tuned = own_thresholds
    inhibitor: Inhibitor = nothing_explains
    changed: dict[Key, Memory] = field(default_factory=dict)
    wants_probe: bool = False
    # Rules that could not bear what they were shown, and why.
    failed: list[Failure] = field(default_factory=list)
    # Keep that a rule was asked and remembers nothing: it is then asked less often.
    keeps_blank: bool = False


class _Spot:
    """One place in a look: its name, the kinds of fact that are new there, and its view."""

    __slots__ = ("_raised", "_snapshot", "_subject", "_view", "name", "news")

    def __init__(self, snapshot: Snapshot, subject: int | None) -> None:
        self.name = scope_key(snapshot.station_id, subject)
        self.news = kinds_at(snapshot, subject)
        self._snapshot, self._subject = snapshot, subject
        self._view: Snapshot | None = None
        self._raised: frozenset[str] | None = None if self.news & REPORTING else NO_CODES

    def view(self) -> Snapshot:
        """Return the facts of this place, put together when a rule first wants them."""
        if self._view is None:
            self._view = self._snapshot.at(self._subject)
        return self._view

    def raises(self, code: str) -> bool:
        """Return whether a new fact here raises a code; what cannot be read may raise any."""
        if self._raised is None:
            try:
                self._raised = reports.raised_codes(self.view())
            except containing.HOLES:
                # each rule is asked, and what it cannot bear is set aside for it
                return True
        return code in self._raised


def look(at: Look[C], rules: Iterable[Rule]) -> None:
    """Ask the rules about a station and its connectors, and let conditions live accordingly."""
    places = {place: _Spot(at.snapshot, place) for place in (None, *at.snapshot.connectors)}
    for rule, subject in _subjects(at, rules):
        spot = places[subject]
        key = (rule.code, spot.name)
        if rule.wakes == ONLY_USAGE and at.snapshot.usage is None:
            _put_off(at, key)
        elif _has_reason(at, rule, key, spot):
            _ask(at, rule, spot.view(), key)


def ask_again(at: Look[C], rules: Iterable[Rule], place: str) -> None:
    """Ask rules about one place, by its scope key, of whatever facts the snapshot holds."""
    for rule, subject in _subjects(at, rules):
        key = (rule.code, scope_key(at.snapshot.station_id, subject))
        if key[1] == place:
            _ask(at, rule, at.snapshot.at(subject), key)


def waits(at: Look[C]) -> list[datetime]:
    """Return when a rule that holds no condition wants to be asked again."""
    now = {**at.memories, **at.changed}
    return [one.check_at for one in now.values() if one.check_at is not None]


def scope_key(station_id: int, subject: int | None) -> str:
    """Return the one word for what a condition is about."""
    return f"station:{station_id}" if subject is None else f"connector:{subject}"


def kinds_at(snapshot: Snapshot, place: int | None) -> frozenset[Wake]:
    """Return the kinds of new fact a snapshot holds of one place."""
    told: tuple[tuple[Wake, Iterable[Any]], ...] = (
        ("status", snapshot.signs),
        ("event", snapshot.events),
        ("session", snapshot.sessions),
    )
    found = {kind for kind, facts in told if any(one.connector_id == place for one in facts)}
    for one in snapshot.notices:
        if one.connector_id == place:
            found.add("reading" if one.kind == READING else "notice")
    if snapshot.usages.get(place, snapshot.usage):
        found.add("usage")
    return frozenset(found)


def _subjects(at: Look[C], rules: Iterable[Rule]) -> Iterator[tuple[Rule, int | None]]:
    for rule in rules:
        if "station" in rule.scopes:
            yield rule, None
        if "connector" in rule.scopes:
            for connector_id in at.snapshot.connectors:
                yield rule, connector_id


def _has_reason(at: Look[C], rule: Rule, key: Key, spot: _Spot) -> bool:
    """Return whether a rule could say something new: a fact it wants, or its time has come.

    An open condition is asked about at every look; one of "usage" alone only in the hourly one.
    What was asked before and remembers nothing has nothing to count on from.
    """
    wakes = rule.wakes
    if not wakes.isdisjoint(spot.news) or key in at.conditions:
        return True
    if "report" in wakes and spot.raises(rule.code):
        return True
    memory = at.memories.get(key)
    if memory is None:
        return "time" in wakes
    if memory.check_at is not None and memory.check_at <= at.as_of:
        return True
    return "now" in wakes or ("time" in wakes and _is_waiting(rule, memory))


def _is_waiting(rule: Rule, memory: Memory) -> bool:
    """Return whether a rule remembers what waiting alone may change."""
    waiting = rule.waiting
    if waiting is None:
        return bool(memory.state)
    return not waiting.isdisjoint(memory.state) or any(
        isinstance(part, dict) and not waiting.isdisjoint(part) for part in memory.state.values()
    )


def _put_off(at: Look[C], key: Key) -> None:
    """Let a condition that is due, and whose rule hears in the hourly look only, wait for that."""
    condition = at.conditions.get(key)
    if condition is None or condition.check_at is None:
        return
    if condition.check_at <= at.as_of:
        condition.check_at = None
        at.keeper.keep(condition)


def _ask(at: Look[C], rule: Rule, view: Snapshot, key: Key) -> None:
    memory = at.memories.get(key)
    thresholds = at.tuned(rule, view.subject)
    # what one rule cannot bear is noted: the other rules must be asked all the same
    results, failure = containing.answers(
        rule, view, thresholds, memory.state if memory else {}, key
    )
    if failure is not None:
        at.failed.append(failure)
    for result in results:
        _take(at, rule, view.subject, key, result)


def _take(at: Look[C], rule: Rule, subject: int | None, key: Key, result: Result) -> None:
    """Let a condition live by one answer of its rule."""
    condition = at.conditions.get(key)
    _remember(at, key, at.memories.get(key), result)
    if not isinstance(result, CannotKnow) and not rule.is_trial:
        for since, until in result.missed:
            at.keeper.missed(rule, _place(at, subject, key[1]), since, until)
    if isinstance(result, Firing):
        at.conditions[key] = life.hold(
            at.keeper,
            rule=rule,
            place=_place(at, subject, key[1]),
            condition=condition,
            result=result,
            inhibitor=at.inhibitor(rule, subject),
            as_of=at.as_of,
        )
    elif isinstance(result, Clear) and condition is not None:
        gone = life.let_go(
            at.keeper, rule=rule, condition=condition, result=result, as_of=at.as_of
        )
        if gone:
            del at.conditions[key]
    elif isinstance(result, CannotKnow):
        at.wants_probe |= result.wants_probe
        if condition is not None:
            _doubt(at, rule, key, condition, result)


def _remember(at: Look[C], key: Key, memory: Memory | None, result: Result) -> None:
    is_knowing = not isinstance(result, CannotKnow)
    # a firing one is waited for in its condition
    check_at = None if isinstance(result, Firing) else result.check_at
    if memory is None:
        is_blank = is_knowing and not result.state and check_at is None
        if is_blank and not at.keeps_blank:
            return
    elif key not in at.changed and (
        memory.check_at == check_at
        and memory.is_knowing == is_knowing
        and memory.state == result.state
    ):
        return
    at.changed[key] = Memory(result.state, is_knowing, check_at)


def _doubt(at: Look[C], rule: Rule, key: Key, condition: C, result: CannotKnow) -> None:
    """Leave a condition, but for one of safety that ended and that a person has seen to since.

    Its rule has nothing more to say: that it was over was its last word.
    """
    if life.is_seen_to(at.keeper, condition):
        over = Clear(state={})
        life.let_go(at.keeper, rule=rule, condition=condition, result=over, as_of=at.as_of)
        del at.conditions[key]
        return
    _leave(at, condition, result)


def _leave(at: Look[C], condition: C, result: CannotKnow) -> None:
    """Leave a condition as it is: not to know is no reason to open it, nor to clear it."""
    wanted = result.check_at or at.as_of + LOOK_AGAIN_AFTER
    if condition.check_at is None or condition.check_at <= at.as_of or wanted < condition.check_at:
        condition.check_at = wanted
        at.keeper.keep(condition)


def _place(at: Look[C], subject: int | None, key: str) -> Place:
    return Place(
        operator_id=at.station.operator_id,
        scope="station" if subject is None else "connector",
        scope_key=key,
        location_id=at.station.location_id,
        station_id=at.station.station_id,
        connector_id=subject,
    )
