"""A line that can be cut or stopped: chargers to the gateway, or the gateway to the store."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from pathlib import Path


class Line:
    """Carries bytes from one address to another; knows every connection it carries.

    `is_stopped` swallows nothing and passes nothing on; `lose` is asked for each piece on its way
    back, and a piece that is lost takes its connection with it.
    """

    def __init__(self, upstream: Path | int, *, listen: Path | None = None) -> None:
        self.upstream = upstream
        self.listen = listen
        self.port = 0
        self.is_cut = False
        self.lost = 0
        self.lose: Callable[[bytes], bool] = lambda _: False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Line":
        if self.listen is not None:
            self._server = await asyncio.start_unix_server(self._carry, self.listen)
        else:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.stop(False)
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection, and let no new one through until `mend`."""
        self.is_cut = True
        for task in self._tasks:
            task.cancel()

    def mend(self) -> None:
        """Let new connections through again."""
        self.is_cut = False

    def stop(self, is_stopped: bool = True) -> None:
        """Hold every byte back, as a dead line does; or let them flow again."""
        if is_stopped:
            self._flowing.clear()
        else:
            self._flowing.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is carried by a task"
        self._tasks.add(task)
        up: asyncio.StreamWriter | None = None
        try:
            if self.is_cut:
                return
            if isinstance(self.upstream, int):
                back, up = await asyncio.open_connection("127.0.0.1", self.upstream)
            else:
                back, up = await asyncio.open_unix_connection(self.upstream)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, up, is_back=False))
                both.create_task(self._pump(back, writer, is_back=True))
        except* (OSError, asyncio.CancelledError, ConnectionResetError):
            pass
        finally:
            for end in (writer, up):
                if end is not None:
                    end.transport.abort()
            self._tasks.discard(task)

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_back: bool
    ) -> None:
        while piece := await source.read(65536):
            await self._flowing.wait()
            if is_back and self.lose(piece):
                self.lost += 1
                break
            target.write(piece)
            with contextlib.suppress(OSError):
                await target.drain()
        raise ConnectionResetError


def sometimes(share: float, seed: int) -> Callable[[bytes], bool]:
    """Return a judge that loses a share of the pieces, never the handshake."""
    chance = random.Random(seed)
    return lambda piece: not piece.startswith(b"HTTP/") and chance.random() < share
