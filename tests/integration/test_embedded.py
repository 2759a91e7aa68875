"""The private engines, started and killed for real in a folder of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from chargenet.embedded import addresses, place

USER = """
import sys
from chargenet import embedded
with embedded.running_engines():
    print("up", flush=True)
    sys.stdin.read()
"""
WITHIN_S = 40.0


class Clone:
    """The var folder of an imagined clone, and the processes that use it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DATABASE_URL", "REDIS_URL", "DEBUG"))
        } | {"CHARGENET_VAR": str(var)}

    @contextmanager
    def user(self) -> Iterator[subprocess.Popen[str]]:
        with self.start([sys.executable, "-c", USER]) as process:
            assert process.stdout
            assert process.stdin
            assert process.stdout.readline() == "up\n"
            yield process
            process.stdin.close()
            process.wait(WITHIN_S)

    def start(self, argv: list[str], **extra: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=addresses.REPOSITORY,
            env=self.environment | extra,
        )

    def manage(self, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=addresses.REPOSITORY,
            env=self.environment | extra,
            check=False,
        )

    @property
    def place(self) -> place.Place:
        return place.find_place(self.var)

    def processes(self) -> list[psutil.Process]:
        """Return every living process of this clone, whoever started it."""
        marks = (str(self.var), str(self.place.home))
        return [one for one in psutil.process_iter() if _belongs(one, marks)]

    def names(self) -> set[str]:
        lines = [" ".join(one.cmdline()) for one in self.processes()]
        return {name for name in ("postgres", "redis-server") if any(name in x for x in lines)}

    def kill_everything(self) -> None:
        for process in self.processes():
            process.kill()
        await_that(lambda: not self.processes())

    def database(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self.place.run), user=addresses.OWNER, dbname=addresses.DATABASE
        )

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(f"unix://{self.place.run / addresses.REDIS_SOCKET}")


def _belongs(process: psutil.Process, marks: tuple[str, ...]) -> bool:
    try:
        told = [*process.cmdline(), process.environ().get("CHARGENET_VAR", "")]
        return process.status() != psutil.STATUS_ZOMBIE and any(
            mark in word for mark in marks for word in told
        )
    except psutil.Error:
        return False


def await_that(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


@pytest.fixture
def clone() -> Iterator[Clone]:
    var = Path(tempfile.mkdtemp(prefix="cn-"))
    var.chmod(0o755)
    made = Clone(var)
    yield made
    made.kill_everything()
    home, run = made.place.home, made.place.run
    for folder in (run, home, var):
        shutil.rmtree(folder, ignore_errors=True)


def test_the_last_user_stops_what_the_first_one_started(clone: Clone) -> None:
    with clone.user():
        with clone.user(), clone.database() as connection:
            row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            assert row.fetchone() == (False,)
            assert clone.redis().config_get("appendonly") == {"appendonly": "yes"}

        assert clone.names() == {"postgres", "redis-server"}
    assert clone.processes() == []


def test_the_engines_end_when_their_only_user_is_killed(clone: Clone) -> None:
    with clone.user() as user:
        assert clone.names()

        user.kill()

        await_that(lambda: not clone.processes())


def test_committed_rows_survive_the_kill_of_everything(clone: Clone) -> None:
    with clone.user():
        with clone.database() as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        clone.kill_everything()

    with clone.user(), clone.database() as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_stale_process_number_that_a_stranger_has_now_is_forgotten(clone: Clone) -> None:
    with clone.user():
        pass
    data = clone.place.home / "postgres" / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n")
    (clone.place.home / "redis" / "redis.pid").write_text(f"{os.getpid()}\n")

    with clone.user(), clone.database() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_cluster_is_made_again(clone: Clone) -> None:
    half_made = clone.place.home / "initdb-half"
    (half_made / "data").mkdir(parents=True)
    (half_made / "data" / "PG_VERSION").write_text("18\n")

    with clone.user(), clone.database() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half_made.exists()


def test_a_broken_append_only_file_does_not_stop_redis(clone: Clone) -> None:
    with clone.user():
        clone.redis().set("a", 1)
    (clone.place.home / "redis" / "appendonly.aof").write_bytes(
        b"*3\r\n$3\r\nSE\x00T nonsense\r\n"
    )

    with clone.user():
        assert clone.redis().get("a") is None
    assert (clone.place.home / "redis" / "appendonly.broken").exists()


def test_a_killed_server_comes_back_while_it_is_used(clone: Clone) -> None:
    with clone.user():
        for process in clone.processes():
            if "redis-server" in " ".join(process.cmdline()) or (
                "postgres" in process.name() and "-D" in process.cmdline()
            ):
                process.kill()

        def both_answer() -> bool:
            try:
                clone.database().close()
                return bool(clone.redis().ping())
            except (psycopg.OperationalError, redis.ConnectionError):
                return False

        await_that(both_answer)


def test_a_long_path_gets_its_sockets_elsewhere_and_remembers_where(clone: Clone) -> None:
    deep = Clone(clone.var / ("long" * 30))
    with deep.user():
        first = deep.place
        assert len(str(first.run)) < 90

    with deep.user(), deep.database() as connection:
        assert deep.place == first
        assert connection.execute("SELECT 1").fetchone() == (1,)
    shutil.rmtree(first.run)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_a_closed_folder_gets_its_data_where_the_servers_can_enter(clone: Clone) -> None:
    clone.var.chmod(0o700)
    hidden = Clone(clone.var / "var")

    with hidden.user(), hidden.database() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert clone.var not in hidden.place.home.parents
        assert all(one.uids().real != 0 for one in hidden.processes() if "post" in one.name())
    shutil.rmtree(hidden.place.home)


@pytest.mark.parametrize("command", [["help"], ["check", "--help"], ["showmigrations", "--help"]])
def test_a_command_that_needs_no_engines_starts_none(clone: Clone, command: list[str]) -> None:
    done = clone.manage(*command)

    assert done.returncode == 0, done.stderr
    assert not list(clone.var.glob("engines/*.users"))


def test_a_given_database_is_used_and_only_redis_is_started(clone: Clone) -> None:
    given = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    with clone.start([sys.executable, "-c", USER], **given) as user:
        assert user.stdout
        assert user.stdout.readline() == "up\n"
        assert clone.names() == {"redis-server"}
        user.communicate()


def test_a_fresh_clone_has_its_tables_before_its_first_command(clone: Clone) -> None:
    done = clone.manage(
        "shell", "-v0", "-c", "from stations.models import Station; print(Station.objects.count())"
    )

    assert done.stdout == "0\n", done.stderr
    assert clone.processes() == []


def test_several_users_at_once_start_one_server(clone: Clone) -> None:
    argv = [sys.executable, "-c", USER]
    users = [clone.start(argv) for _ in range(4)]
    try:
        for user in users:
            assert user.stdout
            assert user.stdout.readline() == "up\n"
        masters = [one for one in clone.processes() if "-D" in one.cmdline()]
        assert len(masters) == 1
    finally:
        for user in users:
            user.communicate()
    assert clone.processes() == []


def test_an_interrupted_command_leaves_no_engine_behind(clone: Clone) -> None:
    with clone.user() as user:
        user.send_signal(signal.SIGTERM)

        await_that(lambda: not clone.processes())
