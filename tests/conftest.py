"""One real PostgreSQL for every test, written as the owner, used as the application.

The database is made and migrated by the owner role; then every connection acts as
`chargenet_system`. Tests of what a person sees enter the `chargenet_web` role with `as_web`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.core.files.storage import FileSystemStorage, storages
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from chargenet import embedded
from chargenet.core import access, tenancy
from chargenet.core.models import User
from chargenet.embedded import addresses, messages
from tests import figures, migrated

# Speed lives in tests/bench: a busy machine must fail no property.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")


def pytest_sessionstart() -> None:
    """Read the translations as they are written now, also where nobody has compiled them."""
    messages.compile_messages(addresses.REPOSITORY)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what came of the fault injections."""
    if table := figures.lines():
        terminalreporter.section("fault injection")
    for line in table:
        terminalreporter.write_line(line)


TRUNCATE_TRIES = 10


@pytest.fixture(scope="session", autouse=True)
def private_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what stations leave here out of the clone."""
    kept = storages["private"]
    assert isinstance(kept, FileSystemStorage)
    kept.__dict__.update(location=str(tmp_path_factory.mktemp("private")))


def _act_as(role: str) -> None:
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    if role:
        options["options"] = f"-c role={role}"
    else:
        options.pop("options", None)


@pytest.fixture(scope="session")
def engines() -> Iterator[None]:
    """Keep PostgreSQL and Redis running: those of the environment, else private ones."""
    with embedded.running_engines():
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    engines: None, django_test_environment: None, django_db_blocker
) -> Iterator[None]:
    """Make the test database as its owner, then act as the application."""
    with django_db_blocker.unblock():
        _act_as("")
        old = migrated.make_database()
        _act_as(tenancy.SYSTEM)
    yield
    with django_db_blocker.unblock():
        _act_as("")
        # A thread of the price desk, or a gateway that was killed, may still hold a connection;
        # what vacuums by itself gives way to the database's end, and is not ours to stop.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        migrated.drop_database(old)


def _tables() -> list[str]:
    return sorted(
        {
            model._meta.db_table
            for model in apps.get_models(include_auto_created=True)
            if not getattr(model, "IS_SHIPPED", False)
            if model._meta.app_label not in {"contenttypes", "auth"} or model._meta.auto_created
        }
    )


def truncate_everything() -> None:
    """Empty every table and begin every number anew.

    Emptying a hundred tables costs a third of a second, and most tests fill twenty: those are
    found first, and rows the application may delete are deleted.
    """
    with connection.cursor() as cursor:
        for _ in range(TRUNCATE_TRIES):
            try:
                _empty(cursor)
                break
            except OperationalError:
                # a gateway or worker of the test still writes: a deadlock, and one of us yields
                continue


def _empty(cursor: CursorWrapper) -> None:
    each = " UNION ALL ".join(
        f"SELECT '{table}', has_table_privilege('{table}', 'DELETE')"
        f" WHERE EXISTS (SELECT 1 FROM {table})"
        for table in _tables()
    )
    cursor.execute(each)
    filled = dict(cursor.fetchall())
    if not all(filled.values()):
        _truncate(cursor)
    elif filled:
        with transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in filled:
                cursor.execute(f"DELETE FROM {table}")
    cursor.execute(RESTART, [_tables()])


# As the owner, whose the sequences are.
RESTART = f"""
SET ROLE NONE;
SELECT setval(s.seqrelid, s.seqstart, false) FROM pg_sequence s
JOIN pg_depend d ON d.objid = s.seqrelid AND d.refclassid = 'pg_class'::regclass
    AND d.deptype IN ('a', 'i')
WHERE pg_sequence_last_value(s.seqrelid) IS NOT NULL AND d.refobjid = ANY(%s::regclass[]);
SET ROLE {tenancy.SYSTEM}
"""


def _truncate(cursor: CursorWrapper) -> None:
    """Empty the tables whose rows the application may never delete, and all others with them."""
    cursor.execute("RESET ROLE; SET ROLE NONE; SET chargenet.ledger_maintenance = 'on'")
    cursor.execute(f"TRUNCATE {', '.join(_tables())} RESTART IDENTITY CASCADE")
    cursor.execute(f"RESET chargenet.ledger_maintenance; SET ROLE {tenancy.SYSTEM}")


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Let a test commit for real, as threads and processes need; the tables are emptied after."""
    with django_db_blocker.unblock():
        truncate_everything()
        try:
            yield
        finally:
            connection.close()
            truncate_everything()
            connection.close()


@pytest.fixture
def as_web() -> Callable[[User | None], AbstractContextManager[None]]:
    """Return a context in which the database sees us as the web process serving a person."""

    @contextmanager
    def web(user: User | None) -> Iterator[None]:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {tenancy.WEB}")
            tenancy.enter_scope(operators=[], person=user.pk if user else None)
            if user:
                tenancy.enter_scope(operators=access.operator_ids(user), person=user.pk)
            try:
                yield
            finally:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL ROLE {tenancy.SYSTEM}")

    return web
