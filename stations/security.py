"""What concerns a station's security, and how much: the words of pages and rules."""

from datetime import datetime, timedelta
from typing import Final

from stations import status
from stations.models import OcppVersion, OrphanStop, Session

# OCPP 2.0.1 part 2, appendix: the types a CSMS has somebody look at.
CRITICAL_TYPES: Final = frozenset(
    {
        "FirmwareUpdated",
        "SettingSystemTime",
        "StartupOfTheDevice",
        "ResetOrReboot",
        "SecurityLogWasCleared",
        "MemoryExhaustion",
        "TamperDetectionActivated",
        "InvalidFirmwareSignature",
        "InvalidFirmwareSigningCertificate",
        "InvalidCsmsCertificate",
        "InvalidChargingStationCertificate",
        "InvalidTLSVersion",
        "InvalidTLSCipherSuite",
        "MaintenanceLoginAccepted",
        "MaintenanceLoginFailed",
    }
)
# 1.6 calls us by another name in the same list.
OTHER_SPELLINGS: Final = {
    "InvalidCentralSystemCertificate": "InvalidCsmsCertificate",
    "InvalidChargePointCertificate": "InvalidChargingStationCertificate",
}
CRITICAL, NOTABLE = "critical", "notable"
LOOKED_BACK: Final = timedelta(hours=1)
MOST_STOPS: Final = 500
# What the gateway saw itself, and how much it weighs.
OWN_KINDS: Final = {
    "authentication_failed": NOTABLE,
    "profile_refused": CRITICAL,
    "certificate_refused": CRITICAL,
    "serial_mismatch": CRITICAL,
    "identity_contested": CRITICAL,
    "taken_over": NOTABLE,
    "token_guessing": CRITICAL,
    "foreign_transaction": CRITICAL,
}


def severity_of_type(event_type: str) -> str:
    """Return how much a type of security event weighs; one nobody knows is notable."""
    known = OTHER_SPELLINGS.get(event_type, event_type)
    return CRITICAL if known in CRITICAL_TYPES else NOTABLE


def note_foreign_stops(*, as_of: datetime) -> int:
    """Note stations that stopped a running session of another one; returns how many stops.

    The stop was kept, answered, and changed nothing: a transaction counts with its station only.
    """
    since = as_of - LOOKED_BACK
    # In 2.x a station numbers its transactions itself, so that two may have the same by chance.
    stops = OrphanStop.objects.filter(
        received_at__gt=since, station__ocpp_version=OcppVersion.V16
    ).order_by("-pk")[:MOST_STOPS]
    running = dict(
        Session.objects.filter(
            state=Session.State.OPEN,
            ocpp_transaction_id__in={stop.ocpp_transaction_id for stop in stops},
        ).values_list("ocpp_transaction_id", "station_id")
    )
    found = 0
    for stop in stops:
        if running.get(stop.ocpp_transaction_id, stop.station_id) == stop.station_id:
            continue
        found += 1
        status.record_observation(
            kind="foreign_transaction",
            station_id=stop.station_id,
            connector_id=None,
            occurred_at=stop.received_at,
            source_id=f"orphan:{stop.pk}",
            as_of=as_of,
        )
    return found
