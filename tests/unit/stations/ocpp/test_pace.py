"""Newcomers are let in at a pace, in order, and never at the cost of those who are in."""

import asyncio

import pytest

from stations.ocpp import pace
from stations.ocpp.pace import ALONE, BESIDE, MANY_FRAMES, Pace


@pytest.mark.parametrize(("frames", "room"), [(0, ALONE), (MANY_FRAMES + 1, BESIDE)])
def test_fewer_come_in_while_frames_wait(frames: int, room: int) -> None:
    async def script() -> list[int]:
        found = Pace(lambda: frames)
        entered: list[int] = []

        async def knock(number: int) -> None:
            assert await found.turn()
            entered.append(number)

        knocks = [asyncio.create_task(knock(n)) for n in range(ALONE * 2)]
        await asyncio.sleep(0)
        found.let_in()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for task in knocks:
            task.cancel()
        return entered

    assert asyncio.run(script()) == list(range(room))


def test_who_went_away_takes_nobodys_place() -> None:
    async def script() -> int:
        found = Pace(lambda: MANY_FRAMES + 1)
        knocks = [asyncio.create_task(found.turn()) for _ in range(BESIDE * 3)]
        await asyncio.sleep(0)
        for task in knocks[: BESIDE * 2]:
            task.cancel()
        await asyncio.sleep(0)
        found.let_in()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return sum(task.done() and not task.cancelled() for task in knocks)

    assert asyncio.run(script()) == BESIDE


def test_everybody_comes_in_and_too_many_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_WAITING", 30)
    monkeypatch.setattr(pace, "EVERY_S", 0)

    async def script() -> list[bool]:
        found = Pace(lambda: 0)
        knocks = [asyncio.create_task(found.turn()) for _ in range(35)]
        await asyncio.sleep(0)
        run = asyncio.create_task(found.run())
        let_in = await asyncio.gather(*knocks)
        run.cancel()
        return let_in

    assert asyncio.run(script()) == [True] * 30 + [False] * 5
