"""X01 to X03: the gateway dies, or its answers do; nothing acknowledged is lost or doubled."""

import asyncio
import random

import pytest
from asgiref.sync import async_to_sync

from tests.chaos.checker import check_fleet
from tests.chaos.conftest import IS_LONG, MakeFleet, MakeGateway, Report
from tests.chaos.fleet import run_all
from tests.chaos.proxy import Line, sometimes

pytestmark = pytest.mark.chaos
CHARGERS, KILLS = (200, 200) if IS_LONG else (20, 3)
BETWEEN_KILLS_S = (0.5, 2.0)
DEATHS = 200 if IS_LONG else 4
CUT_FOR_S = 60 if IS_LONG else 4


def test_x01_killed_at_any_moment(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    chargers = make_fleet(CHARGERS, lambda: gateway.url)
    gaps: list[float] = []

    async def kill() -> None:
        chance, loop = random.Random(4), asyncio.get_running_loop()
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(*BETWEEN_KILLS_S))
            gateway.kill()
            killed_at = loop.time()
            await asyncio.to_thread(gateway.start)
            while not all(c.connected_at and c.connected_at[-1] > killed_at for c in chargers):
                await asyncio.sleep(0.05)
            gaps.extend(c.connected_at[-1] - killed_at for c in chargers)

    async_to_sync(run_all)(chargers, kill)

    gaps.sort()
    figures = check_fleet(chargers)
    assert figures["resent"] > 0
    report("X01", kills=KILLS, **figures, reconnect_p95_s=round(gaps[int(len(gaps) * 0.95)], 1))


def test_x02_killed_between_commit_and_answer(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway(
        application="tests.chaos.doomed:application", CHAOS_DIE_AFTER_COMMIT="StartTransaction"
    )
    chargers = make_fleet(1, lambda: gateway.url)

    async def revive() -> None:
        for _ in range(DEATHS):
            assert gateway.process is not None
            await asyncio.to_thread(gateway.process.wait)
            await asyncio.to_thread(gateway.start)

    async_to_sync(run_all)(chargers, revive, within_s=60)

    figures = check_fleet(chargers)
    assert figures["resent_after_commit"] >= DEATHS
    report("X02", deaths=DEATHS, same_answer=figures["resent_after_commit"], **figures)


def test_x03_answers_lost_on_the_line(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    lost = 0

    async def script() -> None:
        nonlocal lost
        async with Line(gateway.port) as line:
            line.lose = sometimes(0.05, seed=3)
            for charger in chargers:
                charger.urls = lambda: f"ws://127.0.0.1:{line.port}"
            await run_all(chargers, lambda: asyncio.sleep(CUT_FOR_S))
            lost = line.lost

    chargers = make_fleet(CHARGERS, lambda: gateway.url)
    async_to_sync(script)()

    figures = check_fleet(chargers)
    assert figures["resent_after_commit"] > 0
    report("X03", answers_lost=lost, **figures)


def test_a_second_gateway_takes_over_from_one_that_is_killed(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    """Half of the chargers move to it while both are under load, then the rest all at once."""
    first, second = make_gateway(), make_gateway()
    moved: set[str] = set()
    chargers = make_fleet(CHARGERS, lambda: first.url)
    for charger in chargers:
        charger.urls = lambda who=charger: (second if who.identity in moved else first).url  # type: ignore[misc]

    async def trouble() -> None:
        await asyncio.sleep(0.5)
        # the old connection is still open when the same charger comes to the other gateway
        half = chargers[::2]
        moved.update(charger.identity for charger in half)
        for charger in half:
            charger.is_connected = False
        while not all(len(charger.connected_at) >= 2 for charger in half):
            await asyncio.sleep(0.05)
        moved.update(charger.identity for charger in chargers)
        first.kill()
        await asyncio.sleep(1)

    async_to_sync(run_all)(chargers, trouble)

    report("killed: one of two gateways", **check_fleet(chargers))
