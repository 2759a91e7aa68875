"""Gateways to hurt, chargers to be hurt with them, and a table of what came of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stations import registry
from stations.models import Station
from tests import figures
from tests.cast import Cast, make_cast, make_station
from tests.chaos.fleet import Retrying, Retrying201
from tests.integration.stations.charger import PASSWORD
from tests.integration.stations.conftest import GatewayProcess, database_url

IS_LONG = os.environ.get("CHARGENET_LONG") == "1"

Report = Callable[..., None]
MakeGateway = Callable[..., GatewayProcess]
MakeFleet = Callable[..., list[Retrying]]


@pytest.fixture
def report() -> Report:
    """Keep the figures of one injection for the table at the end."""
    return figures.keep


@pytest.fixture
def people(committed_db: None) -> Cast:
    """The cast, committed; what chargers say is theirs."""
    cast = make_cast()
    for station in (cast.ac_station, cast.dc_station):
        registry.set_password(station, PASSWORD)
    return cast


@pytest.fixture
def make_gateway(people: Cast, tmp_path: Path) -> Iterator[MakeGateway]:
    """Start gateways of this test alone; none may have met an exception nobody foresaw (C7)."""
    started: list[GatewayProcess] = []

    def make(
        *, application: str = "", flags: tuple[str, ...] = (), database: str = "", **env: str
    ) -> GatewayProcess:
        log = tmp_path / f"gateway-{len(started)}.log"
        process = GatewayProcess(log, database or database_url())
        process.application = application or process.application
        process.flags = flags
        process.environment |= env
        process.start()
        started.append(process)
        return process

    yield make
    for process in started:
        process.stop()
        text = process.log.read_text()
        assert "Traceback" not in text, text[-4000:]


@pytest.fixture
def make_fleet(people: Cast) -> MakeFleet:
    """Register chargers, half of them OCPP 2.0.1, and return them unconnected."""

    def make(count: int, urls: Callable[[], str]) -> list[Retrying]:
        chargers: list[Retrying] = []
        for n in range(count):
            kind = Retrying201 if n % 2 else Retrying
            version = "2.0.1" if n % 2 else "1.6"
            station, _ = make_station(people.location, f"CHAOS{n:04}", version=version)
            chargers.append(kind(urls, station.identity, seed=n))
        key = registry.hash_password(PASSWORD.encode())
        # They have booted before: a 2.x station is heard in full from its first boot on.
        Station.objects.filter(identity__startswith="CHAOS").update(
            password_hash=key, registration=Station.Registration.ACCEPTED
        )
        return chargers

    return make
