"""Security events as lists show them: what stations told, and what happened at their door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from stations import security
from stations.models import Observation
from stations.models.signs import SECURITY_KINDS

NAMES: dict[str, Promise] = {
    "authentication_failed": gettext_lazy("Wrong password"),
    "profile_refused": gettext_lazy("Wrong security profile"),
    "certificate_refused": gettext_lazy("Certificate refused"),
    "serial_mismatch": gettext_lazy("Another serial number than the certificate's"),
    "identity_contested": gettext_lazy("Two devices use one identity"),
    "taken_over": gettext_lazy("Connection taken over from elsewhere"),
    "token_guessing": gettext_lazy("Guesses tokens"),
    "foreign_transaction": gettext_lazy("Stops another station's session"),
}
MAX_NOTE = 255


@dataclass(frozen=True)
class EventRow:
    """One security event of a list."""

    station_id: int
    station: str
    site: str
    name: str
    kind: str
    severity: str
    note: str
    address: str
    occurred_at: datetime
    received_at: datetime


def events_of(person: Person) -> QuerySet[Observation]:
    """Return the security events a person may see, with what a row needs."""
    rows = Observation.objects.in_charge(person).filter(kind__in=SECURITY_KINDS)
    return rows.select_related("station__location")


def event_spec(*, name: str, has_station: bool) -> Spec:
    """Return what a list of security events can do; one of a single station names none."""
    station = Column("station", _("Station"), csv=lambda row: row.station)
    kinds = [(kind, str(label)) for kind, label in NAMES.items()]
    types = [(kind, kind) for kind in sorted(security.CRITICAL_TYPES)]
    return Spec(
        name=name,
        columns=(
            Column("when", _("When"), ("occurred_at",), csv=lambda row: row.occurred_at),
            *((station,) if has_station else ()),
            Column("what", _("Event"), csv=lambda row: row.name),
            Column("severity", _("Severity"), csv=lambda row: row.severity),
            Column("note", _("Details"), csv=lambda row: row.note),
            Column("address", _("Address"), csv=lambda row: row.address),
            Column("received", _("Received"), is_number=True, csv=lambda row: row.received_at),
        ),
        default_sort="-when",
        filters=(
            Filter(
                "severity",
                _("All severities"),
                [(security.CRITICAL, _("Critical")), (security.NOTABLE, _("Notable"))],
                _of_severity,
            ),
            Filter("kind", _("All events"), [*kinds, *types], _of_kind),
        ),
        search=lambda text: Q(station__name__istartswith=text) | Q(detail__type__icontains=text),
        search_label=_("Search station or event") if has_station else _("Search event"),
    )


def describe_events(rows: Sequence[Observation]) -> list[EventRow]:
    """Return the rows of some security events."""
    return [_row(row) for row in rows]


def _of_severity(severity: str) -> Q:
    """Return the condition of a weight; what the gateway saw itself weighs what its kind does."""
    own = [kind for kind, weight in security.OWN_KINDS.items() if weight == severity]
    return Q(detail__severity=severity) | Q(kind__in=own)


def _of_kind(kind: str) -> Q:
    return Q(kind=kind) if kind in NAMES else Q(kind="security_event", detail__type=kind)


def _row(row: Observation) -> EventRow:
    detail = row.detail
    told = str(detail.get("type", ""))
    note = str(detail.get("note") or detail.get("reason") or "")
    before = str(detail.get("address_before", ""))
    if before and not note:
        note = _("before: %(address)s") % {"address": before}
    return EventRow(
        station_id=row.station_id,
        station=row.station.name,
        site=row.station.location.name,
        name=str(NAMES.get(row.kind, told or row.kind)),
        kind=row.kind,
        severity=str(detail.get("severity") or _weight(row.kind, told)),
        note=note[:MAX_NOTE],
        address=str(detail.get("address", "")),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
    )


def _weight(kind: str, told: str) -> str:
    return security.OWN_KINDS.get(kind) or security.severity_of_type(told)
