"""Read JSON files strictly: an unknown key or a wrong value is refused with its place."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadInput(Exception):
    """A file or an option that cannot be used."""

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}. {remedy}")


_REQUIRED: Any = object()


@dataclass
class Fields:
    """One JSON object whose keys are taken by name and counted."""

    where: str
    raw: dict[str, Any]
    known: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Tell whether a key is there."""
        self._note(name)
        return name in self.raw

    def text(self, name: str, default: str | None = _REQUIRED, *, longest: int = 255) -> str:
        """Take a text."""
        value = self._take(name, default)
        if not isinstance(value, str) or (default is _REQUIRED and not value):
            raise BadInput(self.where, f"{name} is no text", "Write it in quotes")
        if len(value) > longest:
            raise BadInput(
                self.where, f"{name} has {len(value)} characters", f"At most {longest} are allowed"
            )
        return value

    def word(self, name: str, choices: tuple[str, ...], default: str = _REQUIRED) -> str:
        """Take one of a few words."""
        value = self._take(name, default)
        if value not in choices:
            raise BadInput(self.where, f"{name} is {value!r}", f"Use {' or '.join(choices)}")
        return str(value)

    def number(
        self, name: str, default: float = _REQUIRED, *, low: float = 0.0, high: float = 1e12
    ) -> float:
        """Take a number within bounds."""
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput(self.where, f"{name} is no number", "Write it without quotes")
        if not low <= value <= high:
            raise BadInput(self.where, f"{name} is {value}", f"Use {low:g} to {high:g}")
        return float(value)

    def whole(
        self, name: str, default: int = _REQUIRED, *, low: int = 0, high: int = 10**12
    ) -> int:
        """Take a whole number within bounds."""
        value = self.number(name, default, low=low, high=high)
        if value != int(value):
            raise BadInput(self.where, f"{name} is {value}", "Use a whole number")
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Take true or false."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise BadInput(self.where, f"{name} is {value!r}", "Use true or false")
        return value

    def values(self, name: str, default: list[Any] = _REQUIRED) -> list[Any]:
        """Take a list."""
        value = self._take(name, default)
        if not isinstance(value, list):
            raise BadInput(self.where, f"{name} is no list", "Write it in square brackets")
        return value

    def objects(self, name: str) -> list["Fields"]:
        """Take a list of objects, each with its own place."""
        prefix = f"{self.where} {name}" if self.where.endswith(".json") else f"{self.where}.{name}"
        return [as_fields(f"{prefix}[{i}]", raw) for i, raw in enumerate(self.values(name))]

    def close(self) -> None:
        """Refuse what nobody took."""
        for key in self.raw:
            if key not in self.known:
                raise BadInput(
                    self.where, f"unknown key {key!r}", f"Known keys: {', '.join(self.known)}"
                )

    def _take(self, name: str, default: Any) -> Any:
        self._note(name)
        if name in self.raw:
            return self.raw[name]
        if default is _REQUIRED:
            raise BadInput(self.where, f"{name} is missing", "See docs/simulator.md")
        return default

    def _note(self, name: str) -> None:
        if name not in self.known:
            self.known.append(name)


def as_fields(where: str, raw: Any) -> Fields:
    """Return one JSON object as fields."""
    if not isinstance(raw, dict):
        raise BadInput(where, "not a JSON object", "Write it in curly brackets")
    return Fields(where, raw)


def read_file(path: Path) -> Fields:
    """Return the top object of a JSON file."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(str(path), "there is no such file", "Name an existing file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(path), f"cannot be read ({error})", "Check the file") from error
    except json.JSONDecodeError as error:
        place = f"{path} line {error.lineno} column {error.colno}"
        raise BadInput(place, f"not JSON ({error.msg})", "Correct the file") from error
    return as_fields(path.name, raw)
