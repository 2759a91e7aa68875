"""The test database, migrated once: as long as no migration changes, the next run copies it.

Django renders every related model anew for each operation, which costs most of a minute; a copy
costs a second. The copy lives beside the test database, on the same server.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from chargenet.core import tenancy
from chargenet.embedded import addresses

Old = list[tuple[Any, str, bool]]
FOLDERS = ("*/migrations", "chargenet/*/migrations")
# What a migration writes is written by these too: who may see what, and who may change it.
WRITERS = ("chargenet/core/tenancy.py", "chargenet/core/access.py")


def make_database() -> Old:
    """Make the test database, from the copy of an earlier run where its migrations are ours."""
    copy = f"test_migrated_{_digest()}"
    settings = connection.settings_dict["TEST"]
    is_kept = _exists(copy)
    settings["TEMPLATE"] = copy if is_kept else None
    old = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    settings["TEMPLATE"] = None
    if not is_kept:
        _keep(copy)
    return old


def drop_database(old: Old) -> None:
    """Drop the test database; the copy stays."""
    teardown_databases(old, verbosity=0)


def _digest() -> str:
    root = addresses.REPOSITORY
    files = [file for folder in FOLDERS for file in root.glob(f"{folder}/[0-9]*")]
    found = hashlib.sha256(f"{django.VERSION} {tenancy.SYSTEM}".encode())
    for file in sorted([*files, *(root / name for name in WRITERS)]):
        found.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def _exists(name: str) -> bool:
    with _beside() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _keep(name: str) -> None:
    """Copy the database that was just made, in the stead of copies of older migrations."""
    made = str(connection.settings_dict["NAME"])
    connection.close()
    with _beside() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_migrated\\_%%'")
        for (older,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE IF EXISTS "{older}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{made}"')


@contextmanager
def _beside() -> Iterator[Any]:
    """Yield a cursor of another database of the server: one in use is not copied."""
    with connection._nodb_cursor() as cursor:
        yield cursor
