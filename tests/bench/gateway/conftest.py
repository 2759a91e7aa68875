import os
from collections.abc import Callable

import pytest

from tests.bench.gateway.servers import make_network, pin_postgres


@pytest.fixture
def network(committed_db: None) -> Callable[[int], None]:
    """A network of so many stations that may charge."""

    def make(count: int) -> None:
        make_network(count)
        if len(os.sched_getaffinity(0)) > 1:
            pin_postgres()

    return make
