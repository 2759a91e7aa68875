"""The message log: every exchange with a station, searched along an index, page by key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import Http404, QueryDict
from django.urls import reverse

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.dashboard.queries.message_search import (
    Search,
    frames_for,
    key_of,
    microseconds_of,
    read_search,
    search_frames,
)
from stations import message_log
from stations.models import OcppFrame, Station

PER_PAGE: Final = 50
CSV_ROWS: Final = 5_000
MAX_SHORT: Final = 90


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
        older = _address(query, before=f"{microseconds_of(last.received_at)}-{last.id}")
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
        href=reverse("message_page", args=[microseconds_of(frame.received_at), frame.id]),
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
