"""What of the message log an address asks for, and the rows it finds along an index."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from chargenet.core import access
from chargenet.core.access import Person
from stations.models import OcppFrame, Station

MOST_STATIONS: Final = 200
# Without a station, a day is searched unless the reader says otherwise: a network says millions.
USUAL_WINDOW: Final = timedelta(days=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Search:
    """What the address asks for; nonsense in it is read as if it were not there."""

    station: str = ""
    action: str = ""
    error: str = ""
    direction: str = ""
    message_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, int] | None = None
    is_csv: bool = False

    @property
    def is_filtered(self) -> bool:
        """Say whether the reader narrowed the log."""
        chosen = (self.station, self.action, self.error, self.direction, self.message_id)
        return any(chosen) or self.since is not None or self.until is not None


def read_search(query: QueryDict) -> Search:
    """Read what an address asks for."""

    def word(name: str, longest: int) -> str:
        return query.get(name, "").replace("\0", "").strip()[:longest]

    direction = word("direction", 3)
    return Search(
        station=word("station", 80),
        action=word("action", 40),
        error=word("error", 40),
        direction=direction if direction in {"in", "out"} else "",
        message_id=word("id", 36),
        since=_instant(query.get("since", "")),
        until=_instant(query.get("until", "")),
        before=_key(query.get("before", "")),
        is_csv=query.get("format") == "csv",
    )


def _instant(text: str) -> datetime | None:
    try:
        at = parse_datetime(text.strip())
    except ValueError:
        return None
    return timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at


def _key(text: str) -> tuple[datetime, int] | None:
    """Return the place in the log an address names: microseconds and number."""
    at, _dash, number = text.partition("-")
    if not (at.isdecimal() and number.isdecimal() and len(text) < 40):
        return None
    return key_of(int(at), int(number))


def key_of(microseconds: int, number: int) -> tuple[datetime, int] | None:
    """Return the key of an exchange, or None for what is none."""
    try:
        return EPOCH + timedelta(microseconds=microseconds), min(number, 2**62)
    except OverflowError:
        return None


def microseconds_of(at: datetime) -> int:
    """Return an instant as the log's addresses name it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def frames_for(person: Person) -> QuerySet[OcppFrame]:
    """Return the exchanges a person may read: of whole operators, or of the sites assigned."""
    seen = Q(pk__in=[])
    for membership in access.memberships_of(person):
        if membership.role not in access.TECHNICAL_ROLES:
            continue
        if membership.site_ids is None:
            seen |= Q(operator_id=membership.operator_id)
        else:
            of_sites = Station.objects.filter(
                operator_id=membership.operator_id, location_id__in=membership.site_ids
            )
            seen |= Q(station_id__in=list(of_sites.values_list("pk", flat=True)))
    return OcppFrame.objects.filter(seen)


def search_frames(
    rows: QuerySet[OcppFrame], search: Search, *, station: Station | None, as_of: datetime
) -> QuerySet[OcppFrame]:
    """Return what a search finds, the newest first."""
    since, until = search.since, search.until
    if station is not None:
        rows = rows.filter(station_id=station.pk)
    elif search.station:
        rows = rows.filter(station_id__in=_stations(search.station))
    if since is None and station is None and not search.station:
        since = (until or as_of) - USUAL_WINDOW
    if since is not None:
        rows = rows.filter(received_at__gte=since)
    if until is not None:
        rows = rows.filter(received_at__lte=until)
    if search.before is not None:
        # the second condition is the first one's, said so that old months are not opened
        rows = rows.filter(pk__lt=search.before, received_at__lte=search.before[0])
    return rows.filter(_words(search)).order_by("-received_at", "-id")


def _words(search: Search) -> Q:
    found = Q()
    if search.action:
        found &= Q(action=search.action)
    if search.error == "any":
        found &= ~Q(error="")
    elif search.error == "none":
        found &= Q(error="")
    elif search.error:
        found &= ~Q(error="") & Q(error=search.error)
    if search.direction:
        found &= Q(is_inbound=search.direction == "in")
    if search.message_id:
        found &= Q(message_id=search.message_id)
    return found


def _stations(text: str) -> list[int]:
    """Return the stations a text names; row-level security keeps to who looks."""
    named = Q(name__istartswith=text) | Q(identity=text)
    if text.isdecimal() and len(text) < 18:
        named |= Q(pk=int(text))
    return list(Station.objects.filter(named).values_list("pk", flat=True)[:MOST_STATIONS])
