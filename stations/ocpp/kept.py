"""Messages that are kept and answered, and mean nothing more to us yet."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, Json, NoticeFact, Outcome, StationView
from stations.ocpp.words import text

Handle = Callable[[StationView, datetime, dict[str, Any]], Facts]


def keeper(kind: str = "", **answer: object) -> Handle:
    """Return a handler that notes a kind of message with its status and gives one fixed answer.

    Without a kind only the frame is kept.
    """

    def give(_: Outcome) -> Json:
        return answer

    def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
        if not kind:
            return Facts((), give)
        detail = {"status": text(payload, "status", 40)}
        return Facts((NoticeFact(kind=kind, occurred_at=received_at, detail=detail),), give)

    return handle
