"""A gateway behind a TLS front, and the front's own headers; what a test says stands for TLS."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from asgiref.sync import async_to_sync
from cryptography import x509
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from stations.certificates import identity
from stations.models import CertificateAuthority, Observation, Station, StationAccess
from tests.cast import Cast
from tests.integration.stations.charger import basic
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.door import pki

FRONT_SECRET = "only-the-front-knows"
AC, DC = "NORD-AC-1", "NORD-DC-1"
NORD = "Nord AB"
_hosts = itertools.count(1)


def fresh_address(net: str = "198.51.100") -> str:
    """Return an address nobody failed from yet: failures are counted by address."""
    return f"{net}.{next(_hosts) % 250 + 1}"


@dataclass
class Knocking:
    """How somebody knocks: over which hop, with which proof."""

    identity: str
    password: bytes | None = None
    certificate: x509.Certificate | None = None
    is_tls: bool = False
    address: str = field(default_factory=fresh_address)
    secret: str = FRONT_SECRET
    user: str = ""

    @property
    def headers(self) -> dict[str, str]:
        made = {"X-Forwarded-For": self.address, "X-ChargeNet-Front": self.secret}
        made["X-Forwarded-Proto"] = "https" if self.is_tls else "http"
        if self.certificate is not None:
            made["X-SSL-Client-Cert"] = quote(pki.pem(self.certificate))
        if self.password is not None:
            made |= basic((self.user or self.identity).encode(), self.password)
        return made


def knock(gateway: GatewayProcess, how: Knocking, version: str = "ocpp1.6") -> int:
    """Return the status of a handshake: 101 where it is let in."""

    async def run() -> int:
        try:
            async with connect(
                f"{gateway.url}/ocpp/{how.identity}",
                subprotocols=[Subprotocol(version)],
                additional_headers=how.headers,
            ):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    return async_to_sync(run)()


def trust(station: Station, authority: pki.Authority, organization: str = "") -> None:
    certificate = authority.certificate
    CertificateAuthority.objects.create(
        operator_id=station.operator_id,
        use=CertificateAuthority.Use.STATION,
        name="ours",
        organization=organization,
        pem=pki.pem(certificate),
        fingerprint=identity.fingerprint_of(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        added_at=certificate.not_valid_before_utc,
    )


def set_profile(cast: Cast, number: int, **access: Any) -> None:
    Station.objects.filter(pk=cast.ac_station.pk).update(security_profile=number)
    if access:
        StationAccess.objects.update_or_create(
            station=cast.ac_station, operator=cast.operator, defaults=access
        )


def noted(kind: str, reason: str = "") -> Callable[[], bool]:
    found = Observation.objects.filter(kind=kind)
    if reason:
        found = found.filter(detail__reason__icontains=reason)
    return lambda: found.all().exists()
