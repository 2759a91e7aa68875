"""Where the private engines keep their files and sockets."""

import os
from pathlib import Path


def var_dir() -> Path:
    """Return the folder of everything the demo writes."""
    default = Path(__file__).resolve().parent.parent.parent / "var"
    return Path(os.environ.get("CHARGENET_VAR", str(default))).resolve()


def database_url() -> str:
    """Return the address of the private PostgreSQL."""
    return f"postgresql://chargenet_owner@/chargenet?host={var_dir() / 'postgres' / 'run'}"


def redis_url() -> str:
    """Return the address of the private Redis."""
    return f"unix://{var_dir() / 'redis' / 'redis.sock'}"
