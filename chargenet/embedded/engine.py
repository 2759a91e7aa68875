"""What the private engines share: where their binaries are, who runs them, how they end."""

import ctypes
import importlib.metadata
import os
import pwd
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from chargenet.embedded import place

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


class EngineFailed(Exception):
    """A private engine could not start; the text says why and what to do."""


class Engine(Protocol):
    """One private server."""

    name: str
    where: place.Place
    stop_signal: signal.Signals

    def prepare(self) -> None:
        """Make its folders and data, whatever a crash left there."""

    def argv(self) -> list[str]:
        """Return the command that runs it in the foreground."""

    def is_ready(self, pid: int) -> bool:
        """Say whether the server that runs as this process answers."""

    def recover(self) -> bool:
        """Set aside what keeps it from starting; False where there is nothing to set aside."""


def child_setup(
    *,
    death_signal: signal.Signals,
    uid: int | None = None,
    nested: pwd.struct_passwd | None = None,
    niceness: int = 0,
) -> Callable[[], None]:
    """Return what a child does before it is the server: step back, change user, die with us."""
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    maps = []
    if nested is not None:
        maps = [
            ("/proc/self/setgroups", "deny"),
            ("/proc/self/uid_map", f"{nested.pw_uid} 0 1"),
            ("/proc/self/gid_map", f"{nested.pw_gid} 0 1"),
        ]

    def in_child() -> None:
        os.nice(niceness)
        if uid is not None:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
        if nested is not None and libc is not None:
            libc.unshare(CLONE_NEWUSER)
            for file, line in maps:
                with open(file, "w", encoding="ascii") as target:
                    target.write(line)
        os.umask(0o077)
        # After setuid: changing the user clears the wish.
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def named_user() -> pwd.struct_passwd:
    """Return a user of this machine who is not root, for programs that insist on a name."""
    candidates = [user for user in pwd.getpwall() if user.pw_uid != 0]
    if not candidates:
        raise EngineFailed(
            "PostgreSQL refuses to run as root and this machine has no other user. "
            "Add one: useradd demo"
        )
    return next((user for user in candidates if user.pw_name == "nobody"), candidates[0])


def package_folder(package: str) -> Path:
    """Return the folder of an installed package without importing it."""
    try:
        found = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError as error:
        raise EngineFailed(
            f"The package {package} is not installed. Run: "
            f"{sys.executable} -m pip install -r requirements.txt"
        ) from error
    return Path(str(found.locate_file(""))).resolve()


def reachable_copy(source: Path, copy: Path, uid: int | None, *, parts: list[str]) -> Path:
    """Return a folder with these parts of a package that the servers' user can execute.

    That is the package itself, or a copy where the virtual environment stands in a closed folder.
    """
    if uid is None or place.can_enter(source / parts[0], uid):
        return source
    stamp = copy / "copied-from"
    told = "\n".join([str(source), *(str((source / part).stat().st_mtime_ns) for part in parts)])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == told:
        return copy
    shutil.rmtree(copy, ignore_errors=True)
    for part in parts:
        shutil.copytree(source / part, copy / part, symlinks=True)
    for parent, folders, files in os.walk(copy):
        for name in (*folders, *files):
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    copy.chmod(0o755)
    stamp.write_text(told, encoding="utf-8")
    return copy


def end_orphan(pid_file: Path, *, marks: list[str], death_signal: signal.Signals) -> None:
    """End a server that outlived its keeper, and remove the note of one that is dead.

    A process number may be a stranger's by now: ours has our folders in its command line.
    """
    import psutil

    try:
        pid = int(pid_file.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    try:
        process = psutil.Process(pid) if pid > 1 else None
        if process and any(mark in " ".join(process.cmdline()) for mark in marks):
            process.send_signal(death_signal)
            try:
                process.wait(20)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(10)
    except psutil.NoSuchProcess:
        pass
    pid_file.unlink(missing_ok=True)
