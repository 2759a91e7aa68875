"""VatNumberValidation: is this a company's VAT number? (OCPP 2.1 C22)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report
from stations.ocpp.words import integer, text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question; a number nobody verified is not called valid."""
    answer: dict[str, object] = {
        "status": "Rejected",
        "vatNumber": text(payload, "vatNumber", 20),
        "statusInfo": {"reasonCode": "NotVerified"},
    }
    evse = integer(payload, "evseId")
    if evse is not None and evse >= 0:
        answer["evseId"] = evse
    return Facts((report("VatNumberValidation", payload),), always(**answer))
