"""Where the private engines keep their files and sockets."""

import os
from pathlib import Path
from urllib.parse import quote

from chargenet.embedded import place

REPOSITORY = Path(__file__).resolve().parent.parent.parent
OWNER = "chargenet_owner"
DATABASE = "chargenet"
REDIS_SOCKET = "redis.sock"


def var_dir() -> Path:
    """Return the folder of everything the demo writes."""
    return Path(os.environ.get("CHARGENET_VAR") or REPOSITORY / "var").resolve()


def log_dir() -> Path:
    """Return the folder of the demo's logs."""
    return var_dir() / "log"


def database_url() -> str:
    """Return the address of the private PostgreSQL."""
    return f"postgresql://{OWNER}@/{DATABASE}?host={_quoted(place.find_place(var_dir()).run)}"


def redis_url() -> str:
    """Return the address of the private Redis."""
    return f"unix://{_quoted(place.find_place(var_dir()).run / REDIS_SOCKET)}"


def _quoted(path: Path) -> str:
    # a folder may be called anything: blanks, plus signs and percent signs mean something here
    return quote(str(path))
