"""A rule that cannot bear a fact: it goes on with the others, and that one is set aside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from faults.rules.protocol import Result, Rule, Snapshot, State

# What a station may have said that a rule did not foresee.
HOLES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
Kind = Literal["signs", "events", "notices", "sessions"]
KINDS: Final[tuple[Kind, ...]] = ("signs", "events", "notices", "sessions")
NOTHING_NEW: Final[dict[str, Any]] = {kind: () for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a rule could not bear at one place, and the facts it has not counted for it.

    `key` is a code and a scope key; `aside` are facts by kind and id, none where the rule failed
    without them.
    """

    key: tuple[str, str]
    error: Exception
    aside: tuple[tuple[Kind, int], ...] = ()


def answers(
    rule: Rule, view: Snapshot, thresholds: Any, state: State, key: tuple[str, str]
) -> tuple[list[Result], Failure | None]:
    """Return what a rule says, in order, and its failure if there was one.

    One answer, mostly. Where the rule fails it is shown its facts one by one, so that the others
    are not lost to it with the one it cannot bear.
    """
    try:
        return [rule.check(view, thresholds, state)], None
    except HOLES as error:
        first = error
    found: list[Result] = []
    aside: list[tuple[Kind, int]] = []
    for kind, fact in _facts(view):
        alone = replace(view, **{**NOTHING_NEW, kind: (fact,)})
        try:
            result = rule.check(alone, thresholds, state)
        except HOLES as error:
            first = error
            aside.append((kind, fact.id))
            continue
        state = result.state
        found.append(result)
    return found, Failure(key, first, tuple(aside))


def _facts(view: Snapshot) -> Iterator[tuple[Kind, Any]]:
    """Yield the new facts of a view in the order they happened."""
    said = [(kind, fact) for kind in KINDS for fact in getattr(view, kind)]
    yield from sorted(said, key=lambda one: _at(one[1]))


def _at(fact: Any) -> datetime:
    at: datetime = fact.ended_at if hasattr(fact, "ended_at") else fact.occurred_at
    return at
