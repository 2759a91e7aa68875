"""How one station proves who it is, and what it is trusted with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.dashboard.parts import Fact
from stations.models import (
    CertificateAuthority,
    CertificateRequest,
    Command,
    InstalledCertificate,
    Station,
    StationAccess,
)

MOST_REQUESTS, MOST_STEPS = 10, 8
SOON: Final = timedelta(days=30)
PROFILES: Final[dict[int, Promise]] = {
    0: gettext_lazy("0: nobody is asked who he is"),
    1: gettext_lazy("1: password without encryption"),
    2: gettext_lazy("2: TLS and password"),
    3: gettext_lazy("3: TLS with a certificate of the station"),
}


@dataclass(frozen=True)
class Installed:
    """A certificate a station has, and how its end stands."""

    row: InstalledCertificate
    state: str


@dataclass(frozen=True)
class SecurityPage:
    """Everything the tab shows."""

    access: StationAccess
    facts: list[Fact]
    is_weak: bool
    requests: Sequence[CertificateRequest]
    installed: list[Installed]
    installable: Sequence[CertificateAuthority]
    steps: Sequence[Command]
    next_profiles: list[tuple[int, str]]


def read_page(station: Station, *, as_of: datetime) -> SecurityPage:
    """Return how a station proves itself; the caller has looked it up for the person."""
    access = StationAccess.objects.filter(station=station).first() or StationAccess(
        station=station, operator_id=station.operator_id
    )
    installed = InstalledCertificate.objects.filter(station=station).order_by("kind", "id")
    requests = CertificateRequest.objects.filter(station=station).order_by("-pk")
    installable = CertificateAuthority.objects.filter(
        operator_id=station.operator_id, is_active=True
    ).exclude(use=CertificateAuthority.Use.STATION)
    changes = Q(origin__startswith="password:") | Q(origin__startswith="security_profile:")
    steps = Command.objects.filter(changes, station=station).order_by("-pk")
    return SecurityPage(
        access=access,
        facts=_facts(station, access),
        is_weak=station.security_profile < 2,
        requests=list(requests[:MOST_REQUESTS]),
        installed=[Installed(row, _state(row.not_after, as_of)) for row in installed],
        installable=list(installable),
        steps=list(steps[:MOST_STEPS]),
        next_profiles=[
            (number, str(PROFILES[number]))
            for number in (1, 2, 3)
            if number > station.security_profile or (station.security_profile, number) == (3, 2)
        ],
    )


def end_state(not_after: datetime | None, *, as_of: datetime) -> str:
    """Return how the end of a certificate stands: valid, soon, over or unknown."""
    return _state(not_after, as_of)


def _state(not_after: datetime | None, as_of: datetime) -> str:
    if not_after is None:
        return "unknown"
    if not_after <= as_of:
        return "over"
    return "soon" if not_after <= as_of + SOON else "valid"


def _facts(station: Station, access: StationAccess) -> list[Fact]:
    has_password = station.security_profile in {1, 2}
    pending = access.pending_profile
    facts = [Fact(_("Security profile"), PROFILES[station.security_profile])]
    if pending is not None:
        facts.append(Fact(_("On its way to"), PROFILES[pending]))
    if has_password:
        known = _("kept, and readable by nobody") if station.password_hash else _("none set")
        facts.append(Fact(_("Password"), known))
        if access.pending_password_hash:
            facts.append(Fact(_("New password"), _("sent; both open until the station decides")))
        elif access.password_changed_at:
            facts.append(Fact(_("Changed"), f"{access.password_changed_at:%Y-%m-%d %H:%M} UTC"))
    if station.security_profile == 3 or pending == 3:
        names = [station.identity, station.serial_number, access.certificate_name]
        facts.append(Fact(_("Names in its certificate"), ", ".join(filter(None, names))))
        if access.is_expired_allowed:
            facts.append(Fact(_("Expired certificate"), _("lets it in to renew")))
    return facts
