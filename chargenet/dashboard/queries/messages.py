"""The message log: every exchange with a station, searched along an index, page by key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from chargenet.core import access
from chargenet.core.access import Person
from stations import message_log
from stations.models import OcppFrame, Station

PER_PAGE: Final = 50
CSV_ROWS: Final = 5_000
MOST_STATIONS: Final = 200
MAX_SHORT: Final = 140
# Without a station, a day is searched unless the reader says otherwise: a network says millions.
USUAL_WINDOW: Final = timedelta(days=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ERRORS: Final = ("any", "none")


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


@dataclass(frozen=True)
class MessageRow:
    """One exchange as a list shows it."""

    href: str
    at: datetime
    station: str
    station_id: int
    is_inbound: bool
    action: str
    message_id: str
    error: str
    said: str
    milliseconds: int | None
    is_answered: bool


@dataclass(frozen=True)
class MessagePage:
    """One page of the log."""

    rows: list[MessageRow]
    search: Search
    older_href: str
    newest_href: str
    csv_href: str


@dataclass(frozen=True)
class Message:
    """One exchange, to be read."""

    row: MessageRow
    call: str
    answer: str
    answered_at: datetime | None
    station: Station
    bytes_called: int
    bytes_answered: int


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


def _microseconds(at: datetime) -> int:
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


def message_page(
    person: Person, query: QueryDict, *, station: Station | None, as_of: datetime
) -> MessagePage:
    """Return one page of the log, read along its index."""
    search = read_search(query)
    found = list(
        search_frames(frames_for(person), search, station=station, as_of=as_of)[: PER_PAGE + 1]
    )
    shown = found[:PER_PAGE]
    older = ""
    if len(found) > PER_PAGE:
        last = shown[-1]
        older = _address(query, before=f"{_microseconds(last.received_at)}-{last.id}")
    return MessagePage(
        rows=describe(shown, person=person, station=station),
        search=search,
        older_href=older,
        newest_href=_address(query, before=None) if search.before else "",
        csv_href=_address(query, before=None, format="csv"),
    )


def _address(query: QueryDict, **changes: str | None) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    return f"?{changed.urlencode()}"


def describe(
    frames: Sequence[OcppFrame], *, person: Person, station: Station | None
) -> list[MessageRow]:
    """Return the rows of some exchanges, masked for who looks."""
    ids = {frame.station_id for frame in frames}
    names = (
        {station.pk: station.name}
        if station is not None
        else dict(Station.objects.filter(pk__in=ids).values_list("pk", "name"))
    )
    sees = {
        operator_id: message_log.shows_tokens(person, operator_id=operator_id)
        for operator_id in {frame.operator_id for frame in frames}
    }
    return [_row(frame, names, shows_tokens=sees[frame.operator_id]) for frame in frames]


def _row(frame: OcppFrame, names: Mapping[int, str], *, shows_tokens: bool) -> MessageRow:
    said = _payload(_read(frame.frame, shows_tokens=shows_tokens))
    return MessageRow(
        href=reverse("message_page", args=[_microseconds(frame.received_at), frame.id]),
        at=frame.received_at,
        station=names.get(frame.station_id, ""),
        station_id=frame.station_id,
        is_inbound=frame.is_inbound,
        action=frame.action,
        message_id=frame.message_id,
        error=frame.error,
        said=said if len(said) <= MAX_SHORT else f"{said[:MAX_SHORT]}…",
        milliseconds=_took(frame),
        is_answered=frame.answer is not None,
    )


def _took(frame: OcppFrame) -> int | None:
    if frame.answered_at is None:
        return None
    return max(0, round((frame.answered_at - frame.received_at).total_seconds() * 1000))


def _read(frame: bytes | memoryview | None, *, shows_tokens: bool) -> Any:
    """Return a frame masked: what it says as JSON, or its text where it says none."""
    text = bytes(frame or b"").decode("utf-8", "replace")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return message_log.masked_text(text, shows_tokens=shows_tokens)
    return message_log.masked(read, shows_tokens=shows_tokens)


def _payload(frame: Any) -> str:
    """Return what a frame carries, in one line."""
    payload = frame[-1] if isinstance(frame, list) and len(frame) > 2 else frame
    return payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)


def _pretty(frame: bytes | memoryview | None, *, shows_tokens: bool) -> str:
    if frame is None:
        return ""
    read = _read(frame, shows_tokens=shows_tokens)
    return read if isinstance(read, str) else json.dumps(read, ensure_ascii=False, indent=2)


def message_for(person: Person, microseconds: int, number: int) -> Message:
    """Return one exchange in full; raises Http404 for an outsider."""
    key = key_of(microseconds, number)
    frame = frames_for(person).filter(pk=key).first() if key else None
    if frame is None:
        raise Http404
    station = access.get_or_404(
        Station.objects.select_related("location"), person, pk=frame.station_id
    )
    sees = message_log.shows_tokens(person, operator_id=frame.operator_id)
    return Message(
        row=_row(frame, {station.pk: station.name}, shows_tokens=sees),
        call=_pretty(frame.frame, shows_tokens=sees),
        answer=_pretty(frame.answer, shows_tokens=sees),
        answered_at=frame.answered_at,
        station=station,
        bytes_called=len(frame.frame),
        bytes_answered=len(frame.answer or b""),
    )


def csv_rows(
    person: Person, search: Search, *, station: Station | None, as_of: datetime
) -> list[tuple[Any, ...]]:
    """Return what a search finds as rows for a file, at most CSV_ROWS of them."""
    found = list(
        search_frames(frames_for(person), search, station=station, as_of=as_of)[:CSV_ROWS]
    )
    rows = describe(found, person=person, station=station)
    return [
        (
            row.at,
            row.station,
            "in" if row.is_inbound else "out",
            row.action,
            row.message_id,
            row.error,
            frame.answered_at,
            row.milliseconds,
            _line(frame.frame, person, frame.operator_id),
            _line(frame.answer, person, frame.operator_id),
        )
        for row, frame in zip(rows, found, strict=True)
    ]


def _line(frame: bytes | memoryview | None, person: Person, operator_id: int) -> str:
    if frame is None:
        return ""
    read = _read(frame, shows_tokens=message_log.shows_tokens(person, operator_id=operator_id))
    return read if isinstance(read, str) else json.dumps(read, ensure_ascii=False)
