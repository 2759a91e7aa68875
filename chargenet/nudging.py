"""Open pages are told that something changed: never what, so a nudge shows nothing to anybody."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from chargenet.core import events
from chargenet.core.events import Event

logger = logging.getLogger(__name__)

# What an open work queue, ticket or station shows at once; the rest is found by its polling.
SHOWN: Final = frozenset({Event.TICKET_CHANGED, Event.FAULT_OPENED, Event.FAULT_CLEARED})
# A worker waits this long for a Redis that is mute; the pages poll behind it.
WITHIN_S: Final = 1.0
CHANGED: Final = "page.changed"
CHECK: Final = "page.check"


def operator_group(operator_id: int) -> str:
    """Return the group of everybody who looks at an operator's network."""
    return f"operator.{operator_id}"


def person_group(user_id: int) -> str:
    """Return the group of one person's open pages."""
    return f"person.{user_id}"


def push(news: Iterable[events.News]) -> None:
    """Nudge the open pages of each operator the news is about, each once."""
    operators = {
        ids["operator_id"] for event, ids in news if event in SHOWN if "operator_id" in ids
    }
    _send([operator_group(each) for each in sorted(operators)], CHANGED)


def check_person(user_id: int) -> None:
    """Let a person's open pages ask whether they may still listen."""
    _send([person_group(user_id)], CHECK)


def _send(groups: list[str], kind: str) -> None:
    if not groups or _is_in_loop():
        return
    try:
        async_to_sync(_send_all)(groups, kind)
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("open pages not nudged, they will poll error=%s", error)


async def _send_all(groups: list[str], kind: str) -> None:
    layer = get_channel_layer()
    assert layer is not None, "CHANNEL_LAYERS names one"
    async with asyncio.timeout(WITHIN_S):
        for group in groups:
            await layer.group_send(group, {"type": kind})


def _is_in_loop() -> bool:
    """Return whether this thread runs an event loop, which must never wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
