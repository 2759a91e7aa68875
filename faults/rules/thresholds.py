"""Thresholds as an operator writes them: by name, checked against the type of the rule's own."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, Final

from faults.rules.words.phrases import gettext_noop

# Longer than anything is remembered; a rule adds it to an instant, which has an end.
LONGEST_S: Final = 3660 * 86_400
MOST: Final = 1_000_000_000


class ThresholdsRefused(ValueError):
    """A value that no rule can be set to; `path` names it, `problem` says what to write instead.

    `named` are what the problem's text, marked for translation, leaves open.
    """

    def __init__(self, path: str, problem: str, **named: object) -> None:
        super().__init__(f"{path}: {problem % named if named else problem}")
        self.path, self.problem, self.named = path, problem, named


def tuned(defaults: Any, values: Mapping[str, Any], path: str = "") -> Any:
    """Return a rule's thresholds with some values changed; durations in seconds.

    Raises ThresholdsRefused for a name the rule does not have, or a value of another type.
    """
    known = {field.name: getattr(defaults, field.name) for field in fields(defaults)}
    changed = {}
    for name, value in values.items():
        where = f"{path}.{name}" if path else name
        if name not in known:
            raise ThresholdsRefused(where, f"not known; there are {', '.join(sorted(known))}")
        changed[name] = _read(known[name], value, where)
    return replace(defaults, **changed)


def written(thresholds: Any) -> dict[str, Any]:
    """Return thresholds as JSON: durations in seconds."""
    return {field.name: _written(getattr(thresholds, field.name)) for field in fields(thresholds)}


def _written(value: Any) -> Any:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _read(default: Any, value: Any, where: str) -> Any:
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ThresholdsRefused(where, "true or false is wanted")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ThresholdsRefused(where, gettext_noop("a number is wanted"))
    if value < 0 or value == float("inf"):
        raise ThresholdsRefused(where, gettext_noop("a number of 0 or more is wanted"))
    most = LONGEST_S if isinstance(default, timedelta) else MOST
    if value > most:
        problem = gettext_noop("a number of at most %(most)s is wanted")
        raise ThresholdsRefused(where, problem, most=most)
    if isinstance(default, timedelta):
        return timedelta(seconds=float(value))
    if isinstance(default, int):
        if value != int(value):
            raise ThresholdsRefused(where, gettext_noop("a whole number is wanted"))
        return int(value)
    return float(value)
