"""What a station still has to send: notes that may be lost, transaction messages that may not."""

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# A charger with little memory drops samples when its queue is long; starts and stops are kept.
ROOM_FOR_SAMPLES = 400


@dataclass(slots=True)
class Transaction:
    """A charging transaction as the station knows it; `id` is None until it is known."""

    uid: str
    connector: int
    token: str
    token_type: str
    started_at: datetime
    meter_start: int
    id: int | str | None = None
    seq: int = 0
    remote_id: int | None = None
    reservation_id: int | None = None
    state: str = "EVConnected"
    charged_s: float = 0.0
    authorized: bool = False

    def next_seq(self) -> int:
        """Return the next sequence number, from 0."""
        self.seq += 1
        return self.seq - 1


@dataclass(slots=True)
class Item:
    """One CALL to be made. A durable one is sent until it is answered, always with one content."""

    action: str
    payload: dict[str, Any]
    durable: bool = False
    role: str = ""
    tx: Transaction | None = None
    offline: bool = False
    tries: int = 0
    refusals: int = 0
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    waiter: asyncio.Future[dict[str, Any] | None] | None = None

    def settle(self, answer: dict[str, Any] | None) -> None:
        """Hand the answer (None: there was none) to whoever waits."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(answer)


class Outbox:
    """A queue with a front for what must go first; waiting notes can be dropped, the rest not."""

    def __init__(self) -> None:
        self.front: deque[Item] = deque()
        self.queue: deque[Item] = deque()
        self.held: deque[Item] = deque()
        self.dropped = 0
        self._wake = asyncio.Event()

    def put(self, item: Item) -> None:
        """Queue an item; a sample that finds a full queue is dropped."""
        if item.role == "sample" and len(self.queue) + len(self.held) > ROOM_FOR_SAMPLES:
            self.dropped += 1
            return
        self.queue.append(item)
        self._wake.set()

    def put_front(self, item: Item) -> None:
        """Queue an item before everything else."""
        self.front.append(item)
        self._wake.set()

    def hold(self, item: Item) -> None:
        """Keep an item back until `release`."""
        self.held.append(item)

    def release(self) -> None:
        """Queue what was held back, in its order."""
        while self.held:
            self.put(self.held.popleft())

    async def head(self) -> Item:
        """Wait for the next item and return it without removing it."""
        while not self.front and not self.queue:
            self._wake.clear()
            await self._wake.wait()
        return self.front[0] if self.front else self.queue[0]

    def remove(self, item: Item) -> None:
        """Take out an item that is done."""
        for line in (self.front, self.queue):
            if line and line[0] is item:
                line.popleft()
                return
        for line in (self.front, self.queue):
            if item in line:
                line.remove(item)
                return

    def drop_notes(self) -> None:
        """Forget everything that need not survive a lost connection."""
        for item in (*self.front, *self.queue):
            if not item.durable:
                item.settle(None)
        self.front.clear()
        self.queue = deque(item for item in self.queue if item.durable)

    def durable(self) -> list[Item]:
        """Return what must still be sent, in order."""
        return [item for item in (*self.queue, *self.held) if item.durable]
