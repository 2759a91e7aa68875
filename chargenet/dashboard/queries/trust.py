"""Whom operators trust to sign for stations, and what waits for a signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chargenet.core.access import Person
from chargenet.dashboard.queries.station_security import end_state
from stations.models import CertificateAuthority, CertificateRequest, RevokedCertificate

MOST = 200


@dataclass(frozen=True)
class AuthorityRow:
    """A trusted authority, and how its end stands."""

    row: CertificateAuthority
    state: str


@dataclass(frozen=True)
class TrustPage:
    """Everything the page of certificates shows."""

    authorities: list[AuthorityRow]
    waiting: Sequence[CertificateRequest]
    revoked: Sequence[RevokedCertificate]


def read_trust(person: Person, *, as_of: datetime) -> TrustPage:
    """Return whom the operators of a person trust, what waits, and what counts no more."""
    authorities = CertificateAuthority.objects.in_charge(person).order_by("use", "name", "pk")
    waiting = CertificateRequest.objects.in_charge(person).filter(
        state=CertificateRequest.State.WAITING
    )
    revoked = RevokedCertificate.objects.in_charge(person).order_by("-pk")
    return TrustPage(
        authorities=[_authority(row, as_of) for row in authorities[:MOST]],
        waiting=list(waiting.select_related("station").order_by("pk")[:MOST]),
        revoked=list(revoked[:MOST]),
    )


def _authority(row: CertificateAuthority, as_of: datetime) -> AuthorityRow:
    state = end_state(row.not_after, as_of=as_of) if row.is_active else "inactive"
    return AuthorityRow(row, state)
