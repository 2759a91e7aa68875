"""X04 to X07, X32: the store dies, goes away, is held or refuses; nobody is told a failure."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection

from tests.chaos import stores
from tests.chaos.checker import check_fleet
from tests.chaos.conftest import IS_LONG, MakeFleet, MakeGateway, Report
from tests.chaos.fleet import run_all
from tests.chaos.proxy import Line
from tests.integration.stations.charger import Charger

pytestmark = pytest.mark.chaos
CHARGERS = 200 if IS_LONG else 20
DEATHS = 5 if IS_LONG else 1
AWAY_S = 600 if IS_LONG else 3
# What every neighbour says while one station's rows are held.
HELD = 500 if IS_LONG else 50
# The long form is 100,000 messages of our own chargers, which share their core with the store.
HELD_WITHIN_S = 400 if IS_LONG else 60
BACK_WITHIN_S = 30
END_GATEWAYS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'chargenet-gateway'"
)
PRIVATE = "needs the private PostgreSQL: unset DATABASE_URL"


async def serves_again(knock: Callable[[], int]) -> float:
    """Wait until handshakes are answered, and return how long it took."""
    began = time.monotonic()
    while await asyncio.to_thread(knock) == 503:
        assert time.monotonic() - began < BACK_WITHIN_S, "the gateway never found the store again"
        await asyncio.sleep(0.1)
    return time.monotonic() - began


def test_x04_every_process_of_postgres_is_killed(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    if not stores.is_private():
        pytest.skip(PRIVATE)
    gateway = make_gateway()
    chargers = make_fleet(CHARGERS, lambda: gateway.url)
    back: list[float] = []

    async def kill() -> None:
        chance = random.Random(4)
        for _ in range(DEATHS):
            await asyncio.sleep(chance.uniform(1, 2))
            assert stores.kill_postgres() > 1
            await asyncio.to_thread(stores.await_store)
            back.append(await serves_again(gateway.knock))

    async_to_sync(run_all)(chargers, kill)

    connection.close()
    figures = check_fleet(chargers)
    report("X04", deaths=DEATHS, **figures, callerrors=0, back_s=round(max(back), 1))


def test_x05_the_store_is_away_for_long(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report, tmp_path: Path
) -> None:
    if not stores.store_socket().exists():
        pytest.skip(PRIVATE)
    flush_s = 0.0

    async def script() -> dict[str, int]:
        nonlocal flush_s
        folder = tmp_path / "line"
        folder.mkdir()
        async with Line(stores.store_socket(), listen=folder / ".s.PGSQL.5432") as line:
            gateway = await asyncio.to_thread(make_gateway, database=stores.url_through(folder))
            chargers = await sync_to_async(make_fleet)(CHARGERS, lambda: gateway.url)

            async def leave() -> None:
                nonlocal flush_s
                await asyncio.sleep(1.5)
                line.cut()
                await asyncio.sleep(AWAY_S)
                before = [charger.acknowledged for charger in chargers]
                line.mend()
                began = time.monotonic()
                while any(c.acknowledged - n < 10 for c, n in zip(chargers, before, strict=True)):
                    await asyncio.sleep(0.05)
                flush_s = time.monotonic() - began

            await run_all(chargers, leave)
            return await sync_to_async(check_fleet)(chargers)

    figures = async_to_sync(script)()

    report("X05", away_s=AWAY_S, **figures, callerrors=0, ten_each_after_s=round(flush_s, 1))


def test_x06_one_stations_rows_are_held(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    chargers = make_fleet(CHARGERS, lambda: gateway.url)
    held, others = chargers[0], chargers[1:]
    took: list[float] = []

    def hold() -> None:
        with connection.cursor() as cursor:
            connection.set_autocommit(False)
            cursor.execute(
                "SELECT 1 FROM stations_session WHERE state = 'open' AND station_id ="
                " (SELECT id FROM stations_station WHERE identity = %s) FOR UPDATE",
                [held.identity],
            )
            cursor.execute(
                "SELECT 1 FROM stations_connector WHERE station_id ="
                " (SELECT id FROM stations_station WHERE identity = %s) FOR UPDATE",
                [held.identity],
            )

    def release() -> None:
        connection.rollback()
        connection.set_autocommit(True)

    async def trouble() -> None:
        while not held.sessions:
            await asyncio.sleep(0.05)
        await sync_to_async(hold)()
        try:
            before = [charger.acknowledged for charger in others]
            began = time.monotonic()
            async with asyncio.timeout(HELD_WITHIN_S):
                while any(c.acknowledged - n < HELD for c, n in zip(others, before, strict=True)):
                    await asyncio.sleep(0.05)
            took.append(time.monotonic() - began)
        finally:
            await sync_to_async(release)()

    async_to_sync(run_all)(chargers, trouble)

    figures = check_fleet(chargers)
    report("X06", neighbours_messages_each=HELD, within_s=round(took[0], 1), **figures)


def test_x07_the_store_takes_no_writes(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    chargers = make_fleet(CHARGERS, lambda: gateway.url)
    name = connection.settings_dict["NAME"]

    async def refuse() -> None:
        await asyncio.sleep(1)
        await asyncio.to_thread(
            stores.as_owner,
            f"ALTER DATABASE {name} SET default_transaction_read_only = on",
            END_GATEWAYS,
        )
        try:
            async with asyncio.timeout(BACK_WITHIN_S):
                while await asyncio.to_thread(gateway.knock) != 503:
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1)
        finally:
            await asyncio.to_thread(
                stores.as_owner,
                "SET default_transaction_read_only = off",
                f"ALTER DATABASE {name} RESET default_transaction_read_only",
            )
        await serves_again(gateway.knock)

    async_to_sync(run_all)(chargers, refuse)

    report("X07", **check_fleet(chargers), callerrors=0)


def test_x32_no_connection_is_left_in_the_store(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    make_fleet(1, lambda: gateway.url)
    name = connection.settings_dict["NAME"]
    answered: list[int | None] = []
    took_s = 0.0

    async def script() -> None:
        nonlocal took_s
        async with Charger(gateway.url, "CHAOS0000") as charger:
            await charger.call("Heartbeat", {})
            await asyncio.to_thread(
                stores.as_owner_of_all, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"
            )
            await asyncio.to_thread(stores.as_owner_of_all, END_GATEWAYS)
            began = time.monotonic()
            await charger.send('[2,"m","Heartbeat",{}]')
            answered.append(await charger.closed())
            answered.append(await asyncio.to_thread(gateway.knock))
            took_s = time.monotonic() - began

    try:
        async_to_sync(script)()
    finally:
        stores.as_owner_of_all(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    async_to_sync(serves_again)(gateway.knock)

    assert answered == [1013, 503]
    report("X32", answered=answered, took_s=round(took_s, 1))
