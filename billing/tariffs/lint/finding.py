"""What the linter says: how bad, by which rule, where, and in words that can be translated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from billing.tariffs.lint.words import TEXTS


class Level(Enum):
    """An error is wrong, or cannot be priced; a warning is legal and seldom meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: a JSON path, and a template of words with its values."""

    level: Level
    rule: str
    path: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the sentence in English; a page translates the template and fills it itself."""
        return self.template % self.values

    @property
    def row(self) -> dict[str, str]:
        """Return the finding as the lint_tariff command prints it."""
        return {"level": self.level.value, "rule": self.rule, "path": self.path, "text": self.text}


def error(rule: str, path: str, *, part: str = "", **values: object) -> Finding:
    """Return an error; a part makes the rule's name narrower."""
    return _finding(Level.ERROR, rule, path, part, values)


def warning(rule: str, path: str, *, part: str = "", **values: object) -> Finding:
    """Return a warning; a part makes the rule's name narrower."""
    return _finding(Level.WARNING, rule, path, part, values)


def _finding(
    level: Level, rule: str, path: str, part: str, values: Mapping[str, object]
) -> Finding:
    name = f"{rule}.{part}" if part else rule
    return Finding(level, name, path, TEXTS[rule], values)
