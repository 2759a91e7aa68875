"""A hole in the work of a batch costs that batch, never the task that works all of them."""

import asyncio
from collections.abc import Sequence

import pytest

from stations.ocpp.batch import Batcher
from stations.ocpp.store import StoreAway


@pytest.mark.parametrize("hole", [RuntimeError, AssertionError, TimeoutError, KeyError])
def test_a_hole_in_the_work_fails_its_batch_and_the_next_one_is_worked(
    hole: type[Exception],
) -> None:
    async def work(items: list[str]) -> Sequence[str]:
        if "bad" in items:
            raise hole
        return [item.upper() for item in items]

    async def script() -> str:
        batcher: Batcher[str, str] = Batcher(work)
        task = asyncio.create_task(batcher.run())
        with pytest.raises(StoreAway):
            await asyncio.wait_for(batcher.submit("bad"), 5)
        answer = await asyncio.wait_for(batcher.submit("good"), 5)
        task.cancel()
        return answer

    assert asyncio.run(script()) == "GOOD"


def test_too_few_results_fail_the_batch() -> None:
    async def work(items: list[str]) -> Sequence[str]:
        return items[1:]

    async def script() -> None:
        batcher: Batcher[str, str] = Batcher(work)
        task = asyncio.create_task(batcher.run())
        for _ in range(2):
            with pytest.raises(StoreAway):
                await asyncio.wait_for(batcher.submit("one"), 5)
        task.cancel()

    asyncio.run(script())
