"""Say which faults a recording shows; needs no database."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from chargenet import command
from chargenet.command import NotDone
from faults import recorded
from faults.engine.fleet import Fleet
from faults.engine.fleet.written import PlacesRefused, read_places
from faults.rules.thresholds import ThresholdsRefused
from stations import recordings

KNOWN = "A row is {ts, cp, proto, dir, msg or event}."


class Command(command.DoorCommand):
    help = (
        "Print the faults that a recorded conversation shows, or with --mapping a session list,"
        " one JSON object a line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", metavar="MAP.json")
        parser.add_argument("--stations", metavar="FILE.json")
        parser.add_argument("--thresholds", metavar="FILE.json")
        parser.add_argument("--until", metavar="T")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        until = _instant(options["until"])
        fleet = _fleet(options)
        last = None
        for at in _played(fleet, path, options["mapping"], until):
            last = at if last is None else max(last, at)
        if last is None:
            raise NotDone(str(path), "no rows before --until", "Name a later instant.")
        fleet.advance(until or last)
        for one in recorded.found(fleet):
            self.write_json(one)


def _fleet(options: dict[str, Any]) -> Fleet:
    places = thresholds = None
    if options["stations"]:
        try:
            places = read_places(_json(options["stations"]))
        except PlacesRefused as refused:
            raise NotDone(
                f"{options['stations']} {refused.path}", str(refused), "See docs/commands.md."
            ) from refused
    if options["thresholds"]:
        thresholds = _json(options["thresholds"])
        if not isinstance(thresholds, dict):
            raise NotDone(options["thresholds"], "is no JSON object", "See docs/commands.md.")
    try:
        make = recorded.fleet_for_lists if options["mapping"] else Fleet
        return make(places or (), thresholds=thresholds)
    except ThresholdsRefused as refused:
        raise NotDone(
            f"{options['thresholds']} {refused.path}", str(refused), "Mend the value."
        ) from refused


def _played(
    fleet: Fleet, path: Path, mapping: str | None, until: datetime | None
) -> Iterator[datetime]:
    try:
        if mapping:
            parsed = recordings.parse_mapping(_json(mapping))
            played = recorded.play_sessions(fleet, path, parsed, until=until)
        else:
            rows = recordings.read_conversation(path)
            if until is not None:
                rows = takewhile(lambda row: row.at <= until, rows)
            played = recorded.play_conversation(fleet, rows)
        yield from command.with_progress(played, total=0, label="heard", out=sys.stderr)
    except recordings.MappingRefused as refused:
        raise NotDone(f"{mapping} {refused.key}", str(refused), "Mend the mapping.") from refused
    except recordings.ConversationRefused as refused:
        raise NotDone(f"{path} line {refused.line}", str(refused), KNOWN) from refused
    except recordings.ListRefused as refused:
        raise NotDone(str(path), str(refused), "Name a file that can be read.") from refused


def _json(path: str) -> Any:
    try:
        return json.loads(command.read_text(path))
    except (ValueError, RecursionError) as error:
        raise NotDone(path, "is no JSON", "Mend the file.") from error


def _instant(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise NotDone(
            "--until", f"{written!r} is no instant", "Write 2026-03-01T00:00:00Z."
        ) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
