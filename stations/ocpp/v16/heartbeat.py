"""Heartbeat: the station lives and asks for the time (OCPP 1.6 §4.6)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, HeartbeatFact, Json, Outcome, StationView
from stations.ocpp.words import wire_instant


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return a sign of life."""
    return Facts((HeartbeatFact(),), answer)


def answer(outcome: Outcome) -> Json:
    """Return our time."""
    return {"currentTime": wire_instant(outcome.received_at)}
