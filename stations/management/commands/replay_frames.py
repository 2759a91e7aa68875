import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import CommandParser

from chargenet import command
from chargenet.core import events
from chargenet.core.events import News
from chargenet.core.models import Operator
from stations import recordings, registry, replay
from stations.recordings import RecordedRow
from stations.replay import places
from stations.replay.run import replay_all

KNOWN = "A row is {ts, cp, proto, dir, msg or event}."


class Command(command.DoorCommand):
    help = (
        "Play a recorded conversation again, through the path real frames take; every frame is"
        " received at the instant it was recorded. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--operator", metavar="SLUG")
        parser.add_argument(
            "--create-stations", action="store_true", help="register stations that are unknown"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        is_rehearsal: bool = options["dry_run"]
        operator = command.choose_operator(options["operator"])
        rows = _read(path)
        stations, made = _stations(
            path, operator, rows, may_add=options["create_stations"], is_rehearsal=is_rehearsal
        )
        counts: Counter[str] = Counter()

        def show(told: replay.Told) -> None:
            counts[told.outcome] += 1
            self.write_json(
                {
                    "line": told.line,
                    "station": told.station,
                    "action": told.action,
                    "outcome": told.outcome,
                    "answer": told.answer,
                    "session": told.session,
                    "flags": list(told.flags),
                }
            )

        played = _Played(path, rows, stations, made, is_rehearsal=is_rehearsal)
        news = _play(played, show)
        self.write_json({"summary": dict(sorted(counts.items()))})
        if not is_rehearsal:
            once = {(event, *ids.items()): (event, ids) for event, ids in news}
            events.send_now(list(once.values()))


@dataclass(frozen=True, slots=True)
class _Played:
    """What is played again: the rows of a file, and the stations' ids by their names."""

    path: Path
    rows: list[RecordedRow]
    stations: dict[str, int]
    made: places.Rows
    is_rehearsal: bool


def _play(played: _Played, show: Callable[[replay.Told], None]) -> list[News]:
    news: list[News] = []
    rows = command.with_progress(
        played.rows, total=len(played.rows), label="replayed", out=sys.stderr
    )
    try:
        asyncio.run(
            replay_all(
                rows,
                stations=played.stations,
                made=played.made,
                is_rehearsal=played.is_rehearsal,
                show=show,
                tell=news.extend,
            )
        )
    except replay.ReplayRefused as refused:
        raise command.NotDone(
            f"{played.path} line {refused.line}",
            str(refused),
            "Replay into another --operator, or when the station is offline.",
        ) from refused
    except psycopg.OperationalError as error:
        what = str(error).strip().splitlines()[0].rstrip(".")
        raise command.NotDone("database", what, "Check DATABASE_URL.") from error
    return news


def _read(path: Path) -> list[RecordedRow]:
    try:
        rows = list(recordings.read_conversation(path))
    except recordings.ConversationRefused as refused:
        raise command.NotDone(f"{path} line {refused.line}", str(refused), KNOWN) from refused
    except recordings.ListRefused as refused:
        raise command.NotDone(
            str(path), str(refused), "Name a file of JSON lines that can be read."
        ) from refused
    if not rows:
        raise command.NotDone(str(path), "no rows", KNOWN)
    return rows


def _stations(
    path: Path,
    operator: Operator,
    rows: list[RecordedRow],
    *,
    may_add: bool,
    is_rehearsal: bool,
) -> tuple[dict[str, int], places.Rows]:
    wanted = places.stations_of(rows)
    try:
        if is_rehearsal:
            return places.rehearse(operator, wanted, may_add=may_add)
        return places.find_or_add(operator, wanted, may_add=may_add), []
    except places.StationMissing as missing:
        raise command.NotDone(
            str(path), f"station {str(missing)!r} is unknown", "Give --create-stations."
        ) from missing
    except places.StationElsewhere as elsewhere:
        raise command.NotDone(
            str(path),
            f"station {str(elsewhere)!r} belongs to another operator",
            "Name that one with --operator SLUG.",
        ) from elsewhere
    except registry.StationRefused as refused:
        raise command.NotDone(
            str(path), str(refused), "Mend the name of the station."
        ) from refused
