"""Our call to a station: one is open at a time, and ends with its answer, too late, or never."""

import asyncio
import logging
import uuid
from dataclasses import dataclass

from stations.ocpp.framing import Reply
from stations.ocpp.socket import LinkClosed, Socket

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """The station's answer to a call of ours, read, and as it came."""

    reply: Reply
    text: str


class OpenCall:
    """The call that waits for its answer, if there is one."""

    __slots__ = ("_future", "_message_id")

    def __init__(self) -> None:
        self._message_id = ""
        self._future: asyncio.Future[Answered] | None = None

    async def make(
        self, socket: Socket, message_id: str, frame: bytes, timeout_s: float
    ) -> Answered:
        """Send a call and return its answer; raises TimeoutError or LinkClosed."""
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._message_id, self._future = message_id, future
        try:
            await socket.send(frame)
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            self._message_id, self._future = "", None

    def settle(self, answered: Answered) -> bool:
        """Give the open call its answer; says whether anybody waits for it."""
        if self._future is None or self._message_id != answered.reply.message_id:
            logger.info("answer without a call id=%s", answered.reply.message_id)
            return False
        if not self._future.done():
            self._future.set_result(answered)
        return True

    def fail(self) -> None:
        """End the open call: its answer cannot come any more."""
        if self._future is not None and not self._future.done():
            self._future.set_exception(LinkClosed())


def new_message_id() -> str:
    """Return an id no call of ours ever had."""
    return str(uuid.uuid4())
