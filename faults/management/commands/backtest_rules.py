"""Say what rules would have found under other thresholds; change nothing."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from chargenet import command
from chargenet.command import NotDone
from faults import rules, trials
from faults.rules.thresholds import ThresholdsRefused
from faults.trials import Comparison
from stations import recordings

KNOWN = "A row is {ts, cp, proto, dir, msg or event}."


class Command(command.DoorCommand):
    help = (
        "Play stored history, or a recording, under the thresholds there are and under new ones,"
        " and print what each rule found before and after. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--thresholds", metavar="NEW.json", required=True)
        parser.add_argument("--mapping", metavar="MAP.json")
        parser.add_argument("--from", dest="begin", metavar="D")
        parser.add_argument("--to", dest="end", metavar="D")
        parser.add_argument("--operator", metavar="SLUG")
        parser.add_argument("--rule", action="append", metavar="CODE", default=[])

    def handle(self, **options: Any) -> None:
        changed = _changed(options["thresholds"])
        wanted: list[str] = options["rule"]
        for code in wanted:
            if code not in rules.BY_CODE:
                raise NotDone("--rule", f"{code!r} is no rule", "Name one as F01.")
        try:
            found = _tried(options, changed)
        except ThresholdsRefused as refused:
            raise NotDone(
                f"{options['thresholds']} {refused.path}", str(refused), "Mend the value."
            ) from refused
        shown = [one.written() for one in found if not wanted or one.code in wanted]
        self.write_json({"rules": shown})


def _tried(options: dict[str, Any], changed: dict[str, Any]) -> list[Comparison]:
    path: Path | None = options["file"]
    if path is None:
        begin, end = _days(options)
        operator = command.choose_operator(options["operator"])
        return trials.try_history(operator_id=operator.pk, changed=changed, begin=begin, end=end)
    if options["begin"] or options["end"]:
        raise NotDone("arguments", "a file has no --from and --to", "Leave one of them out.")
    try:
        if options["mapping"]:
            mapping = recordings.parse_mapping(_json(options["mapping"]))
            return trials.try_sessions(path, mapping, changed)
        return trials.try_conversation(lambda: recordings.read_conversation(path), changed)
    except recordings.MappingRefused as refused:
        where = f"{options['mapping']} {refused.key}"
        raise NotDone(where, str(refused), "Mend the mapping.") from refused
    except recordings.ConversationRefused as refused:
        raise NotDone(f"{path} line {refused.line}", str(refused), KNOWN) from refused
    except recordings.ListRefused as refused:
        raise NotDone(str(path), str(refused), "Name a file that can be read.") from refused


def _days(options: dict[str, Any]) -> tuple[datetime, datetime]:
    """Return the begin of the first day and the end of the last, UTC."""
    if not options["begin"] or not options["end"]:
        raise NotDone("arguments", "neither a file nor --from and --to", "Give one of them.")
    begin, end = (_day(name, options[key]) for name, key in (("--from", "begin"), ("--to", "end")))
    if end < begin:
        raise NotDone("--to", "is before --from", "Turn them round.")
    first = datetime.combine(begin, time(), tzinfo=UTC)
    return first, datetime.combine(end, time(), tzinfo=UTC) + timedelta(days=1)


def _day(name: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise NotDone(name, f"{written!r} is no date", "Write 2026-03-01.") from error


def _changed(path: str) -> dict[str, Any]:
    written = _json(path)
    if not isinstance(written, dict):
        raise NotDone(path, "is no JSON object", 'Write {"F01": {"fires_after": 900}}.')
    return written


def _json(path: str) -> Any:
    try:
        return json.loads(command.read_text(path))
    except (ValueError, RecursionError) as error:
        raise NotDone(path, "is no JSON", "Mend the file.") from error
