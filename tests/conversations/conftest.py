"""The conversations are played at a real gateway, and at one that does not wait long."""

from collections.abc import Iterator

import pytest

from tests.integration.stations.conftest import (
    GatewayProcess,
    cast,
    database_url,
    gateway,
    gateway_process,
    until,
)

__all__ = ["cast", "gateway", "gateway_process", "until"]


@pytest.fixture(scope="session")
def hasty(
    gateway_process: GatewayProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """A gateway that gives up on an answer after a second."""
    process = GatewayProcess(tmp_path_factory.mktemp("hasty") / "log.txt", database_url())
    process.environment |= {"OCPP_CALL_TIMEOUT_S": "1"}
    process.start()
    yield process
    process.stop()
    log = process.log.read_text()
    assert "Traceback" not in log, log
