"""A gateway with a defect a test asks for by environment; never a part of the product.

CHAOS_DIE_AFTER_COMMIT=ACTION dies after that action is stored and before it is answered;
CHAOS_CALL_TIMEOUT_S shortens how long a charger may take to answer us.
"""

import os
import signal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")

import django

django.setup()

from stations.ocpp import batch, desk  # noqa: E402

DOOMED = os.environ.get("CHAOS_DIE_AFTER_COMMIT", "")
if timeout := os.environ.get("CHAOS_CALL_TIMEOUT_S"):
    given = desk.CommandDesk.__init__.__defaults__ or ()
    desk.CommandDesk.__init__.__defaults__ = (*given[:-1], float(timeout))

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
