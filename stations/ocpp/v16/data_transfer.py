"""DataTransfer: a vendor's own words (OCPP 1.6 §4.3)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, Json, NoticeFact, Outcome, StationView
from stations.ocpp.words import text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the vendor's message; none is spoken here yet, so the vendor is unknown to us."""
    fact = NoticeFact(
        kind="data_transfer",
        occurred_at=received_at,
        detail={"vendor": text(payload, "vendorId"), "message": text(payload, "messageId", 50)},
    )
    return Facts((fact,), answer)


def answer(_: Outcome) -> Json:
    """Return that we do not speak this vendor's language."""
    return {"status": "UnknownVendorId"}
