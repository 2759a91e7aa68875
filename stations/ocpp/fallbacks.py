"""The shortest valid answer of a message whose answer is not empty: for our own failures only."""

from collections.abc import Callable, Mapping

from stations.metering.facts import Json, Outcome, StationView
from stations.ocpp.kept import Answer
from stations.ocpp.v16 import start_transaction
from stations.ocpp.v21 import get_certificate_chain_status
from stations.ocpp.words import wire_instant

INVALID = {"status": "Invalid"}


def fallback(station: StationView, action: str) -> Answer:
    """Return how a message is answered whose handler failed: kept, and nothing promised."""

    def give(outcome: Outcome) -> Json:
        say = TIMED.get(action)
        if say is not None:
            return say(station, outcome)
        if action == "Authorize":
            return {"idTagInfo" if station.version == "1.6" else "idTokenInfo": INVALID}
        return FIXED.get(action, {})

    return give


def _booted(station: StationView, outcome: Outcome) -> Json:
    return {
        "status": "Accepted",
        "currentTime": wire_instant(outcome.received_at),
        "interval": station.heartbeat_interval_s,
    }


TIMED: Mapping[str, Callable[[StationView, Outcome], Json]] = {
    "BootNotification": _booted,
    "Heartbeat": lambda _, outcome: {"currentTime": wire_instant(outcome.received_at)},
    "StartTransaction": lambda _, outcome: start_transaction.answer(outcome),
    "GetCertificateChainStatus": lambda _, outcome: {
        "certificateStatus": [get_certificate_chain_status.unknown(outcome.received_at)]
    },
}
FIXED: Mapping[str, Json] = {
    "DataTransfer": {"status": "Rejected"},
    "Get15118EVCertificate": {"status": "Failed", "exiResponse": ""},
    "GetCertificateStatus": {"status": "Failed"},
    "NotifyEVChargingNeeds": {"status": "Rejected"},
    "NotifyEVChargingSchedule": {"status": "Rejected"},
    "OpenPeriodicEventStream": {"status": "Rejected"},
    "PullDynamicScheduleUpdate": {"status": "Rejected"},
    "SignCertificate": {"status": "Rejected"},
    "VatNumberValidation": {"status": "Rejected", "vatNumber": ""},
}
