"""Recorded conversations with stations, one JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stations.recordings.lists import opened

ROW_KEYS = ("ts", "cp", "proto", "dir")
PROTOCOLS = {"ocpp1.6": "1.6", "ocpp2.0.1": "2.0.1", "ocpp2.1": "2.1"}
DIRECTIONS = ("cp->cs", "cs->cp", "event")


class ConversationRefused(ValueError):
    """A recorded conversation cannot be read: which line, and what is wrong with it."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True)
class RecordedRow:
    """One line of a recorded conversation; a frame is a list, or the text it was."""

    line: int
    at: datetime
    station: str
    version: str
    direction: str
    frame: Any = None
    event: str = ""


def read_conversation(path: Path) -> Iterator[RecordedRow]:
    """Yield every row of a recorded conversation (JSON lines, also gzip), in file order.

    Raises ListRefused where the file cannot be read, ConversationRefused where a line is wrong.
    """
    with opened(path) as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield _recorded(number, line)


def _recorded(number: int, line: str) -> RecordedRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConversationRefused(number, "is no JSON") from error
    if not isinstance(row, dict):
        raise ConversationRefused(number, "is no JSON object")
    for key in ROW_KEYS:
        if not isinstance(row.get(key), str) or not row[key]:
            raise ConversationRefused(number, f"{key!r} is missing or no text")
    if row["dir"] not in DIRECTIONS:
        known = ", ".join(DIRECTIONS)
        raise ConversationRefused(number, f"dir {row['dir']!r} is unknown; known: {known}")
    return RecordedRow(
        line=number,
        at=_at(number, row["ts"]),
        station=row["cp"],
        version=_version(number, row),
        direction=row["dir"],
        frame=_frame(number, row),
        event=str(row.get("event") or "") if row["dir"] == "event" else "",
    )


def _at(number: int, written: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConversationRefused(number, f"ts {written!r} is no instant") from error


def _version(number: int, row: Mapping[str, Any]) -> str:
    version = PROTOCOLS.get(row["proto"], "")
    is_needed = row["dir"] != "event" or row.get("event") == "connect"
    if is_needed and not version:
        known = ", ".join(PROTOCOLS)
        raise ConversationRefused(number, f"proto {row['proto']!r} is unknown; known: {known}")
    return version


def _frame(number: int, row: Mapping[str, Any]) -> Any:
    if row["dir"] == "event":
        return None
    if not isinstance(row.get("msg"), list | str):
        raise ConversationRefused(number, "msg is missing, or neither a frame nor its text")
    return row["msg"]
