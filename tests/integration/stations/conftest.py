"""A real gateway process for the tests: uvicorn, its own database role, a real socket."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from chargenet import serving
from stations import registry
from stations.models import Station
from tests.cast import Cast, make_cast
from tests.integration.stations.charger import PASSWORD

ROOT = Path(__file__).parents[3]
START_WITHIN_S = 30


def database_url() -> str:
    """Return the address of the test database, as the gateway's environment names it."""
    own = connection.settings_dict
    host, port = own["HOST"], own["PORT"]
    login = f"{own['USER']}:{own['PASSWORD']}" if own["PASSWORD"] else own["USER"]
    place = f"?host={host}" if str(host).startswith("/") else ""
    at = "" if place else f"{host}:{port}" if port else host
    return f"postgresql://{login}@{at}/{own['NAME']}{place}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class GatewayProcess:
    """One gateway that can be killed and started again on the same port."""

    application = "chargenet.gateway:application"
    flags: tuple[str, ...] = ()

    def __init__(self, log: Path, database: str) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self.log = log
        self.environment = os.environ | {
            "DATABASE_URL": database,
            "REDIS_URL": settings.REDIS_URL,
            "CHARGENET_DB_ROLE": "system",
            "DEBUG": "1",
        }
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", self.application),
                    *("--port", str(self.port), "--timeout-graceful-shutdown", "5"),
                    *serving.GATEWAY_FLAGS,
                    *self.flags,
                ],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_WITHIN_S
        while not self.is_healthy():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def is_healthy(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def knock(self) -> int:
        """Return how a handshake of nobody is refused: 404, or 503 while the store is away."""
        try:
            # from an address of its own: who knocks in vain too often is turned away unheard
            with connect(
                f"{self.url}/ocpp/NOBODY",
                open_timeout=START_WITHIN_S,
                source_address=("127.0.0.9", 0),
            ):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture(scope="session")
def gateway_process(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """One gateway for the tests that do not kill it."""
    process = GatewayProcess(tmp_path_factory.mktemp("gateway") / "log.txt", database_url())
    process.start()
    yield process
    code = process.stop()
    log = process.log.read_text()
    assert "Traceback" not in log, log
    # S51: every test's stations log in with it, and some tell it
    told = [word for word in (PASSWORD, "SEEDED") if word in log]
    assert told == [], "the log tells a secret"
    assert code in {0, -signal.SIGTERM}


@pytest.fixture
def cast(committed_db: None) -> Cast:
    """The cast, committed, every station with the same password."""
    cast = make_cast()
    for station in (cast.ac_station, cast.dc_station):
        registry.set_password(station, PASSWORD)
    # It booted once: a 2.x station that never did is refused everything but its sessions.
    Station.objects.filter(pk=cast.dc_station.pk).update(registration="accepted")
    return cast


@pytest.fixture
def gateway(cast: Cast, gateway_process: GatewayProcess) -> Iterator[GatewayProcess]:
    """A gateway with the cast's stations to serve; ends when it has seen them all go."""
    # A test may have ended every gateway's connections to the store: this one finds out first.
    deadline = time.monotonic() + START_WITHIN_S
    while gateway_process.knock() == 503 and time.monotonic() < deadline:
        time.sleep(0.05)
    yield gateway_process
    deadline = time.monotonic() + 10
    while Station.objects.filter(is_online=True).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], object]:
    """Wait for a condition on the database, as long as a slow machine may need."""

    def wait(condition: Callable[[], object]) -> object:
        deadline = time.monotonic() + 20
        while not (found := condition()):
            assert time.monotonic() < deadline, "the condition never came true"
            time.sleep(0.02)
        return found

    return wait


def fresh(station: Station) -> Station:
    """Return a station as the store has it now."""
    return Station.objects.get(pk=station.pk)
