"""Give a management command the engines it needs, and no others."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chargenet.embedded import addresses, sharing
from chargenet.env import env_bool, env_secret

# They only read files or compute from values: a demo must not start a database for them.
NEED_NO_ENGINES = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "detect_faults",
        "diffsettings",
        "findstatic",
        "help",
        "lint_tariff",
        "makemessages",
        "makemigrations",
        "optimizemigration",
        "price_session",
        "sendtestemail",
        "spectacular",
        "startapp",
        "startproject",
        "subscription_schedule",
        "testserver",
        "validate_invoice",
        "version",
    }
)
# They need PostgreSQL, but bring the schema themselves or must see it as it is.
SCHEMA_COMMANDS = frozenset(
    {"migrate", "showmigrations", "sqlmigrate", "squashmigrations", "sqlflush", "test", "dbshell"}
)
DATABASE_NAMES = ("DATABASE_URL", "DATABASE_URL_OWNER", "DATABASE_URL_WEB", "DATABASE_URL_SYSTEM")


def missing_engines() -> list[str]:
    """Return the engines the environment names no server for."""
    if not env_bool("DEBUG", default=True):
        return []
    missing = []
    if not any(env_secret(name) for name in DATABASE_NAMES):
        missing.append(sharing.POSTGRES)
    if not env_secret("REDIS_URL"):
        missing.append(sharing.REDIS)
    return missing


@contextmanager
def engines_for_command(command: str, arguments: Sequence[str] = ()) -> Iterator[None]:
    """Keep the engines a command needs running while it runs.

    A private database without its tables gets them first: a fresh clone can run any command.
    """
    helps = command.startswith("-") or not {"-h", "--help", "--version"}.isdisjoint(arguments)
    missing = [] if helps or command in NEED_NO_ENGINES else missing_engines()
    if not missing:
        yield
        return
    migrate = sharing.POSTGRES in missing and command not in SCHEMA_COMMANDS
    with sharing.engines_in_use(missing, when_ready=bring_tables if migrate else None):
        yield


@contextmanager
def running_engines() -> Iterator[None]:
    """Keep the engines the environment names no server for running while the block runs."""
    missing = missing_engines()
    if not missing:
        yield
        return
    with sharing.engines_in_use(missing):
        yield


def bring_tables() -> None:
    """Migrate the private database if it lacks one of our migrations."""
    if migrations_on_disk() <= _migrations_applied():
        return
    environment = os.environ | {
        "DATABASE_URL": addresses.database_url(),
        "REDIS_URL": env_secret("REDIS_URL") or addresses.redis_url(),
        "CHARGENET_DB_ROLE": "owner",
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"],
        cwd=addresses.REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        check=True,
    )


def migrations_on_disk() -> set[tuple[str, str]]:
    """Return app label and name of every migration in the repository."""
    folders = ("*/migrations", "chargenet/*/migrations")
    files = [
        file for folder in folders for file in addresses.REPOSITORY.glob(f"{folder}/[0-9]*.py")
    ]
    return {(_label(file), file.stem) for file in files}


def _label(file: Path) -> str:
    return file.parent.parent.name


def _migrations_applied() -> set[tuple[str, str]]:
    import psycopg

    with psycopg.connect(addresses.database_url()) as connection:
        if not connection.execute("SELECT to_regclass('django_migrations')").fetchone()[0]:  # type: ignore[index]
            return set()
        return set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
