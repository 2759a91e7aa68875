"""The time of the fleet: wall time for every timestamp, seconds since the start for every plan."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass
class Counters:
    """What the whole fleet has done."""

    connected: int = 0
    refused_logins: int = 0
    reconnects: int = 0
    answered: int = 0
    callerrors: int = 0
    resent: int = 0
    discarded: int = 0
    commands: int = 0
    started: int = 0
    ended: int = 0
    causes: dict[str, int] = field(default_factory=dict)

    def note_cause(self, cause: str) -> None:
        """Count why a connection could not be made or a message was refused."""
        self.causes[cause] = self.causes.get(cause, 0) + 1


class Clock:
    """One start for all stations."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def restart(self) -> None:
        """Begin to count here."""
        self._began = time.monotonic()

    def elapsed_s(self) -> float:
        """Return the wall seconds since the start."""
        return time.monotonic() - self._began

    def now(self) -> datetime:
        """Return the wall clock."""
        return datetime.now(UTC)
