"""What every version asks in fields of its own: may this token charge, may this station begin."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stations.metering.facts import (
    AuthorizeFact,
    BootFact,
    Facts,
    Json,
    Outcome,
    StationView,
    TokenFact,
)
from stations.ocpp.kept import Answer, report
from stations.ocpp.words import wire_instant

STATUS = {"pending": "Pending", "rejected": "Rejected"}


def authorized(token: TokenFact | None, answer: Answer) -> Facts:
    """Return the question whether a token may charge; an empty token is no token."""
    return Facts((AuthorizeFact(token or TokenFact("")),), answer)


def booted(
    station: StationView, received_at: datetime, fact: BootFact, payload: Mapping[str, Any]
) -> Facts:
    """Return what a station says of itself, and whether it may begin."""
    interval_s = station.heartbeat_interval_s

    def answer(outcome: Outcome) -> Json:
        return {
            "status": STATUS.get(outcome.registration, "Accepted"),
            "currentTime": wire_instant(received_at),
            "interval": interval_s,
        }

    return Facts((fact, report("BootNotification", payload)), answer)
