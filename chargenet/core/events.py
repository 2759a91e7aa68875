"""News between the floors: ids only, sent after commit; a nudge, never the truth."""

import logging
from collections.abc import Callable, Mapping
from enum import StrEnum

from django.db import transaction

logger = logging.getLogger(__name__)


class Event(StrEnum):
    """What can have happened; `chargenet.wiring` says who is woken."""

    STATION_CONNECTED = "station_connected"
    STATION_DISCONNECTED = "station_disconnected"
    STATION_REPORTED = "station_reported"
    STATUS_CHANGED = "status_changed"
    OBSERVATION_RECORDED = "observation_recorded"
    IMPAIRMENT_CHANGED = "impairment_changed"
    SESSION_STARTED = "session_started"
    SESSION_COMPLETED = "session_completed"
    COMMAND_FINISHED = "command_finished"
    CDR_RATED = "cdr_rated"
    INVOICE_ISSUED = "invoice_issued"
    INVOICE_RUN_ASKED = "invoice_run_asked"
    PAYMENT_REPORTED = "payment_reported"
    PAYMENT_SETTLED = "payment_settled"
    REFUND_MADE = "refund_made"
    CUSTOMER_ERASED = "customer_erased"
    FAULT_OPENED = "fault_opened"
    FAULT_CLEARED = "fault_cleared"
    TICKET_CHANGED = "ticket_changed"
    TRIAL_ASKED = "trial_asked"


News = tuple[Event, Mapping[str, int]]
Transport = Callable[[list[News]], None]


def _nowhere(news: list[News]) -> None:
    logger.debug("events before wiring n=%d", len(news))


_transport: Transport = _nowhere


def bind_transport(transport: Transport) -> Transport:
    """Say how news travels and return how it did; called by `chargenet.wiring` at start."""
    global _transport
    before, _transport = _transport, transport
    return before


class _Parcel:
    """News of one transaction, or of one savepoint of it, that leaves together."""

    def __init__(self) -> None:
        # each piece once, in its order
        self.news: dict[tuple[Event, tuple[tuple[str, int], ...]], News] = {}

    def add(self, event: Event, ids: Mapping[str, int]) -> None:
        self.news[event, tuple(sorted(ids.items()))] = (event, ids)

    def send(self) -> None:
        send_now(list(self.news.values()))


def publish(event: Event, **ids: int) -> None:
    """Send one piece of news when the transaction commits, with all others of it, each once.

    Only ids. A lost nudge is found by the subscriber's sweep, so failure is logged, never raised.
    """
    parcel = _open_parcel()
    if parcel is not None:
        parcel.add(event, ids)
        return
    parcel = _Parcel()
    parcel.add(event, ids)
    transaction.on_commit(parcel.send, robust=True)


def _open_parcel() -> _Parcel | None:
    """Return the parcel that goes, or is thrown away, with what is written now."""
    connection = transaction.get_connection()
    if not connection.in_atomic_block or not connection.run_on_commit:
        return None
    savepoints, callback, _ = connection.run_on_commit[-1]
    parcel = getattr(callback, "__self__", None)
    # a savepoint that is rolled back takes its own callbacks with it, and no others
    is_same = isinstance(parcel, _Parcel) and savepoints == set(connection.savepoint_ids)
    return parcel if is_same else None


def send_now(news: list[News]) -> None:
    """Send news of facts that are already committed, in one pipeline."""
    if news:
        _transport(news)
