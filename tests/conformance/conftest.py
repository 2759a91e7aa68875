"""The conformance cases are played at a real gateway, before a foreign referee."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import make_cast
from tests.conformance.bed import Bed
from tests.conformance.player import FRONT_SECRET, Player
from tests.conformance.referee import Referee
from tests.conftest import truncate_everything
from tests.foreign.node import node_modules
from tests.integration.stations.conftest import GatewayProcess, database_url

__all__ = ["node_modules"]


@pytest.fixture(scope="session")
def referee(node_modules: Path) -> Iterator[Referee]:
    referee = Referee(node_modules)
    yield referee
    referee.close()


@pytest.fixture(scope="package")
def gateway_process(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """One gateway for all cases; it believes what a TLS front with the secret says."""
    process = GatewayProcess(tmp_path_factory.mktemp("gateway") / "log.txt", database_url())
    process.environment |= {
        "TLS_FRONT": "127.0.0.1",
        "TLS_FRONT_SECRET": FRONT_SECRET,
        # A case is about what is said, not about how busy this machine is.
        "COST_WITHIN_MS": "10000",
    }
    process.start()
    yield process
    process.stop()
    log = process.log.read_text()
    assert "Traceback" not in log, log


@pytest.fixture(scope="package")
def open_bed(
    gateway_process: GatewayProcess, referee: Referee, django_db_blocker
) -> Iterator[Bed]:
    """One network for all cases; each brings a station of its own."""
    with django_db_blocker.unblock():
        truncate_everything()
        yield Bed(make_cast(), gateway_process, referee)
        truncate_everything()


@pytest.fixture
def bed(open_bed: Bed) -> Iterator[Bed]:
    """The bed for one case, whose stations go when it ends."""
    with open_bed.closing:
        yield open_bed


@pytest.fixture
def station(bed: Bed) -> Player:
    """A station of OCPP 2.0.1 that is connected and accepted."""
    return bed.booted("2.0.1")


@pytest.fixture
def station_16(bed: Bed) -> Player:
    """A station of OCPP 1.6 that is connected and accepted."""
    return bed.booted("1.6")


@pytest.fixture
def station_21(bed: Bed) -> Player:
    """A station of OCPP 2.1 that is connected and accepted."""
    return bed.booted("2.1")
