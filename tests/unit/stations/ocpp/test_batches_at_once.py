"""Two batches may be under way at once: never with the same station, and in each one's order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

import pytest

from stations import sessions
from stations.ocpp import batch
from stations.ocpp.batch import Batcher, FrameWriter
from stations.ocpp.store import Store, StoreAway
from stations.sessions import Places
from stations.sessions.places import ConnectorView

Frame = tuple[int, int]


class SlowStore:
    """Work that ends when it is told to; notes what was under way together."""

    def __init__(self) -> None:
        self.under_way: list[tuple[list[Frame], asyncio.Future[None]]] = []
        self.most = 0
        self.written: list[Frame] = []

    async def work(self, frames: list[Frame]) -> Sequence[Frame]:
        stations = {station for station, _ in frames}
        for others, _ in self.under_way:
            assert stations.isdisjoint(station for station, _ in others)
        entry = (frames, asyncio.get_running_loop().create_future())
        self.under_way.append(entry)
        self.most = max(self.most, len(self.under_way))
        await entry[1]
        self.under_way.remove(entry)
        self.written += frames
        return frames

    async def end(self, number: int) -> None:
        self.under_way[number][1].set_result(None)
        await turns()


async def turns() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def running(store: SlowStore) -> AsyncIterator[Batcher[Frame, Frame]]:
    batcher: Batcher[Frame, Frame] = Batcher(store.work, at_once=2, key=itemgetter(0))
    task = asyncio.create_task(batcher.run())
    await turns()
    yield batcher
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_two_batches_never_hold_one_station_and_each_keeps_its_order() -> None:
    store = SlowStore()

    async def script() -> list[Frame]:
        async with running(store) as batcher:
            futures = []
            # uneven numbers of stations and steps, so that each batch meets others' stations
            for number in range(4_000):
                futures.append(batcher.submit((number * number % 97, number)))
                if number % 50 == 0:
                    await turns()
                if number % 150 == 0 and store.under_way:
                    await store.end(number // 150 % len(store.under_way))
            while store.under_way:
                await store.end(len(store.under_way) - 1)
            assert batcher.count() == 0
            return list(await asyncio.wait_for(asyncio.gather(*futures), 5))

    answered = asyncio.run(script())

    assert store.most == 2
    assert len(store.written) == len(answered) == 4_000
    for station in {station for station, _ in answered}:
        numbers = [number for of, number in store.written if of == station]
        assert numbers == sorted(numbers)


def test_a_frame_of_a_station_in_flight_waits_while_others_pass_it() -> None:
    store = SlowStore()

    async def script() -> None:
        async with running(store) as batcher:
            batcher.submit((1, 0))
            await turns()
            for station in range(1, batch.ENOUGH + 1):
                batcher.submit((station, 1))
            await turns()
            assert [len(frames) for frames, _ in store.under_way] == [1, batch.ENOUGH - 1]
            await store.end(1)
            assert [frames for frames, _ in store.under_way] == [[(1, 0)]]
            await store.end(0)
            assert [frames for frames, _ in store.under_way] == [[(1, 1)]]
            await store.end(0)

    asyncio.run(script())


def test_a_few_frames_wait_for_the_batch_under_way() -> None:
    store = SlowStore()

    async def script() -> None:
        async with running(store) as batcher:
            batcher.submit((0, 0))
            await turns()
            for station in range(1, batch.ENOUGH):
                batcher.submit((station, 0))
            await turns()
            assert len(store.under_way) == 1
            await store.end(0)
            assert [len(frames) for frames, _ in store.under_way] == [batch.ENOUGH - 1]
            await store.end(0)

    asyncio.run(script())


def test_batches_under_way_together_have_a_connection_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[str] = []
    go_on = asyncio.Event()

    class Named:
        @asynccontextmanager
        async def use(self, name: str) -> AsyncIterator[str]:
            assert name not in used, "lent twice"
            used.append(name)
            yield name

    async def record_batch(_: str, arrivals: Sequence[Any], *, places: Places) -> Any:
        await go_on.wait()
        return SimpleNamespace(news=[], recorded=list(arrivals))

    monkeypatch.setattr(sessions, "record_batch", record_batch)

    async def script() -> None:
        writer = FrameWriter(Named(), lambda news: None)  # type: ignore[arg-type]
        arrivals: list[Any] = [SimpleNamespace(station=SimpleNamespace(id=n)) for n in range(99)]
        task = asyncio.create_task(writer.run())
        first = writer.submit(arrivals[0])
        await turns()
        others = [writer.submit(arrival) for arrival in arrivals[1:]]
        await turns()
        assert len(used) == 2
        go_on.set()
        await asyncio.wait_for(asyncio.gather(first, *others), 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(script())


def test_a_store_that_goes_away_ends_what_still_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[bool] = []

    async def script() -> None:
        store = Store(lambda: None)

        class Connection:
            closed = False

            async def close(self) -> None:
                closed.append(is_waiting)

        async def connect() -> Any:
            return Connection()

        monkeypatch.setattr("stations.ocpp.store.connect", connect)
        monkeypatch.setattr("stations.ocpp.store._answers", lambda: asyncio.sleep(0, result=True))
        is_waiting = True

        async def wait() -> None:
            nonlocal is_waiting
            try:
                async with store.use("one"):
                    await asyncio.Event().wait()
            finally:
                is_waiting = False

        waiting = asyncio.create_task(wait())
        await turns()
        with pytest.raises(StoreAway):
            async with store.use("other"):
                raise OSError
        with pytest.raises(StoreAway):
            await asyncio.wait_for(waiting, 5)
        await turns()

    asyncio.run(script())
    assert closed == [False, False]


def test_what_another_batch_works_with_is_not_forgotten_under_it() -> None:
    places = Places()
    for station in (1, 2, 3):
        places.remember(station, ConnectorView(station, 1, 1, None, "", None))
    with places.at_work({1}), places.at_work({2}):
        for station in (1, 2, 3):
            places.forget(station)
        places.refresh([2])
        assert places.missing({1, 2, 3}) == [2, 3]
    places.refresh([2])
    assert places.missing({1, 2, 3}) == [1, 2, 3]
