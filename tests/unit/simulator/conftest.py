"""One station of each version to plan for."""

import pytest

from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec


def make_connector(number: int = 1, current: str = "AC", power_w: int = 22_000) -> ConnectorSpec:
    return ConnectorSpec(number, "tethered", current, power_w, 3, number, 1, None)


@pytest.fixture
def station() -> StationSpec:
    tokens = tuple(TokenSpec(f"TAG{place}") for place in range(5))
    connectors = (make_connector(1), make_connector(2, "DC", 150_000))
    return StationSpec(
        "CP-1", "secret", "1.6", "Site", "V", "M", "S", "1", connectors=connectors, tokens=tokens
    )
