"""X11, X12, X20, X24, X25: connections taken over, half open, all at once, drained, cut off."""

import asyncio
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from websockets.exceptions import InvalidHandshake

from stations import commands
from stations.models import Command, OcppFrame, Station
from tests.cast import Cast
from tests.chaos import stores
from tests.chaos.checker import check_fleet, commands_left
from tests.chaos.conftest import IS_LONG, MakeFleet, MakeGateway, Report
from tests.chaos.fleet import run_all
from tests.chaos.proxy import Line
from tests.integration.stations.charger import Charger

pytestmark = pytest.mark.chaos
CHARGERS = 200 if IS_LONG else 20
TAKEOVERS_EACH = 4  # more within a minute is damped: two devices with one identity
TAKEN = 125 if IS_LONG else 5
STORM = 1000 if IS_LONG else 100
# Short: the product's own 30 and 60 s, in miniature.
PING, DEAD = (30, 60) if IS_LONG else (1, 2)
KNOCKS_AT_ONCE = 64


async def is_so(condition: Callable[[], object], within_s: float) -> float:
    """Wait until something is true in the store; return how long it took."""
    began = time.monotonic()
    while not await sync_to_async(condition)():
        assert time.monotonic() - began < within_s, "it never came true"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def test_x11_the_newest_connection_hears_the_commands(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    fleet = make_fleet(TAKEN, lambda: gateway.url)
    stations = {s.identity: s for s in Station.objects.all()}

    def send(identity: str) -> Command:
        from chargenet.core import clock

        return commands.send_command(station=stations[identity], action="reset", as_of=clock.now())

    async def take_over(identity: str, subprotocol: str) -> int:
        heard = 0
        old = Charger(gateway.url, identity, subprotocol)
        await old.connect()
        for _ in range(TAKEOVERS_EACH):
            new = Charger(gateway.url, identity, subprotocol)
            await new.connect()
            await sync_to_async(send)(identity)
            call = await new.called()
            await new.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            # the old one goes late: that must not put its successor offline
            await old.socket.close()
            assert await old.closed() is not None
            await new.call("Heartbeat", {})
            heard += 1
            old = new
        online = await Station.objects.filter(identity=identity, is_online=True).aexists()
        await old.socket.close()
        return heard if online else 0

    async def script() -> int:
        work = [take_over(c.identity, c.subprotocol) for c in fleet]
        return sum(await asyncio.gather(*work))

    heard = async_to_sync(script)()
    async_to_sync(is_so)(lambda: not commands_left(), 20)

    assert heard == TAKEN * TAKEOVERS_EACH
    assert Command.objects.filter(state="accepted").count() == heard
    report("X11", takeovers=heard, commands_lost=0)


def test_x12_a_dead_line_is_noticed(
    people: Cast, make_gateway: MakeGateway, report: Report
) -> None:
    gateway = make_gateway(flags=("--ws-ping-interval", str(PING), "--ws-ping-timeout", str(DEAD)))

    async def script() -> float:
        async with Line(gateway.port) as line:
            charger = Charger(f"ws://127.0.0.1:{line.port}", "NORD-AC-1")
            await charger.connect()
            await charger.call("Heartbeat", {})
            line.stop()
            gone = Station.objects.filter(identity="NORD-AC-1", is_online=False)
            return await is_so(gone.exists, PING + DEAD + 5)

    took_s = async_to_sync(script)()

    report("X12", noticed_after_s=round(took_s, 1), allowed_s=PING + DEAD + 5)


def test_x20_everybody_comes_back_at_once(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    fleet = make_fleet(STORM, lambda: gateway.url)
    line = asyncio.Semaphore(KNOCKS_AT_ONCE)

    async def come(charger: Charger) -> None:
        while True:
            try:
                async with line:
                    await charger.connect()
                    await charger.call("Heartbeat", {})
            except (OSError, TimeoutError, InvalidHandshake):
                await asyncio.sleep(0.2)
            else:
                return

    async def script() -> float:
        chargers = [Charger(gateway.url, c.identity, c.subprotocol) for c in fleet]
        began = time.monotonic()
        async with asyncio.timeout(60):
            await asyncio.gather(*(come(charger) for charger in chargers))
        took_s = time.monotonic() - began
        await is_so(lambda: Station.objects.filter(is_online=True).count() == STORM, 20)
        await asyncio.gather(*(charger.socket.close() for charger in chargers))
        return took_s

    took_s = async_to_sync(script)()

    report("X20", chargers=STORM, all_in_s=round(took_s, 1))


def test_x24_gateways_are_replaced_one_after_the_other(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateways = [make_gateway(), make_gateway()]
    turn = {"n": 0}

    def somewhere() -> str:
        turn["n"] += 1
        return gateways[turn["n"] % 2].url

    chargers = make_fleet(CHARGERS, somewhere)
    codes: list[int] = []

    async def roll() -> None:
        for gateway in gateways:
            await asyncio.sleep(1)
            gateway.process.send_signal(signal.SIGTERM)
            codes.append(await asyncio.to_thread(gateway.process.wait, 30))
            await asyncio.to_thread(gateway.start)
        await asyncio.sleep(1)

    async_to_sync(run_all)(chargers, roll)

    assert all(code in {0, -signal.SIGTERM} for code in codes), codes
    gaps = sorted(
        later - earlier
        for charger in chargers
        for earlier, later in zip(charger.connected_at, charger.connected_at[1:], strict=False)
    )
    assert gaps, "nobody was moved"
    report("X24", **check_fleet(chargers), moved=len(gaps))


def test_x25_a_gateway_cut_off_from_the_store_writes_nothing_more(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report, tmp_path: Path
) -> None:
    if not stores.store_socket().exists():
        pytest.skip("needs the private PostgreSQL: unset DATABASE_URL")
    folder = tmp_path / "line"
    folder.mkdir()

    async def script() -> dict[str, int]:
        async with Line(stores.store_socket(), listen=folder / ".s.PGSQL.5432") as line:
            split = await asyncio.to_thread(make_gateway, database=stores.url_through(folder))
            whole = await asyncio.to_thread(make_gateway)
            home = {"url": split.url}
            chargers = await sync_to_async(make_fleet)(CHARGERS, lambda: home["url"])

            async def cut() -> None:
                await asyncio.sleep(1.5)
                # frames go nowhere, neither does the word that the store is away
                line.stop()
                await asyncio.sleep(0.5)
                home["url"] = whole.url
                line.cut()
                line.stop(False)
                await asyncio.sleep(2)
                line.mend()
                await asyncio.sleep(1)

            await run_all(chargers, cut)
            return await sync_to_async(check_fleet)(chargers)

    figures = async_to_sync(script)()

    assert OcppFrame.objects.exists()
    report("X25", **figures, written_with_an_old_epoch=0)
