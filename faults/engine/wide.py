"""One look at a site, a network or a cohort: the same lives, for what is wider than a station."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from faults.engine import life
from faults.engine.containing import HOLES, Failure
from faults.engine.keeping import C, Keeper, Place
from faults.engine.looking import LOOK_AGAIN_AFTER, Key, Memory
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Rule


def own_thresholds(rule: Rule) -> Any:
    """Return the thresholds a rule comes with."""
    return rule.thresholds


def nothing_explains(_: Rule) -> str:
    """Return that nothing explains a condition."""
    return ""


@dataclass(slots=True)
class WideLook(Generic[C]):
    """One pass over a place that is wider than a station.

    `snapshot` is a type of `faults.rules.wide`; `memories` and `conditions` are keyed by code and
    the place's scope key; `changed` are the memories that differ after the look.
    """

    keeper: Keeper[C]
    place: Place
    snapshot: Any
    memories: Mapping[Key, Memory]
    conditions: dict[Key, C]
    as_of: datetime
    tuned: Callable[[Rule], Any] = own_thresholds
    inhibitor: Callable[[Rule], str] = nothing_explains
    changed: dict[Key, Memory] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)


def look_wide(at: WideLook[C], rules: Iterable[Rule]) -> None:
    """Ask the rules of the place's scope, in their order, and let conditions live accordingly."""
    for rule in rules:
        if at.place.scope in rule.scopes:
            _ask(at, rule)


def waits(at: WideLook[C]) -> list[datetime]:
    """Return when a rule or a condition of the place wants to be asked again."""
    now = {**at.memories, **at.changed}
    checks = [one.check_at for one in now.values()]
    checks += [one.check_at for one in at.conditions.values()]
    return [check for check in checks if check is not None]


def _ask(at: WideLook[C], rule: Rule) -> None:
    key = (rule.code, at.place.scope_key)
    memory, condition = at.memories.get(key), at.conditions.get(key)
    try:
        result = rule.check(at.snapshot, at.tuned(rule), memory.state if memory else {})
    except HOLES as error:
        # it looks at everything anew next time: there is no fact to keep for it
        at.failed.append(Failure(key, error))
        return
    _remember(at, key, memory, result)
    if isinstance(result, Firing):
        at.conditions[key] = life.hold(
            at.keeper,
            rule=rule,
            place=at.place,
            condition=condition,
            result=result,
            inhibitor=at.inhibitor(rule),
            as_of=at.as_of,
        )
    elif condition is None:
        return
    elif isinstance(result, Clear):
        gone = life.let_go(
            at.keeper, rule=rule, condition=condition, result=result, as_of=at.as_of
        )
        if gone:
            del at.conditions[key]
    elif condition.check_at is None or condition.check_at <= at.as_of:
        # not to know is no reason to open it, nor to clear it
        condition.check_at = result.check_at or at.as_of + LOOK_AGAIN_AFTER
        at.keeper.keep(condition)


def _remember(at: WideLook[C], key: Key, memory: Memory | None, result: Result) -> None:
    now = Memory(
        state=result.state,
        is_knowing=not isinstance(result, CannotKnow),
        check_at=None if isinstance(result, Firing) else result.check_at,
    )
    if now != (memory or Memory(state={})):
        at.changed[key] = now
