"""At what pace newcomers are let in: after a cut line a whole network knocks at once.

A handshake costs as much as twenty messages. Whoever is connected is answered first, so while
frames wait to be written newcomers come in a few at a time; otherwise they come in quickly.
"""

import asyncio
from collections import deque
from collections.abc import Callable

# Newcomers let in each time: 100 a second beside others' frames, 500 a second where none wait.
EVERY_S = 0.02
BESIDE, ALONE = 2, 10
# Frames in this batch and the next that are more than a quiet network's.
MANY_FRAMES = 16
# More than these would wait longer than a station waits for its handshake.
MOST_WAITING = 4_000


class Pace:
    """A queue of newcomers, let in at a steady pace."""

    def __init__(self, count_frames: Callable[[], int]) -> None:
        self._count_frames = count_frames
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._wake = asyncio.Event()

    async def turn(self) -> bool:
        """Wait for one's turn; False where too many wait already."""
        if len(self._waiting) >= MOST_WAITING:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._wake.set()
        await turn
        return True

    async def run(self) -> None:
        """Let newcomers in until cancelled."""
        while True:
            await self._wake.wait()
            self.let_in()
            if not self._waiting:
                self._wake.clear()
            await asyncio.sleep(EVERY_S)

    def let_in(self) -> None:
        """Let the next few in; who went away meanwhile takes nobody's place."""
        room = BESIDE if self._count_frames() > MANY_FRAMES else ALONE
        while room and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                room -= 1
