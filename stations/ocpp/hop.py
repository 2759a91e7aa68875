"""How a connection reached us: from where, encrypted or not, and with whose certificate."""

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings

logger = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Only our own TLS front's headers count; a station may write what it likes into the same names.
FRONT, ADDRESS = b"x-chargenet-front", b"x-forwarded-for"
PROTOCOL, CERTIFICATE = b"x-forwarded-proto", b"x-ssl-client-cert"
NO_ADDRESS = "unix"
MAX_CERTIFICATE = 16_384


@dataclass(frozen=True, slots=True)
class Hop:
    """What the nearest hop we trust says of a connection; `certificate` is PEM or empty."""

    address: str
    is_tls: bool = False
    certificate: bytes = b""

    @property
    def is_trusted(self) -> bool:
        """Say whether the station comes from a network that needs no TLS."""
        return _is_within(self.address, tuple(settings.TRUSTED_NETWORKS))


def read_hop(scope: Mapping[str, Any]) -> Hop:
    """Return how a connection came; headers are believed only from the TLS front."""
    client = scope.get("client")
    peer = str(client[0]) if client else NO_ADDRESS
    headers = dict(scope["headers"])
    if not _is_front(peer, headers):
        return Hop(peer)
    # The front writes one address; of a longer list only what it added itself counts.
    address = headers.get(ADDRESS, b"").rsplit(b",", 1)[-1].strip().decode("ascii", "replace")
    is_tls = headers.get(PROTOCOL, b"").strip().lower() in (b"https", b"wss")
    certificate = headers.get(CERTIFICATE, b"") if is_tls else b""
    if len(certificate) > MAX_CERTIFICATE:
        certificate = b""
    return Hop(address or peer, is_tls, unquote_to_bytes(certificate))


def _is_front(peer: str, headers: Mapping[bytes, bytes]) -> bool:
    if not _is_within(peer, tuple(settings.TLS_FRONT)):
        return False
    secret = settings.TLS_FRONT_SECRET.encode()
    if not secret:
        return True
    if not compare_digest(headers.get(FRONT, b""), secret):
        logger.warning("headers of a front without its secret ignored peer=%s", peer)
        return False
    return True


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    if address == NO_ADDRESS:
        return NO_ADDRESS in networks
    try:
        at = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped:
        at = at.ipv4_mapped
    return any(at in network for network in _parsed(networks))


@lru_cache(maxsize=16)
def _parsed(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in networks if name != NO_ADDRESS)
