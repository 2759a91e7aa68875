"""What concerns a station's security, and how much: the words of pages and rules."""

from typing import Final

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
