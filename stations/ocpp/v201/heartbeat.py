"""Heartbeat: the station lives and asks for the time (OCPP 2.0.1 G02)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, HeartbeatFact, Json, Outcome, StationView
from stations.ocpp.words import wire_instant


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return a sign of life."""
    return Facts((HeartbeatFact(),), answer)


def answer(outcome: Outcome) -> Json:
    """Return our time (G02.FR.03)."""
    return {"currentTime": wire_instant(outcome.received_at)}
