"""What the socket asks of floors above it, bound at start: a price, as text for the wire.

It is asked after commit, for a few milliseconds, and only for stations that have a screen; what is
not known by then is left out of the answer and follows as a call (OCPP 2.0.1 I02, I03).
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final, Protocol

from django.conf import settings
from django.db import Error, connection

from stations.metering.facts import Fact, TransactionFact
from stations.models import Screen, Session

logger = logging.getLogger(__name__)

WITHIN_S: Final = settings.COST_WITHIN_MS / 1000
THREADS: Final = 2
MOST_AT_ONCE: Final = 8
# How long what is known of screens is good for.
FRESH_S: Final = 5.0


class CostSource(Protocol):
    """Who knows what a session costs; billing, bound by `chargenet.wiring`."""

    def costs_of(self, session_ids: Sequence[int], as_of: datetime) -> Mapping[int, str]:
        """Return what sessions cost so far, ready for the wire; an unknown one is left out."""


class CostDesk:
    """Asks for prices beside the sockets, and never keeps one waiting.

    Each of its threads keeps its connection: opening one costs more than a price may take.
    """

    def __init__(self) -> None:
        self._source: CostSource | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="cost")
        self._shown: frozenset[int] = frozenset()
        self._read_at = 0.0
        self._reading: Future[None] | None = None
        self._asked = 0

    def bind(self, source: CostSource | None) -> None:
        """Say who knows prices; None is nobody."""
        self._source = source
        self._read_at = 0.0

    def wants(self, station_id: int) -> bool:
        """Say whether a station shows its driver what a session costs; never waits for it."""
        if self._source is None:
            return False
        now = time.monotonic()
        if now - self._read_at > FRESH_S and (self._reading is None or self._reading.done()):
            self._read_at = now
            self._reading = self._threads.submit(self._read_screens)
        return station_id in self._shown

    async def cost_of(self, station_id: int, transaction: str, as_of: datetime) -> str:
        """Return what a session costs so far, or an empty text where nobody knows in time."""
        if self._source is None or self._asked >= MOST_AT_ONCE:
            return ""
        self._asked += 1
        asked = self._threads.submit(self._ask, station_id, transaction, as_of)
        asked.add_done_callback(self._answered)
        try:
            async with asyncio.timeout(WITHIN_S):
                return await asyncio.wrap_future(asked)
        except TimeoutError:
            return ""

    def _answered(self, _: Future[str]) -> None:
        self._asked -= 1

    def _ask(self, station_id: int, transaction: str, as_of: datetime) -> str:
        source = self._source
        if source is None:
            return ""
        try:
            session_id = (
                Session.objects.filter(station_id=station_id, ocpp_transaction_id=transaction)
                .values_list("pk", flat=True)
                .first()
            )
            if session_id is None:
                return ""
            return source.costs_of([session_id], as_of).get(session_id, "")
        except Exception:
            # Whatever billing does wrong: the answer leaves without a price.
            logger.exception("no cost station=%s", station_id)
            connection.close()
            return ""

    def _read_screens(self) -> None:
        try:
            rows = Screen.objects.filter(shows_cost=True).values_list("station_id", flat=True)
            self._shown = frozenset(rows)
        except Error as error:
            logger.warning("screens not read error=%s", error)
            connection.close()


desk = CostDesk()


def event_of(facts: Sequence[Fact]) -> TransactionFact | None:
    """Return the 2.x event a frame is, whose answer may carry a price."""
    return facts[0] if facts and isinstance(facts[0], TransactionFact) else None


def with_cost(answer: bytes, cost: str) -> bytes:
    """Return an answer's payload with the cost; 0.00 is free, absent is unknown (I03.FR.04)."""
    if not cost:
        return answer
    rest = b"," + answer[1:] if answer != b"{}" else b"}"
    return b'{"totalCost":' + cost.encode() + rest
