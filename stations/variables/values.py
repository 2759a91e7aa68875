"""Whether two spellings of a setting are the same value, and whether a value will do."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Self

TRUE, FALSE = frozenset({"true", "1", "on", "yes"}), frozenset({"false", "0", "off", "no"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Which values will do besides the wanted one: none, or all numbers from low to high."""

    low: int | None = None
    high: int | None = None

    def as_json(self) -> dict[str, int]:
        """Return the rule as a row keeps it."""
        both = {"low": self.low, "high": self.high}
        return {name: value for name, value in both.items() if value is not None}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """Return the rule a row keeps."""
        return cls(kept.get("low"), kept.get("high"))


EXACT = Rule()


def split_list(raw: str) -> list[str]:
    """Return the members of a list as stations write it."""
    return [part for part in (piece.strip() for piece in raw.split(",")) if part]


def is_same(found: str | None, wanted: str) -> bool:
    """Say whether a value found means what is wanted: True is true, 60.0 is 60, lists are sets."""
    if found is None:
        return False
    here, there = found.strip(), wanted.strip()
    if here.lower() == there.lower():
        return True
    if "," in there or "," in here:
        return _members(here) == _members(there)
    if there.lower() in {"true", "false"}:
        return here.lower() in (TRUE if there.lower() == "true" else FALSE)
    numbers = _number(here), _number(there)
    return None not in numbers and numbers[0] == numbers[1]


def fits(found: str | None, wanted: str, rule: Rule = EXACT) -> bool:
    """Say whether a value found will do, so that it is better left alone."""
    if is_same(found, wanted):
        return True
    number = None if found is None else _number(found)
    if number is None or rule == EXACT:
        return False
    return (rule.low is None or number >= rule.low) and (rule.high is None or number <= rule.high)


def _members(raw: str) -> set[str]:
    return {part.lower() for part in split_list(raw)}


def _number(raw: str) -> Decimal | None:
    try:
        number = Decimal(raw.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
