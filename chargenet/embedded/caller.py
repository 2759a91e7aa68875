"""Notice that the `make` which runs us was told to end."""

import os
import signal
from pathlib import Path


class Caller:
    """The process that started us, if it is make.

    make passes SIGTERM on but not SIGINT, which a terminal sends to everybody: one that is
    interrupted alone waits for us without a word. It stops catching the signal then: that shows.
    """

    def __init__(self) -> None:
        self.pid = os.getppid()
        self.is_make = self._name() in {"make", "gmake"}
        self.caught = self._catches_interrupt()

    def wants_us_to_end(self) -> bool:
        """Say whether make is gone or was interrupted."""
        if not self.is_make:
            return False
        return os.getppid() != self.pid or (self.caught and not self._catches_interrupt())

    def _name(self) -> str:
        try:
            return Path(f"/proc/{self.pid}/comm").read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def _catches_interrupt(self) -> bool:
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return False
        masks = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
        return bool(masks) and bool(int(masks[0], 16) >> (signal.SIGINT - 1) & 1)
