"""Make the virtual environment and install what the requirements name, if either changed.

Runs under the machine's own Python, whatever its age, with the standard library alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
OLDEST, NEWEST = 11, 14  # 3.x; the wheels we pin exist for these
NOT_DONE = 2


def main(files: list[str]) -> int:
    """Bring .venv up to date with these requirement files."""
    var = Path(os.environ.get("CHARGENET_VAR") or ROOT / "var")
    var.mkdir(parents=True, exist_ok=True)
    with (var / "venv.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = [name for name in files if not _is_installed(name)]
        if not stale:
            return 0
        if not _runs("import pip"):
            _make(_find_python())
        for name in stale:
            _install(name)
    return 0


def _is_installed(name: str) -> bool:
    try:
        return _stamp(name).read_text() == _fingerprint(name) and _runs("")
    except OSError:
        return False


def _stamp(name: str) -> Path:
    return FOLDER / f"installed-{name}"


def _fingerprint(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _runs(statement: str) -> bool:
    try:
        done = subprocess.run([str(PYTHON), "-c", statement], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _find_python() -> str:
    """Return a Python that is young enough; leaves with the line that installs one."""
    if OLDEST <= sys.version_info[1] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST, OLDEST - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    if sys.version_info[1] > NEWEST:
        return sys.executable
    return _leave(
        f"ChargeNet needs Python 3.{OLDEST} or newer, and python3 is "
        f"3.{sys.version_info[1]}. Install it: {_root()}apt install python3.{OLDEST} "
        f"python3.{OLDEST}-venv"
    )


def _make(python: str) -> None:
    _say(f"Making .venv with {python}")
    if FOLDER.is_symlink():
        _leave(f"{FOLDER} is a link to an environment that does not run. Remove the link.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    version = subprocess.run(
        [
            python,
            "-c",
            "import sys; print('%d.%d' % sys.version_info[:2]); import ensurepip, venv",
        ],
        capture_output=True,
        check=False,
    )
    if version.returncode:
        name = version.stdout.decode().strip()
        _leave(
            f"Python's venv module is missing. Install it: {_root()}apt install python{name}-venv"
        )
    done = subprocess.run([python, "-m", "venv", str(FOLDER)], check=False)
    if done.returncode:
        _leave(f"{python} -m venv failed; see above.")


def _install(name: str) -> None:
    _say(f"Installing {name} (the first time takes a minute)")
    done = subprocess.run(
        [
            *(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-input", "--prefer-binary", "-r", str(ROOT / name)),
        ],
        # A user-wide "install for me only" would be refused inside an environment.
        env={**os.environ, "PIP_USER": "0"},
        check=False,
    )
    if done.returncode:
        _leave(f"pip could not install {name}; see above. It needs the network once.")
    _stamp(name).write_text(_fingerprint(name))


def _root() -> str:
    return "" if os.geteuid() == 0 else "sudo "


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _leave(text: str) -> str:
    _say("error: " + text)
    sys.exit(NOT_DONE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
