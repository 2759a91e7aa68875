"""The whole path with its real processes: a gateway, a Celery worker, sockets."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from chargenet.celery import app
from tests.integration.stations.conftest import (
    ROOT,
    GatewayProcess,
    cast,
    database_url,
    gateway,
    gateway_process,
    until,
)

__all__ = ["cast", "gateway", "gateway_process", "until"]


@pytest.fixture
def worker(
    gateway_process: GatewayProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A real Celery worker on the test's database and broker."""
    log = tmp_path_factory.mktemp("worker") / "log.txt"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "chargenet.celery", "worker"),
                *("--pool", "solo", "--loglevel", "warning"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            cwd=ROOT,
            env=gateway_process.environment | {"DATABASE_URL": database_url()},
            stdout=sink,
            stderr=sink,
        )
    app.control.purge()
    yield
    process.terminate()
    process.wait(timeout=30)
    assert "Traceback" not in log.read_text(), log.read_text()


assert settings.REDIS_URL, "the worker and the gateway share the test's Redis"
