"""Locks the detector in: it can open no scenario, import nothing that makes one, ask nobody."""

import sys
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parents[1]
ROOT = Path(__file__).parents[4]
FORBIDDEN_MODULES = tuple(f"tests.bench.faults.{name}" for name in ("world", "beds", "judge"))
FORBIDDEN_FOLDERS = (BENCH / "world", BENCH / "beds", BENCH / "judge", ROOT / "var")
FORBIDDEN_EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect", "os.fork")


class Locked(RuntimeError):
    """The detector tried to learn what it must find out."""


def lock() -> None:
    """Refuse, from now to the end of this process, what could tell the truth."""
    known = [name for name in sys.modules if name.startswith(FORBIDDEN_MODULES)]
    if known:
        raise Locked(f"the detector already holds {known[0]}")
    sys.addaudithook(_refuse)


def _refuse(event: str, told: tuple[Any, ...]) -> None:
    if event == "import" and str(told[0]).startswith(FORBIDDEN_MODULES):
        raise Locked(f"the detector may not import {told[0]}")
    if event == "open" and isinstance(told[0], str | bytes) and _is_forbidden(told[0]):
        raise Locked("the detector may not open what belongs to the scenario")
    if event in FORBIDDEN_EVENTS:
        raise Locked(f"the detector may not do {event}")


def _is_forbidden(name: str | bytes) -> bool:
    path = Path(name.decode() if isinstance(name, bytes) else name).resolve()
    return any(path.is_relative_to(folder) for folder in FORBIDDEN_FOLDERS)
