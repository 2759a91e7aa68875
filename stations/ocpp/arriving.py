"""An understood call on its way into a batch."""

from datetime import datetime
from functools import partial
from hashlib import blake2b

from stations import secrets
from stations.metering.facts import StationView
from stations.ocpp import framing
from stations.ocpp.framing import Call
from stations.ocpp.routing import Understood
from stations.sessions import Arrival

# What has no field for a secret is not searched for one: four microseconds of every sample.
WITHOUT_SECRETS = {"Heartbeat", "MeterValues", "StatusNotification"}


def arrival_of(
    understood: Understood, view: StationView, received_at: datetime, text: str
) -> Arrival:
    """Return what a batch stores of a call, and how it is answered."""
    call = understood.call
    raw = text.encode("utf-8", "replace")
    canonical = call.canonical or framing.encode(call.payload)
    return Arrival(
        station=view,
        received_at=received_at,
        action=call.action,
        raw=raw if _has_no_secret(call) else secrets.hidden_frame(raw),
        payload_hash=blake2b(canonical, digest_size=16).digest(),
        facts=understood.facts,
        render=understood.render,
        wrap=_unanswered if call.is_send else partial(framing.result_frame, call.message_id),
        message_id=call.message_id,
    )


def _has_no_secret(call: Call) -> bool:
    if call.action == "TransactionEvent":
        return "idToken" not in call.payload  # a PIN is one (C04.FR.04)
    return call.action in WITHOUT_SECRETS


def _unanswered(_: bytes) -> bytes:
    return b""
