"""The npm packages of this folder, installed once where the repository keeps what it makes."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chargenet.embedded import addresses

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json")
WITHIN_S = 300
HOW = "Install Node.js 18 or newer with npm (Debian: apt install nodejs npm)"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Return the folder of the installed packages; set NODE_PATH to it for a script."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        _miss(f"node and npm are not here, so no foreign OCPP stack can prove us. {HOW}.")
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    target = addresses.var_dir() / "foreign" / digest
    done = target / "installed"
    if not done.exists():
        _install(target)
        done.touch()
    return target / "node_modules"


def _install(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, target / name)
    command = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    try:
        made = subprocess.run(
            command, cwd=target, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        _miss(f"npm ci did not end within {WITHIN_S} s; is the npm registry reachable?")
    if made.returncode:
        _miss(f"npm ci failed; is the npm registry reachable? It said: {made.stderr[-600:]}")


def _miss(why: str) -> None:
    """Fail where everything must be proved, skip aloud on a machine that has no Node."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(why)
    pytest.skip(why)
