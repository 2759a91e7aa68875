"""Check e-invoices by the official rules and to the öre; needs no database."""

import sys
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import CommandParser

from billing.einvoice import checking
from billing.einvoice.checking import Verdict
from chargenet.command import EXIT_DIFFERS, DoorCommand, NotDone, json_text


class Command(DoorCommand):
    help = "Check UBL invoices and credit notes: schema, EN 16931, Peppol, amounts; one line each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE.xml")

    def handle(self, *, files: list[str], **_: object) -> None:
        is_valid = True
        for name, verdict in checking.check_all(_read(files)):
            is_valid = is_valid and verdict.is_valid
            self.stdout.write(json_text(_line(name, verdict)))
        if not is_valid:
            sys.exit(EXIT_DIFFERS)


def _read(files: list[str]) -> Iterator[tuple[str, bytes]]:
    # All of them first: a file that cannot be read leaves no half of an answer.
    contents = [_content(file) for file in files]
    return zip(files, contents, strict=True)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotDone(file, reason, "Name a file that can be read.") from error


def _line(name: str, verdict: Verdict) -> dict[str, object]:
    return {
        "file": name,
        "valid": verdict.is_valid,
        "stages": {stage.value: outcome.value for stage, outcome in verdict.stages.items()},
        "errors": [
            {
                "stage": problem.stage.value,
                "rule": problem.rule,
                "path": problem.path,
                "text": problem.text,
            }
            for problem in verdict.problems
        ],
    }
