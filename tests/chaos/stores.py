"""What can be done to PostgreSQL by those who own it, and where it is."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from django.db import connection

from chargenet.embedded import addresses, place


def is_private() -> bool:
    """Say whether the tests run on the private PostgreSQL, which its keeper starts anew."""
    run = place.find_place(addresses.var_dir()).run
    return str(connection.settings_dict["HOST"]) == str(run)


def kill_postgres() -> int:
    """End every process of the private PostgreSQL at once (-9); its keeper starts it anew."""
    data = str(place.find_place(addresses.var_dir()).home / "postgres" / "data")
    mains = [
        p
        for p in psutil.process_iter(["name", "cmdline"])
        if p.info["name"] == "postgres" and data in " ".join(p.info["cmdline"] or [])
    ]
    everybody = mains + [child for main in mains for child in main.children(recursive=True)]
    for process in everybody:
        # the others of a server fall by themselves once its first process is gone
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    return len(everybody)


def as_owner(*statements: str, database: str = "") -> None:
    """Do something as the owner of the database, over a connection of its own."""
    own = connection.settings_dict
    given: dict[str, Any] = {"dbname": database or own["NAME"], "user": own["USER"]}
    given |= {"host": own["HOST"], "port": own["PORT"], "password": own["PASSWORD"]}
    with psycopg.connect(
        **{name: value for name, value in given.items() if value}, autocommit=True
    ) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def as_owner_of_all(statement: str) -> None:
    """Do something to the test database from outside it."""
    as_owner(statement, database=str(connection.settings_dict["NAME"]).removeprefix("test_"))


def await_store(within_s: float = 60) -> None:
    """Wait until the store answers again."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            as_owner("SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL never came back"
            time.sleep(0.1)
        else:
            return


def url_through(folder: Path) -> str:
    """Return the address of the test database through a line that listens in a folder."""
    own = connection.settings_dict
    login = f"{own['USER']}:{quote(own['PASSWORD'])}" if own["PASSWORD"] else own["USER"]
    return f"postgresql://{login}@/{own['NAME']}?host={quote(str(folder), safe='')}"


def store_socket() -> Path:
    """Return the socket the test database is reached by."""
    own = connection.settings_dict
    return Path(str(own["HOST"])) / f".s.PGSQL.{own['PORT'] or 5432}"
