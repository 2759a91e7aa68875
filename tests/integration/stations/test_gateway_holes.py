"""What nobody foresaw at the door or in a batch: the gateway lives on for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chargenet.core import clock
from stations import commands
from stations.models import Command
from stations.ocpp import store
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess


@pytest.mark.parametrize("identity", ["%00", "A%00B", "%ED%A0%80", "%22%7B%5C", "%F0%9F%94%8C"])
def test_an_identity_no_database_can_hold_is_unknown_and_hurts_nobody(
    cast: Cast, gateway: GatewayProcess, identity: str
) -> None:
    async def script() -> tuple[int, dict[str, Any]]:
        status = 0
        try:
            async with connect(f"{gateway.url}/ocpp/{identity}", open_timeout=10):
                pass
        except InvalidStatus as refusal:
            status = refusal.response.status_code
        async with Charger(gateway.url, "NORD-AC-1") as honest:
            return status, await honest.call("Heartbeat", {})

    status, answer = async_to_sync(script)()

    assert status == 404
    assert "currentTime" in answer


def test_a_station_whose_row_is_held_is_sent_away_and_the_next_one_is_let_in(
    cast: Cast, gateway: GatewayProcess
) -> None:
    def hold() -> None:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM stations_station WHERE id = %s FOR UPDATE", [cast.ac_station.pk]
            )

    def release() -> None:
        connection.rollback()
        connection.set_autocommit(True)

    async def script() -> tuple[int, dict[str, Any], dict[str, Any]]:
        status = 0
        await sync_to_async(hold)()
        try:
            async with Charger(gateway.url, "NORD-AC-1"):
                pass
        except InvalidStatus as refusal:
            status = refusal.response.status_code
        async with Charger(gateway.url, "NORD-DC-1") as free:
            heard = await free.call("Heartbeat", {})
        await sync_to_async(release)()
        async with Charger(gateway.url, "NORD-AC-1") as again:
            return status, heard, await again.call("Heartbeat", {})

    status, heard, again = async_to_sync(script)()

    assert status == 503
    assert "currentTime" in heard
    assert "currentTime" in again


def test_a_command_claimed_by_a_gateway_that_failed_ends_when_it_expires(cast: Cast) -> None:
    now = clock.now()
    command = Command.objects.create(
        operator_id=cast.operator.pk,
        station=cast.ac_station,
        action="reset",
        state="claimed",
        claimed_epoch=cast.ac_station.epoch,
        created_at=now - timedelta(minutes=6),
        expires_at=now - timedelta(minutes=1),
    )

    async def sweep() -> None:
        async with await store.connect() as own:
            await commands.sweep_commands(own, as_of=now)

    async_to_sync(sweep)()

    command.refresh_from_db()
    assert command.state == "expired"
