"""Servers under measurement: started on a core of their own, asked what they spent."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from chargenet import serving as flags
from chargenet.core.models import Operator
from stations import registry
from stations.models import Connector, Evse, Location, Station, Token
from tests.integration.stations.conftest import database_url, free_port

ROOT = Path(__file__).parents[3]
PASSWORD = "correct-horse-battery"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORES = {CORES[0]}, set(CORES[1:]) or {CORES[0]}
TICKS = os.sysconf("SC_CLK_TCK")
ECHO = "tests.bench.servers.echo:application"
NAIVE = "tests.bench.servers.naive:application"
GATEWAY = "chargenet.gateway:application"


def make_network(count: int) -> None:
    """Register stations BENCH-0 …, each with one connector, and the token BENCH."""
    operator = Operator.objects.create(
        slug="bench", name="Bench", legal_name="Bench AB", org_number="556036-0793", city="Lund"
    )
    location = Location.objects.create(operator=operator, name="Bench", city="Lund")
    Token.objects.create(operator=operator, uid="BENCH")
    key = registry.hash_password(PASSWORD.encode())
    stations = Station.objects.bulk_create(
        Station(
            operator=operator,
            location=location,
            identity=f"BENCH-{number}",
            name=f"BENCH-{number}",
            ocpp_version="1.6",
            max_power_w=22_000,
            password_hash=key,
        )
        for number in range(count)
    )
    evses = Evse.objects.bulk_create(
        Evse(operator=operator, station=station, number=1, public_id="") for station in stations
    )
    Connector.objects.bulk_create(
        Connector(
            operator=operator,
            station_id=evse.station_id,
            evse=evse,
            number=1,
            public_code=registry.new_public_code(),
        )
        for evse in evses
    )


def _flags(application: str) -> list[str]:
    """Return uvicorn's flags: our own protocol is the gateway's, the others have uvicorn's."""
    given = list(flags.GATEWAY_FLAGS)
    if application != GATEWAY:
        given[given.index("--ws") + 1] = "websockets-sansio"
    return given


class Server:
    """A running server process."""

    def __init__(self, application: str, log: Path, *, core: set[int], deflate: bool) -> None:
        self.port = free_port()
        self.log = log
        self.core = core
        self._file = log.open("wb")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", application, "--port", str(self.port)),
                *("--loop", "uvloop", "--log-level", "warning"),
                *("--timeout-graceful-shutdown", "2", *_flags(application)),
                *("--ws-per-message-deflate", str(deflate).lower()),
            ],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": database_url(),
                "REDIS_URL": settings.REDIS_URL,
                "CHARGENET_DB_ROLE": "system",
            },
            stdout=self._file,
            stderr=self._file,
        )
        os.sched_setaffinity(self.process.pid, core)
        self._await_port()

    def _await_port(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1)
            except urllib.error.HTTPError:
                return
            except OSError as error:
                if "refused" in str(error):
                    time.sleep(0.1)
                    continue
                return
            else:
                return
        raise AssertionError(self.log.read_text())

    def cpu_s(self) -> float:
        return cpu_s(self.process.pid)

    def memory_kib(self) -> int:
        """Return the proportional set size."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(rollup.split("Pss:", 1)[1].split()[0])

    def stop(self) -> None:
        """End it; a server that was killed or hangs must not end the measurement."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._file.close()


def pin_postgres() -> None:
    """Keep the store on the load's cores, so that the server has its core to itself."""
    for task in store_processes():
        os.sched_setaffinity(task, LOAD_CORES)


def store_processes() -> list[int]:
    """Return PostgreSQL's processes: the one that serves us here has the others as siblings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()
    parent = int(Path(f"/proc/{own}/stat").read_text().rsplit(")", 1)[1].split()[1])
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


def cpu_s(pid: int, *, with_ended: bool = False) -> float:
    """Return the CPU seconds of a process, and of its children that ended if asked for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11 : 15 if with_ended else 13])) / TICKS


@contextmanager
def serving(
    application: str, log: Path, *, core: set[int] = SERVER_CORE, deflate: bool = False
) -> Iterator[Server]:
    """Serve an application on its own core."""
    server = Server(application, log, core=core, deflate=deflate)
    try:
        yield server
    finally:
        server.stop()


class Load:
    """A running load generator; `connected` once its warm-up is over, `report` at its end."""

    def __init__(self, mode: str, server: Server, **how: object) -> None:
        arguments = [mode, "--port", str(server.port), "--password", PASSWORD]
        for name, value in how.items():
            flag = f"--{name.replace('_', '-')}"
            if value is not False:
                arguments += [flag] if value is True else [flag, str(value)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.gateway.load", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, LOAD_CORES),
        )

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        assert text, "the load generator ended early"
        found: dict[str, Any] = json.loads(text)
        return found

    def end(self) -> None:
        """Let it go, where it holds its connections."""
        self.process.communicate()
        assert self.process.returncode == 0


def measure(mode: str, server: Server, **how: object) -> dict[str, Any]:
    """Run one load and return its report with what the server spent on each message."""
    load = Load(mode, server, **how)
    load.line()
    before = server.cpu_s()
    report = load.line()
    spent = server.cpu_s() - before
    load.end()
    report["server_cpu_us"] = round(spent / max(report["messages"], 1) * 1e6, 1)
    return report
