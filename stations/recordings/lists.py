"""Recorded charging: session lists of other systems, read into facts."""

import csv
import gzip
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stations.metering import session_list
from stations.metering.session_list import ListedSession

MAPPING_KEYS = ("time_zone", "currency", "columns", "tariff", "collective_customer")
NEEDED_KEYS = ("time_zone", "currency", "columns", "tariff")
COLUMN_KEYS = (
    *("session", "station", "connector", "start", "end", "energy_kwh"),
    *("site", "model", "customer"),
)
NEEDED_COLUMNS = COLUMN_KEYS[:6]
LONGEST = {"session": 56, "station": 40, "site": 160, "model": 80, "customer": 60}
GZIP_MAGIC = b"\x1f\x8b"


class MappingRefused(ValueError):
    """A mapping cannot be used: which key, and what is wrong with it."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class ListRefused(ValueError):
    """A session list cannot be read at all."""


@dataclass(frozen=True)
class Column:
    """Where a value comes from: the named columns, joined, or the same text in every row."""

    names: tuple[str, ...]
    constant: str = ""

    def of(self, row: Mapping[str, str]) -> str:
        """Return the value in one row, without blanks around it."""
        if not self.names:
            return self.constant
        return "|".join((row[name] or "").strip() for name in self.names)


@dataclass(frozen=True)
class ListMapping:
    """How to read one kind of session list; prices are other rooms' business."""

    zone: ZoneInfo
    columns: dict[str, Column]

    @property
    def has_customers(self) -> bool:
        """Return whether the rows say who charged."""
        return "customer" in self.columns


@dataclass(frozen=True)
class WrongRow:
    """A row that cannot be read, with the line it ends on."""

    line: int
    text: str


def parse_mapping(written: object) -> ListMapping:
    """Read the part of a mapping that says what columns mean; raises MappingRefused.

    The other known keys are checked by name only.
    """
    if not isinstance(written, dict):
        raise MappingRefused("$", "is no JSON object")
    _check_keys(written, known=MAPPING_KEYS, needed=NEEDED_KEYS, where="")
    columns = written["columns"]
    if not isinstance(columns, dict):
        raise MappingRefused("columns", "is no JSON object")
    _check_keys(columns, known=COLUMN_KEYS, needed=NEEDED_COLUMNS, where="columns.")
    try:
        zone = ZoneInfo(str(written["time_zone"]))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MappingRefused("time_zone", f"{written['time_zone']!r} is unknown") from error
    return ListMapping(zone=zone, columns={key: _column(key, of) for key, of in columns.items()})


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a text file, unpacking gzip by its content; raises ListRefused."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
        opener: Any = gzip.open if packed else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as text:
            yield text
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ListRefused(getattr(error, "strerror", None) or str(error)) from error


def read_session_list(path: Path, mapping: ListMapping) -> Iterator[ListedSession | WrongRow]:
    """Yield every row of a CSV session list in file order, wrong ones as such.

    Raises ListRefused where the file cannot be read or lacks a column.
    """
    with opened(path) as text:
        reader = csv.reader(text, strict=True)
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, mapping)
        namer = _SessionNames(mapping)
        for values in reader:
            if not values:
                continue
            if len(values) != len(header):
                wrong = f"{len(values)} fields, the header has {len(header)}"
                yield WrongRow(reader.line_num, wrong)
                continue
            try:
                row = dict(zip(header, values, strict=True))
                yield _listed(reader.line_num, row, mapping, namer)
            except session_list.RowRefused as refused:
                yield WrongRow(reader.line_num, str(refused))


class _SessionNames:
    """Names each session once: a name of one column must be unique at its station.

    A name put together from several columns is ours to make: it is a digest, and whole twins
    are numbered.
    """

    def __init__(self, mapping: ListMapping) -> None:
        self._column = mapping.columns["session"]
        self._lines: dict[tuple[str, str], int] = {}
        self._twins: Counter[str] = Counter()

    def name(self, row: Mapping[str, str], station: str, line: int) -> str:
        written = self._column.of(row)
        if len(self._column.names) > 1:
            digest = hashlib.blake2b(written.encode(), digest_size=16).hexdigest()
            self._twins[digest] += 1
            count = self._twins[digest]
            return digest if count == 1 else f"{digest}#{count}"
        first = self._lines.setdefault((station, written), line)
        if first != line:
            raise session_list.RowRefused(f"session {written!r} stands on line {first} already")
        return written


def _listed(
    line: int, row: Mapping[str, str], mapping: ListMapping, namer: _SessionNames
) -> ListedSession:
    said = {key: column.of(row) for key, column in mapping.columns.items()}
    for key in ("session", "station", "start"):
        if not said[key]:
            raise session_list.RowRefused(f"no {key}")
    started_at, ended_at = session_list.read_span(said["start"], said["end"], mapping.zone)
    energy_wh, is_rounded = session_list.read_energy(said["energy_kwh"])
    connector = session_list.read_connector(said["connector"])
    session = namer.name(row, said["station"], line)
    for key, value in (said | {"session": session}).items():
        if len(value) > LONGEST.get(key, 200) or not value.isprintable():
            raise session_list.RowRefused(f"{key} is too long or not printable")
    return ListedSession(
        line=line,
        session=session,
        station=said["station"],
        connector=connector,
        started_at=started_at,
        ended_at=ended_at,
        energy_wh=energy_wh,
        written_start=said["start"],
        site=said.get("site", ""),
        model=said.get("model", ""),
        customer=said.get("customer", ""),
        is_rounded=is_rounded,
    )


def _check_keys(
    written: Mapping[str, object], *, known: tuple[str, ...], needed: tuple[str, ...], where: str
) -> None:
    for key in written:
        if key not in known:
            raise MappingRefused(f"{where}{key}", f"is unknown; known: {', '.join(known)}")
    for key in needed:
        if key not in written:
            raise MappingRefused(f"{where}{key}", "is missing")


def _column(key: str, written: object) -> Column:
    if isinstance(written, str) and written:
        return Column(names=(written,))
    if isinstance(written, list) and written and all(isinstance(name, str) for name in written):
        return Column(names=tuple(written))
    if isinstance(written, dict) and list(written) == ["constant"]:
        return Column(names=(), constant=str(written["constant"]))
    raise MappingRefused(
        f"columns.{key}", 'takes a column name, a list of them, or {"constant": "text"}'
    )


def _check_header(header: list[str], mapping: ListMapping) -> None:
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise ListRefused(f"column {twice[0]!r} stands twice in the header")
    for key, column in mapping.columns.items():
        for name in column.names:
            if name not in header:
                raise ListRefused(f"no column {name!r} for {key}; it has: {', '.join(header)}")
