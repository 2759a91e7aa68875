"""A gateway of its own for hostile clients: what it logs is read, and its memory is watched."""

from collections.abc import Callable, Iterator

import psutil
import pytest

from stations.models import Station
from tests.integration.stations.conftest import (
    GatewayProcess,
    cast,
    database_url,
    gateway_process,
    until,
)

Until = Callable[[Callable[[], object]], object]
__all__ = ["cast", "gateway_process", "until"]


class Target(GatewayProcess):
    """A gateway whose memory and log can be looked at."""

    def resident_bytes(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    read_until = 0

    def holes(self) -> list[str]:
        """Return the lines of the log that tell of something nobody foresaw."""
        signs = ("handler failed", "batch failed", "begun anew", "frame set aside", "news lost")
        with self.log.open("rb") as log:
            log.seek(self.read_until)
            lines = log.read().decode(errors="replace").splitlines()
        return [line for line in lines if any(sign in line for sign in signs)]


@pytest.fixture(scope="session")
def target_process(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    process = Target(tmp_path_factory.mktemp("target") / "log.txt", database_url())
    process.environment |= {"LOG_LEVEL": "WARNING"}
    process.start()
    yield process
    code = process.stop()
    assert code in {0, -15}, process.log.read_text()[-4000:]


@pytest.fixture
def target(cast: object, target_process: Target, until: Until) -> Iterator[Target]:
    """The gateway under attack; ends when it has seen everybody go."""
    target_process.read_until = target_process.log.stat().st_size
    yield target_process
    until(lambda: not Station.objects.filter(is_online=True).exists())
