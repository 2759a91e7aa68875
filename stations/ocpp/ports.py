"""What the socket asks of floors above it, bound at start: a price, as text for the wire.

It is asked after commit, for a few milliseconds, and only for stations that have a screen; what is
not known by then is left out of the answer and follows as a call (OCPP 2.0.1 I02, I03).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final, Protocol

from django.conf import settings
from django.db import Error, connection
from django.db.models import Q

from stations import displays
from stations.metering.facts import AuthorizeFact, Fact, StationView, TransactionFact
from stations.models import Screen, Session
from stations.ocpp import codes
from stations.sessions import Arrival, Recorded

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

    def tariff_of(self, station_id: int, uid: str, as_of: datetime) -> str:
        """Return the tariff of a token's own, ready for the wire; empty where it has none."""


Ask = Callable[[CostSource, int, str, datetime], str]


class CostDesk:
    """Asks for prices beside the sockets, and never keeps one waiting.

    Each of its threads keeps its connection: opening one costs more than a price may take.
    """

    def __init__(self) -> None:
        self._source: CostSource | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="cost")
        self._shown: frozenset[int] = frozenset()
        self._reckons: frozenset[int] = frozenset()
        self._read_at = 0.0
        self._reading: Future[None] | None = None
        self._asked = 0

    def bind(self, source: CostSource | None) -> None:
        """Say who knows prices; None is nobody."""
        self._source = source
        self._read_at = 0.0

    def wants(self, station_id: int) -> bool:
        """Say whether a station shows its driver what a session costs; never waits for it."""
        self._refresh()
        return station_id in self._shown

    def reckons(self, station_id: int) -> bool:
        """Say whether a station reckons with tariffs itself (2.1 I08); never waits for it."""
        self._refresh()
        return station_id in self._reckons

    def _refresh(self) -> None:
        now = time.monotonic()
        if self._source is None or now - self._read_at <= FRESH_S:
            return
        if self._reading is None or self._reading.done():
            self._read_at = now
            self._reading = self._threads.submit(self._read_screens)

    async def cost_of(self, station_id: int, transaction: str, as_of: datetime) -> str:
        """Return what a session costs so far, or an empty text where nobody knows in time."""
        return await self._in_time(self._ask_cost, station_id, transaction, as_of)

    async def tariff_of(self, station_id: int, uid: str, as_of: datetime) -> str:
        """Return the tariff of a token's own, or an empty text where nobody knows in time."""
        return await self._in_time(self._ask_tariff, station_id, uid, as_of)

    async def _in_time(self, ask: Ask, station_id: int, key: str, as_of: datetime) -> str:
        if self._source is None or self._asked >= MOST_AT_ONCE:
            return ""
        self._asked += 1
        asked = self._threads.submit(self._ask, ask, station_id, key, as_of)
        asked.add_done_callback(self._answered)
        try:
            async with asyncio.timeout(WITHIN_S):
                return await asyncio.wrap_future(asked)
        except TimeoutError:
            return ""

    def _answered(self, _: Future[str]) -> None:
        self._asked -= 1

    def _ask(self, ask: Ask, station_id: int, key: str, as_of: datetime) -> str:
        if self._source is None:
            return ""
        try:
            return ask(self._source, station_id, key, as_of)
        except Exception:
            # Whatever billing does wrong: the answer leaves without a price.
            logger.exception("no price station=%s", station_id)
            connection.close()
            return ""

    @staticmethod
    def _ask_cost(source: CostSource, station_id: int, transaction: str, as_of: datetime) -> str:
        session_id = (
            Session.objects.filter(station_id=station_id, ocpp_transaction_id=transaction)
            .values_list("pk", flat=True)
            .first()
        )
        return (
            "" if session_id is None else source.costs_of([session_id], as_of).get(session_id, "")
        )

    @staticmethod
    def _ask_tariff(source: CostSource, station_id: int, uid: str, as_of: datetime) -> str:
        screen = Screen.objects.filter(station_id=station_id).first()
        said = displays.Said(text=source.tariff_of(station_id, uid, as_of))
        return "" if screen is None else displays.fitted(screen, said).text

    def _read_screens(self) -> None:
        try:
            rows = Screen.objects.values_list("station_id", "shows_cost", "takes_tariffs")
            found = list(rows.filter(Q(shows_cost=True) | Q(takes_tariffs=True)))
            self._shown = frozenset(each for each, shows_cost, _ in found if shows_cost)
            self._reckons = frozenset(each for each, _, takes in found if takes)
        except Error as error:
            logger.warning("screens not read error=%s", error)
        finally:
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


async def with_own(
    view: StationView, facts: Sequence[Fact], answer: bytes, as_of: datetime
) -> bytes:
    """Return the verdict on a token with the tariff of its own contract (2.1 I08.FR.01)."""
    fact = facts[0] if facts else None
    is_yes = view.version == codes.RICHER and b'"Accepted"' in answer
    if not is_yes or not isinstance(fact, AuthorizeFact):
        return answer
    tariff = await desk.tariff_of(view.id, fact.token.uid, as_of)
    return b'{"tariff":' + tariff.encode() + b"," + answer[1:] if tariff else answer


async def frame_of(view: StationView, arrival: Arrival, recorded: Recorded) -> bytes:
    """Return the frame of an answer, with what the session costs and our own words on tokens."""
    facts, at = arrival.facts.facts, arrival.received_at
    if arrival.action == "Authorize" and desk.reckons(view.id):
        return arrival.wrap(await with_own(view, facts, recorded.answer, at))
    if arrival.action != "TransactionEvent" or not desk.wants(view.id):
        return recorded.frame
    event = event_of(facts)
    if event is None or recorded.state != "stored":
        return recorded.frame
    cost = await desk.cost_of(view.id, event.transaction, at)
    return arrival.wrap(with_cost(recorded.answer, cost))
