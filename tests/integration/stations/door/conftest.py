"""A gateway that believes its TLS front, for every test of the door."""

from collections.abc import Callable, Iterator

import pytest

from stations.models import Station
from tests.cast import Cast
from tests.integration.stations.conftest import GatewayProcess, database_url
from tests.integration.stations.door import pki
from tests.integration.stations.door.fronted import FRONT_SECRET, NORD, set_profile, trust

Until = Callable[[Callable[[], object]], object]


@pytest.fixture(scope="session")
def front_process(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """A gateway that believes its TLS front, and trusts one network without TLS."""
    process = GatewayProcess(tmp_path_factory.mktemp("fronted") / "log.txt", database_url())
    process.environment |= {
        "TLS_FRONT": "127.0.0.1",
        "TLS_FRONT_SECRET": FRONT_SECRET,
        "TRUSTED_NETWORKS": "10.1.0.0/16,127.0.0.1",
        "HIDE_UNKNOWN": "0",
    }
    process.start()
    yield process
    process.stop()
    assert "Traceback" not in process.log.read_text()


@pytest.fixture
def front(cast: Cast, front_process: GatewayProcess, until: Until) -> Iterator[GatewayProcess]:
    yield front_process
    until(lambda: not Station.objects.filter(is_online=True).exists())


@pytest.fixture
def authority(cast: Cast) -> pki.Authority:
    """The authority of Nord's stations; the AC station has profile 3."""
    made = pki.new_authority()
    trust(cast.ac_station, made, NORD)
    set_profile(cast, 3)
    return made
