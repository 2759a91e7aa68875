"""A gateway with a defect a test asks for by environment; never a part of the product.

CHAOS_DIE_AFTER_COMMIT=ACTION dies after that action is stored and before it is answered;
CHAOS_CALL_TIMEOUT_S shortens how long a charger may take to answer us, CHAOS_SENT_WITHIN_S how
long it may read nothing and has it told what waited then.
"""

import logging
import os
import signal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")

import django

django.setup()

from stations.ocpp import batch, desk, socket  # noqa: E402

DOOMED = os.environ.get("CHAOS_DIE_AFTER_COMMIT", "")
if timeout := os.environ.get("CHAOS_CALL_TIMEOUT_S"):
    given = desk.CommandDesk.__init__.__defaults__ or ()
    desk.CommandDesk.__init__.__defaults__ = (*given[:-1], float(timeout))
if within := os.environ.get("CHAOS_SENT_WITHIN_S"):
    socket.SENT_WITHIN_S = float(within)
    cut = socket.Socket.cut

    def cut_and_tell(self: socket.Socket) -> None:
        size = self._protocol.transport.get_write_buffer_size()
        logging.getLogger(__name__).warning("cut off, waiting bytes=%d", size)
        cut(self)

    socket.Socket.cut = cut_and_tell  # type: ignore[method-assign]

answer_batch = batch.FrameWriter.answer_batch


async def die_after_commit(self: batch.FrameWriter, arrivals: list[Any]) -> list[Any]:
    recorded = await answer_batch(self, arrivals)
    for arrival, row in zip(arrivals, recorded, strict=True):
        if arrival.action == DOOMED and row.state == "stored":
            os.kill(os.getpid(), signal.SIGKILL)
    return recorded


if DOOMED:
    batch.FrameWriter.answer_batch = die_after_commit  # type: ignore[method-assign]

from chargenet.gateway import application  # noqa: E402

__all__ = ["application"]
