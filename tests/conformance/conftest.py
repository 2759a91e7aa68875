"""The conformance cases are played at a real gateway, before a foreign referee."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import make_cast
from tests.conformance.bed import Bed
from tests.conformance.player import Player
from tests.conformance.referee import Referee
from tests.conftest import truncate_everything
from tests.foreign.node import node_modules
from tests.integration.stations.conftest import GatewayProcess, gateway_process

__all__ = ["gateway_process", "node_modules"]


@pytest.fixture(scope="session")
def referee(node_modules: Path) -> Iterator[Referee]:
    referee = Referee(node_modules)
    yield referee
    referee.close()


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
