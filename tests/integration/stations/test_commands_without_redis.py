"""X14: Redis is away and the wake-up is lost; a command still reaches its station by the poll."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from stations.models import Command
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess, database_url, free_port

Until = Callable[[Callable[[], object]], object]


@pytest.fixture
def lonely(cast: Cast, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway whose Redis nobody ever started."""
    gateway = GatewayProcess(tmp_path / "log.txt", database_url())
    gateway.environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.mark.chaos
def test_a_command_finds_its_station_without_redis_and_without_its_wake_up(
    cast: Cast, lonely: GatewayProcess, until: Until
) -> None:
    def queue() -> Command:
        # a row and no NOTIFY: as if the listening connection had just been lost
        now = datetime.now(UTC)
        return Command.objects.create(
            operator=cast.operator,
            station=cast.ac_station,
            action="reset",
            created_at=now,
            expires_at=now + timedelta(minutes=1),
        )

    async def run() -> int:
        async with Charger(lonely.url, "NORD-AC-1") as charger:
            row = await sync_to_async(queue)()
            call = await charger.called()
            assert call[2:] == ["Reset", {"type": "Soft"}]
            await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            await charger.call("Heartbeat", {})
            return row.pk

    pk = async_to_sync(run)()

    until(lambda: Command.objects.get(pk=pk).state == "accepted")
