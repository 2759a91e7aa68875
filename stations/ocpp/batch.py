"""The group commit: frames of a few milliseconds, one transaction, then the answers."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from operator import attrgetter
from typing import Generic, TypeVar

import psycopg

from chargenet.core.events import News
from stations import sessions
from stations.ocpp.store import Store, StoreAway
from stations.sessions import Arrival, Places, Recorded

logger = logging.getLogger(__name__)

MAX_BATCH = 500
# Lanes beside the batch for stations one of whose rows somebody holds: each has a connection.
LANES = 4
# Batches under way at once: while the store writes one, the next one is read and decided.
AT_ONCE = 2
# Frames a further batch is worth beginning for: its price is fixed, and a quiet network needs one.
ENOUGH = 64

Item = TypeVar("Item")
Result = TypeVar("Result")
Waiting = tuple[Item, Callable[[Result | StoreAway], None]]


class Batcher(Generic[Item, Result]):
    """Natural batching: while batches are at work, the next one gathers.

    Items of one key are never in two batches at once, and keep their order.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Sequence[Result]]],
        *,
        at_once: int = 1,
        key: Callable[[Item], Hashable] = id,
    ) -> None:
        self._work = work
        self._at_once = at_once
        self._key = key
        self._waiting: deque[Waiting[Item, Result]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._batches = 0
        self._at_work = 0
        # What the batches at work hold; nobody asks where there is only one.
        self._held: set[Hashable] = set()

    def put(self, item: Item, then: Callable[[Result | StoreAway], None]) -> None:
        """Put an item into the next batch; `then` is called with what became of it."""
        self._waiting.append((item, then))
        if self._idle and self._is_worth_it():
            self._idle.pop().set_result(None)

    def count(self) -> int:
        """Return how many items are at work or wait for the next batch."""
        return self._at_work + len(self._waiting)

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Put an item into the next batch and return the future of its result."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.put(item, partial(_settle, future))
        return future

    async def run(self) -> None:
        """Work batch after batch until cancelled."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._at_once):
                workers.create_task(self._work_on())

    def _is_worth_it(self) -> bool:
        """Say whether to begin a batch: the first one at once, a further one for many."""
        return not self._batches or len(self._waiting) >= ENOUGH

    async def _work_on(self) -> None:
        while True:
            taken = self._take() if self._is_worth_it() else []
            if not taken:
                await self._called()
                continue
            keys = [self._key(item) for item, _ in taken] if self._at_once > 1 else []
            self._held.update(keys)
            self._batches += 1
            self._at_work += len(taken)
            try:
                await self._settle(taken)
            finally:
                self._held.difference_update(keys)
                self._batches -= 1
                self._at_work -= len(taken)

    async def _called(self) -> None:
        """Wait until there is something worth taking."""
        call: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append(call)
        try:
            await call
        finally:
            if call in self._idle:
                self._idle.remove(call)

    def _take(self) -> list[Waiting[Item, Result]]:
        """Return the next batch, without what another one holds."""
        count = min(len(self._waiting), MAX_BATCH)
        if not self._held:
            return [self._waiting.popleft() for _ in range(count)]
        taken: list[Waiting[Item, Result]] = []
        passed: list[Waiting[Item, Result]] = []
        while self._waiting and len(taken) < MAX_BATCH:
            one = self._waiting.popleft()
            (passed if self._key(one[0]) in self._held else taken).append(one)
        self._waiting.extendleft(reversed(passed))
        return taken

    async def _settle(self, taken: list[Waiting[Item, Result]]) -> None:
        settled: Sequence[Result | StoreAway]
        try:
            settled = await self._work([item for item, _ in taken])
            if len(settled) != len(taken):
                raise AssertionError(f"{len(settled)} results for {len(taken)} items")
        except StoreAway as away:
            settled = [away] * len(taken)
        except Exception as hole:
            # Whatever it is: a task that ends here would leave every station waiting for ever.
            if _is_busy(hole):
                logger.warning("batch waited too long n=%d error=%s", len(taken), hole)
            else:
                logger.exception("batch failed n=%d", len(taken))
            settled = [StoreAway(f"{type(hole).__name__}: {hole}")] * len(taken)
        for (_, then), result in zip(taken, settled, strict=True):
            try:
                then(result)
            except Exception:
                # One connection's trouble with its answer must leave no other one waiting.
                logger.exception("answer not taken")


class FrameWriter:
    """The only bridge from frames to rows: `answer_batch` is what a batch goes through.

    Where a batch waited for a row somebody holds, its stations go on one by one in lanes beside
    it, until each has written again: the one that is held makes nobody else wait.
    """

    def __init__(self, store: Store, tell: Callable[[list[News]], None]) -> None:
        self._store = store
        self._tell = tell
        self.places = Places()
        self._batcher: Batcher[Arrival, Recorded] = Batcher(
            self.answer_batch, at_once=AT_ONCE, key=attrgetter("station.id")
        )
        # The connections no batch at work has; the last one given back goes out first.
        self._free = [f"frames-{number}" for number in range(AT_ONCE)]
        self._held: set[int] = set()
        self._lanes: list[Batcher[Arrival, Recorded]] = [
            Batcher(partial(self._answer_alone, f"lane-{number}")) for number in range(LANES)
        ]

    def submit(self, arrival: Arrival) -> asyncio.Future[Recorded]:
        """Hand over a frame; the future holds its answer once it is committed."""
        return self._way_of(arrival).submit(arrival)

    def put(self, arrival: Arrival, then: Callable[[Recorded | StoreAway], None]) -> None:
        """Hand over a frame; `then` is called once it is committed, or where it could not be."""
        self._way_of(arrival).put(arrival, then)

    def count(self) -> int:
        """Return how many frames are at work or wait for the next batch."""
        return self._batcher.count()

    def _way_of(self, arrival: Arrival) -> Batcher[Arrival, Recorded]:
        if self._held and arrival.station.id in self._held:
            return self._lanes[arrival.station.id % LANES]
        return self._batcher

    async def run(self) -> None:
        """Write batch after batch until cancelled."""
        await asyncio.gather(self._batcher.run(), *(lane.run() for lane in self._lanes))

    async def _answer_alone(self, name: str, arrivals: list[Arrival]) -> list[Recorded]:
        """Store the frames of stations with held rows, each in a transaction of its own."""
        recorded = []
        for arrival in arrivals:
            try:
                async with self._store.use(name) as connection:
                    # What is remembered of places and sessions is the batch's own.
                    batch = await sessions.record_batch(connection, [arrival], places=Places())
            except StoreAway:
                raise
            except Exception as error:  # noqa: BLE001  it is judged where every other one is
                if _is_held(error):
                    recorded.append(Recorded("later"))
                    continue
                self._held.discard(arrival.station.id)
                recorded += await self._halve([arrival], error)
                continue
            self._tell(batch.news)
            recorded += batch.recorded
            if batch.recorded[0].state != "later":
                self._held.discard(arrival.station.id)
        return recorded

    async def answer_batch(self, arrivals: list[Arrival]) -> list[Recorded]:
        """Store frames and return their answers; the news of what became true goes out.

        A batch that fails on its data is halved until the guilty frame stands alone; that one
        becomes a row of its own, with a valid answer. Raises StoreAway.
        """
        return await self._record(arrivals)

    async def _record(self, arrivals: list[Arrival]) -> list[Recorded]:
        name = self._free.pop()
        try:
            async with self._store.use(name) as connection:
                batch = await sessions.record_batch(connection, arrivals, places=self.places)
        except StoreAway:
            self.places = Places()
            raise
        except Exception as error:  # noqa: BLE001  one frame nobody foresaw must cost no other
            hole = error
        else:
            self._tell(batch.news)
            return batch.recorded
        finally:
            self._free.append(name)
        return await self._halve(arrivals, hole)

    async def _halve(self, arrivals: list[Arrival], error: Exception) -> list[Recorded]:
        for arrival in arrivals:
            self.places.forget(arrival.station.id)
        if _is_held(error):
            # Which of them it was shows in the lanes, where it costs the others nothing.
            self._held.update(arrival.station.id for arrival in arrivals)
            return [Recorded("later")] * len(arrivals)
        if len(arrivals) > 1:
            middle = len(arrivals) // 2
            return [
                *await self._record(arrivals[:middle]),
                *await self._record(arrivals[middle:]),
            ]
        (arrival,) = arrivals
        if arrival.failure or _is_busy(error):
            return [Recorded("later")]
        logger.error(
            "frame set aside station=%s action=%s",
            arrival.station.id,
            arrival.action,
            exc_info=error,
        )
        arrival.failure = f"{type(error).__name__}: {error}"
        return await self._record(arrivals)


def _settle(future: asyncio.Future[Result], result: Result | StoreAway) -> None:
    if future.done():
        return
    if isinstance(result, StoreAway):
        future.set_exception(result)
        # a socket that is gone meanwhile never asks for it
        future.exception()
    else:
        future.set_result(result)


def _is_held(error: Exception) -> bool:
    """Say whether somebody else held a row: a lock, a deadlock, a conflict."""
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return state in {"55P03", "40P01", "40001"}


def _is_busy(error: Exception) -> bool:
    """Say whether the store was slow or a row was held, which is no fault of the frame."""
    return _is_held(error) or (isinstance(error, psycopg.Error) and error.sqlstate == "57014")
