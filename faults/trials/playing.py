"""What rules find under other thresholds, beside what they find now; changes nothing.

Stored history, or a recording, is played to two fleets in memory, one as it is and one as it would
be. A bounded span is tried from a page; a longer one is for the command.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Q

from faults import recorded, rules
from faults.engine.fleet import Fleet
from faults.engine.memory import Held
from faults.models import RuleSetting
from faults.queries import history
from faults.queries.history import Span
from faults.rules import error_codes
from faults.rules.protocol import Rule
from stations.recordings import ListMapping, RecordedRow

Changed = Mapping[str, Mapping[str, Any]]
# Statistics need some days to know what is usual: they are played, and not counted.
WARM_UP = timedelta(days=14)
# What a person waits for: about ten seconds a fleet.
MOST_DAYS = timedelta(days=31)
MOST_ROWS = 60_000
# What explains others is always asked; some rules also read what others found.
EXPLAINING = frozenset({"F01", "F06", "F08", "F40"})
BESIDE: Mapping[str, frozenset[str]] = {
    "F05": frozenset(error_codes.CODES),
    "F11": frozenset({"F13"}),
    "F44": frozenset({"F10"}),
}
# Rules that hear what the samples of a session say together.
SAMPLED = frozenset(
    {"F12", "F18", "F20", "F21", "F22", "F23", "F24", "F25", "F29", "F31", "F33", "F34", "F35"}
)
# Two findings of one place are the same where they began or lasted together.
TOGETHER = timedelta(hours=24)


class TooMuch(ValueError):
    """The span holds more than a person should wait for; a shorter one, or the command, does."""


@dataclass(slots=True)
class Comparison:
    """What one rule finds before and after a change; `new`, `gone` as `detect_faults` has it."""

    code: str
    before: int = 0
    after: int = 0
    same: int = 0
    new: list[dict[str, Any]] = field(default_factory=list)
    gone: list[dict[str, Any]] = field(default_factory=list)

    def written(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        return {
            "code": self.code,
            "before": self.before,
            "after": self.after,
            "same": self.same,
            "new": self.new,
            "gone": self.gone,
        }


def try_thresholds(
    *,
    operator_id: int,
    changed: Changed,
    begin: datetime,
    end: datetime,
    location_id: int | None = None,
    station_model: str = "",
) -> list[Comparison]:
    """Try a change on stored history in bounded time; raises TooMuch, ThresholdsRefused.

    Of all stations, or of those of a site or a model.
    """
    if end - begin > MOST_DAYS:
        raise TooMuch(f"at most {MOST_DAYS.days} days")
    span = Span(operator_id, begin - WARM_UP, end, location_id, station_model)
    if history.count_rows(span) > MOST_ROWS:
        raise TooMuch(f"more than {MOST_ROWS} stored facts")
    return _play(span, changed, since=begin, asked=asked_with(changed))


def asked_with(codes: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules a trial of some rules must ask: they, and what may explain them."""
    wanted = EXPLAINING.union(codes, *(BESIDE.get(code, ()) for code in codes))
    return tuple(rule for rule in rules.RULES if rule.code in wanted)


def try_history(
    *, operator_id: int, changed: Changed, begin: datetime, end: datetime
) -> list[Comparison]:
    """Try a change on what an operator's stations told between two instants.

    Raises ThresholdsRefused. What was set for all of the operator's stations holds on both sides.
    """
    return _play(Span(operator_id, begin - WARM_UP, end), changed, since=begin)


def _play(
    span: Span, changed: Changed, *, since: datetime, asked: Sequence[Rule] = rules.RULES
) -> list[Comparison]:
    now = current(span)
    places = history.places_of(span)
    before = _fleet(places, now, asked)
    after = _fleet(places, merged(now, changed), asked)
    known = {place.name for place in places}
    is_sampled = any(rule.code in SAMPLED for rule in asked)
    for one in history.read(span, is_sampled=is_sampled):
        if one.station not in known:
            continue
        for fleet in (before, after):
            if one.outcome is not None and one.place is not None:
                fleet.take_outcome(one.station, one.place, one.at, one.outcome)
            elif one.fact is not None:
                fleet.take(one.station, one.at, (one.fact,))
    for fleet in (before, after):
        fleet.advance(span.end)
    return compare(before, after, changed, since=since)


def try_conversation(
    rows: Callable[[], Iterable[RecordedRow]], changed: Changed
) -> list[Comparison]:
    """Try a change on a recorded conversation; `rows` reads it anew each time it is asked."""
    fleets = Fleet(), Fleet(thresholds=changed)
    for fleet in fleets:
        for at in recorded.play_conversation(fleet, rows()):
            fleet.advance(at)
    return compare(*fleets, changed)


def try_sessions(path: Path, mapping: ListMapping, changed: Changed) -> list[Comparison]:
    """Try a change on a session list."""
    before = recorded.fleet_for_lists()
    after = recorded.fleet_for_lists(thresholds=changed)
    for fleet in (before, after):
        for _ in recorded.play_sessions(fleet, path, mapping):
            pass
    return compare(before, after, changed)


def compare(
    before: Fleet, after: Fleet, changed: Changed, *, since: datetime | None = None
) -> list[Comparison]:
    """Return what two fleets found, rule by rule: those changed, and those that found anything."""
    old, new = _found(before, since), _found(after, since)
    codes = sorted({*changed, *(one.code for one in (*old, *new))})
    found = {code: Comparison(code) for code in codes}
    left = list(old)
    for one in new:
        mine = found[one.code]
        mine.after += 1
        twin = next((other for other in left if _is_same(before, after, other, one)), None)
        if twin is None:
            mine.new.append(recorded.shown(after, one))
        else:
            left.remove(twin)
            mine.same += 1
    for one in old:
        found[one.code].before += 1
    for one in left:
        found[one.code].gone.append(recorded.shown(before, one))
    return list(found.values())


def current(span: Span) -> dict[str, dict[str, Any]]:
    """Return what is set for all stations of a span, by code; the site or model goes before."""
    here = Q(location__isnull=True, station_model="")
    if span.location_id is not None:
        here |= Q(location=span.location_id)
    if span.station_model:
        here |= Q(location__isnull=True, station_model=span.station_model)
    found: dict[str, dict[str, Any]] = {}
    rows = RuleSetting.objects.filter(here, operator_id=span.operator_id)
    for row in sorted(rows, key=lambda one: (one.location_id is not None, one.station_model)):
        if row.values:
            found[row.code] = merged(found, {row.code: row.values})[row.code]
    return found


def merged(now: Changed, changed: Changed) -> dict[str, dict[str, Any]]:
    """Return settings with a change over them, value by value."""
    codes = {*now, *changed}
    return {code: {**now.get(code, {}), **changed.get(code, {})} for code in codes}


def _fleet(places: list[Any], thresholds: Changed, asked: Sequence[Rule]) -> Fleet:
    # an open socket that was silent is believed to have answered: nothing stored says otherwise
    return Fleet(places, thresholds=thresholds, answers=_is_there, asked=asked)


def _is_there(_: str, __: datetime) -> bool:
    return True


def _found(fleet: Fleet, since: datetime | None) -> list[Held]:
    opened = [one for one in fleet.conditions() if one.opened_at is not None]
    return [one for one in opened if since is None or (one.opened_at or since) >= since]


def _is_same(before: Fleet, after: Fleet, old: Held, new: Held) -> bool:
    if old.code != new.code or before.where(old.place) != after.where(new.place):
        return False
    if abs(old.began_at - new.began_at) <= TOGETHER:
        return True
    never = datetime.max.replace(tzinfo=UTC)
    old_end, new_end = old.cleared_at or never, new.cleared_at or never
    return old.began_at <= new_end and new.began_at <= old_end
