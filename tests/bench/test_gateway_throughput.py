"""The gateway beside the usual way and beside the bare server, in one run; ratios are printed.

200 chargers, OCPP 1.6 transaction loop, every answer after its commit. The server has one core
to itself, the load generator and PostgreSQL share the rest.
"""

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

import pytest
from django.conf import settings

from chargenet.core.models import Operator
from stations import registry
from stations.models import Location, OcppFrame, Session, Station, Token
from tests.integration.stations.conftest import database_url, free_port

ROOT = Path(__file__).parents[2]
CHARGERS = int(os.environ.get("BENCH_CHARGERS", "200"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "15"))
PASSWORD = "correct-horse-battery"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORES = {CORES[0]}, set(CORES[1:]) or {CORES[0]}


def make_network() -> None:
    operator = Operator.objects.create(
        slug="bench", name="Bench", legal_name="Bench AB", org_number="556036-0793", city="Lund"
    )
    location = Location.objects.create(operator=operator, name="Bench", city="Lund")
    Token.objects.create(operator=operator, uid="BENCH")
    key = registry.hash_password(PASSWORD.encode())
    for number in range(CHARGERS):
        station = Station.objects.create(
            operator=operator,
            location=location,
            identity=f"BENCH-{number}",
            name=f"BENCH-{number}",
            ocpp_version="1.6",
            max_power_w=22_000,
            password_hash=key,
        )
        registry.add_connectors(station, numbers=range(1, 2))


@contextmanager
def serving(application: str, log: Path) -> Iterator[tuple[int, int]]:
    """Serve an application on its own core; yields its port and process id."""
    port = free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", application, "--port", str(port)),
                *("--ws", "websockets-sansio", "--loop", "uvloop", "--log-level", "warning"),
                *("--ws-max-size", "262144", "--timeout-graceful-shutdown", "2"),
            ],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": database_url(),
                "REDIS_URL": settings.REDIS_URL,
                "CHARGENET_DB_ROLE": "system",
            },
            stdout=file,
            stderr=file,
        )
        os.sched_setaffinity(process.pid, SERVER_CORE)
        try:
            _await_port(process, port, log)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if "refused" in str(error):
                time.sleep(0.1)
                continue
            return
        else:
            return
    raise AssertionError(log.read_text())


def load(port: int, seconds: float) -> dict[str, float]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench.load", "--port", str(port)),
            *("--chargers", str(CHARGERS), "--seconds", str(seconds), "--password", PASSWORD),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, CLIENT_CORES),
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.fixture
def network(committed_db: None) -> None:
    make_network()


def test_gateway_beside_the_usual_way(network: None, tmp_path: Path) -> None:
    found: dict[str, dict[str, float]] = {}
    for name, application in (
        ("echo", "tests.bench.servers.echo:application"),
        ("naive", "tests.bench.servers.naive:application"),
        ("gateway", "chargenet.gateway:application"),
    ):
        with serving(application, tmp_path / f"{name}.log") as (port, pid):
            before = _cpu_s(pid)
            found[name] = load(port, SECONDS)
            found[name]["cpu_s"] = round(_cpu_s(pid) - before, 1)

    rates = {name: figures["messages_per_s"] for name, figures in found.items()}
    report = {
        "chargers": CHARGERS,
        **found,
        "gateway_to_naive": round(rates["gateway"] / rates["naive"], 1),
        "gateway_to_echo": round(rates["gateway"] / rates["echo"], 2),
        "frames": OcppFrame.objects.count(),
        "sessions": Session.objects.count(),
    }
    print(json.dumps(report, indent=1))
    assert rates["gateway"] >= 10 * rates["naive"]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
