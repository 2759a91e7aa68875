"""GetCertificateChainStatus: are the certificates of a chain still good? (OCPP 2.1 M07)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stations.metering.facts import Facts, Json, StationView
from stations.ocpp.kept import always, report
from stations.ocpp.words import child, children, text, wire_instant

# A chain has at most four certificates; one is asked about even where the frame names none.
MOST = 4
ASK_AGAIN = timedelta(days=1)
ALGORITHMS = {"SHA256", "SHA384", "SHA512"}
SOURCES = {"CRL", "OCSP"}


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question; an address a station names is never fetched on the message path."""
    asked = children(payload, "certificateStatusRequests")[:MOST] or [{}]
    states = [_failed(one, received_at) for one in asked]
    answer = always(certificateStatus=states)
    return Facts((report("GetCertificateChainStatus", payload),), answer)


def unknown(received_at: datetime) -> Json:
    """Return the state of a certificate nobody named."""
    return _failed({}, received_at)


def _failed(asked: Mapping[str, Any], received_at: datetime) -> Json:
    certificate = child(asked, "certificateHashData")
    algorithm, source = text(certificate, "hashAlgorithm"), text(asked, "source")
    return {
        "certificateHashData": {
            "hashAlgorithm": algorithm if algorithm in ALGORITHMS else "SHA256",
            "issuerNameHash": text(certificate, "issuerNameHash", 128),
            "issuerKeyHash": text(certificate, "issuerKeyHash", 128),
            "serialNumber": text(certificate, "serialNumber", 40),
        },
        "source": source if source in SOURCES else "OCSP",
        "status": "Failed",
        "nextUpdate": wire_instant(received_at + ASK_AGAIN),
    }
