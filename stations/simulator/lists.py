"""The local list and the screen of a simulated charger."""

from dataclasses import dataclass, field
from typing import Any

ROOM = 200
PER_MESSAGE = 50


@dataclass
class LocalList:
    """The tokens a charger lets charge by itself, and the version they came with."""

    version: int = 0
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(
        self, version: int, update: str, rows: list[tuple[str, dict[str, Any] | None]]
    ) -> str:
        """Apply an update; returns the word of SendLocalList."""
        if len(rows) > PER_MESSAGE:
            return "Failed"
        if update == "Differential" and version <= self.version:
            return "VersionMismatch"
        entries = {} if update == "Full" else dict(self.entries)
        for uid, told in rows:
            if told is None:
                entries.pop(uid, None)
            else:
                entries[uid] = told
        if len(entries) > ROOM:
            return "Failed"
        self.version, self.entries = version, entries
        return "Accepted"


@dataclass
class Screen:
    """The texts a charger shows."""

    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    cost: str = ""

    def show(self, message: dict[str, Any]) -> str:
        """Keep a text; returns the word of SetDisplayMessage."""
        if message["priority"] == "AlwaysFront":
            return "NotSupportedPriority"
        self.messages[int(message["id"])] = message
        return "Accepted"

    def clear(self, number: int) -> str:
        """Forget a text; returns the word of ClearDisplayMessage."""
        return "Unknown" if self.messages.pop(number, None) is None else "Accepted"
