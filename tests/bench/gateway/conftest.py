import pytest

from tests.bench.gateway.servers import make_network


@pytest.fixture
def network(committed_db: None) -> None:
    """A network of stations that may charge."""
    make_network(3_200)
