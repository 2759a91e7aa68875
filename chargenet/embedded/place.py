"""Choose folders in which the private engines can live, and remember the unusual ones.

The usual place is var/engines. Two things forbid it: a socket address holds about 100 bytes, and
where we are root the servers run as a user of their own, who cannot enter a folder such as /root.
"""

import fcntl
import json
import os
import pwd
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

# Linux allows 107 bytes, macOS 103; the longest name in the folder is PostgreSQL's.
LONGEST_SOCKET_BYTES = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
# The range systemd keeps for users that exist only while something runs; below 65536, so that
# unprivileged containers map it too.
FIRST_UID, UIDS = 61184, 4000
SYSTEM_BASE = Path("/var/lib/chargenet")
NOTE = "place.json"
BELONGS_TO = "belongs-to"


@dataclass(frozen=True)
class Place:
    """Data and socket folders of the engines, and who runs them.

    uid is None where the servers run as we do; is_nested where we are root of a user namespace
    that has no other user, so that each server gets one of its own, in which it is somebody else.
    """

    home: Path
    run: Path
    uid: int | None
    is_nested: bool = False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold one file's lock while the block runs."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find_place(var: Path) -> Place:
    """Return the place of one var folder, deciding it on first use."""
    state = var / "engines"
    state.mkdir(parents=True, exist_ok=True)
    is_nested = os.geteuid() == 0 and not _has_other_users()
    uid = _server_uid(var) if os.geteuid() == 0 and not is_nested else None
    home = state if uid is None or can_enter(state, uid) else None
    if home is not None and _fits(home / "run"):
        return Place(home=home, run=home / "run", uid=uid, is_nested=is_nested)
    with locked(state / "place.lock"):
        found = _remembered(var, home, uid)
    return replace(found, is_nested=is_nested)


def can_enter(folder: Path, uid: int) -> bool:
    """Say whether a user may walk down to a folder and read it."""
    for step in (folder, *folder.parents):
        facts = step.stat()
        needed = stat.S_IXUSR if facts.st_uid == uid else stat.S_IXOTH
        if not facts.st_mode & needed:
            return False
    return True


def own(path: Path, uid: int | None) -> None:
    """Make a private folder that the servers' user owns."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if uid is not None:
        os.chown(path, uid, uid)


def hand_over(tree: Path, uid: int) -> None:
    """Give a whole folder to the servers' user."""
    for parent, folders, files in os.walk(tree):
        for name in (*folders, *files):
            os.lchown(os.path.join(parent, name), uid, uid)
    os.lchown(tree, uid, uid)


def _fits(run: Path) -> bool:
    return len(os.fsencode(run / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_BYTES


def _server_uid(var: Path) -> int:
    """Return the user of existing data, else a nameless number, steady for one var folder."""
    data = var / "engines" / "postgres"
    if data.is_dir() and data.stat().st_uid != 0:
        return data.stat().st_uid
    number = zlib.crc32(os.fsencode(var)) % UIDS
    while _has_name(FIRST_UID + number):
        number = (number + 1) % UIDS
    return FIRST_UID + number


def _has_other_users() -> bool:
    try:
        lines = Path("/proc/self/uid_map").read_text(encoding="utf-8").splitlines()
    except OSError:
        return True
    return sum(int(line.split()[2]) for line in lines) >= FIRST_UID + UIDS


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _remembered(var: Path, home: Path | None, uid: int | None) -> Place:
    note = var / "engines" / NOTE
    known = _read(note)
    # A copied clone carries the note of the original, whose data is not ours.
    if known.get("var") != str(var):
        known = {}
    home = home or _known_folder(known.get("home"), uid) or _new_home(var)
    run = home / "run"
    if not _fits(run):
        run = _known_folder(known.get("run"), uid) or _new_run(uid)
    told = {"var": str(var), "home": str(home), "run": str(run)}
    if told != known:
        draft = note.with_suffix(".draft")
        draft.write_text(json.dumps(told), encoding="utf-8")
        draft.replace(note)
    return Place(home=home, run=run, uid=uid)


def _read(note: Path) -> dict[str, str]:
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _known_folder(path: str | None, uid: int | None) -> Path | None:
    """Return a remembered folder if it is still ours: a cleaned one may be a stranger's now."""
    if not path:
        return None
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    ours = facts.st_uid in {os.geteuid(), uid}
    return Path(path) if ours and stat.S_ISDIR(facts.st_mode) else None


def _new_run(uid: int | None) -> Path:
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  mkdtemp makes it private
        if _fits(Path(base) / "chargenet-12345678"):
            run = Path(tempfile.mkdtemp(prefix="chargenet-", dir=base))
            own(run, uid)
            return run
    raise AssertionError("no folder for temporary files is short enough for a socket")


def _new_home(var: Path) -> Path:
    base = SYSTEM_BASE
    try:
        base.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError:
        base = Path(tempfile.gettempdir())
    _forget_lost_homes(base)
    home = Path(tempfile.mkdtemp(prefix="engines-", dir=base))
    home.chmod(0o755)
    (home / BELONGS_TO).write_text(str(var), encoding="utf-8")
    return home


def _forget_lost_homes(base: Path) -> None:
    """Remove the data of var folders that are gone: who deletes var/ wants a fresh start."""
    for mark in base.glob(f"engines-*/{BELONGS_TO}"):
        var = Path(mark.read_text(encoding="utf-8"))
        in_use = (mark.parent / "postgres" / "data" / "postmaster.pid").exists()
        if not in_use and _read(var / "engines" / NOTE).get("home") != str(mark.parent):
            shutil.rmtree(mark.parent, ignore_errors=True)
