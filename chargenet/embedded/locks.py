"""The files whose locks say who uses, keeps and starts the private engines."""

import fcntl
from pathlib import Path
from typing import IO

from chargenet.embedded import addresses


def state_file(name: str, what: str) -> Path:
    """Return a state file of one engine: "users" (shared lock) or "keeper" (its one keeper)."""
    return addresses.var_dir() / "engines" / f"{name}.{what}"


def mutex() -> Path:
    """Return the file that is locked while somebody starts or stops engines."""
    return addresses.var_dir() / "engines" / "mutex"


def wait_alone(path: Path) -> IO[str]:
    """Lock a file, waiting for every other holder."""
    handle = path.open("a+")
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def wait_shared(path: Path) -> IO[str]:
    """Lock a file together with others."""
    handle = path.open("a+")
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def try_alone(path: Path) -> IO[str] | None:
    """Lock a file, or return None where somebody else holds it."""
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle
