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
    PAYMENT_REPORTED = "payment_reported"
    PAYMENT_SETTLED = "payment_settled"
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


def publish(event: Event, **ids: int) -> None:
    """Send one piece of news when the transaction commits.

    Only ids. A lost nudge is found by the subscriber's sweep, so failure is logged, never raised.
    """

    # a closure: Django 5.2 asks a robust callback for its __qualname__, which a partial lacks
    def send() -> None:
        send_now([(event, ids)])

    transaction.on_commit(send, robust=True)


def send_now(news: list[News]) -> None:
    """Send news of facts that are already committed, in one pipeline."""
    if news:
        _transport(news)
