"""Certificates of stations: who signs them, whom they trust, and whose they are."""

from stations.certificates.identity import CertificateRefused
from stations.certificates.installed import (
    ask_installed,
    delete,
    hear_change,
    install,
    take_installed,
)
from stations.certificates.signing import (
    ask_for_request,
    hear_delivery,
    take_request,
    try_again,
    upload_chain,
    warn_of_ends,
)
from stations.certificates.trust import (
    add_authorities,
    drop_authority,
    read_revocations,
    revoke,
)

__all__ = [
    "CertificateRefused",
    "add_authorities",
    "ask_for_request",
    "ask_installed",
    "delete",
    "drop_authority",
    "hear_change",
    "hear_delivery",
    "install",
    "read_revocations",
    "revoke",
    "take_installed",
    "take_request",
    "try_again",
    "upload_chain",
    "warn_of_ends",
]
