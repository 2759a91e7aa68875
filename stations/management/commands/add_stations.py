from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from chargenet import command
from stations.commissioning import lists
from stations.management.commands import add_station

MEND = "Mend the file; no station of it was added."


class Command(command.DoorCommand):
    help = (
        f"Register the stations of a CSV file, all or none. Columns: {', '.join(lists.COLUMNS)}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--operator", help="for rows without an operator of their own")

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        """Register every row, then print: one wrong row leaves nothing behind."""
        lines = []
        for line in _read(options["file"]):
            assert line.plan is not None, "a line without a plan was refused when it was read"
            operator = command.choose_operator(line.operator or options["operator"])
            lines.append(add_station.registered(operator, line.plan))
        for each in lines:
            self.write_json(each)


def _read(path: str) -> Iterator[lists.Line]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for line in lists.read_lines(file):
                if line.plan is None:
                    raise command.NotDone(f"{path} line {line.number}", line.error, MEND)
                yield line
    except lists.ListUnreadable as error:
        raise command.NotDone(f"{path} line {error.line}", str(error), MEND) from error
    except (OSError, UnicodeDecodeError) as error:
        raise command.NotDone(path, str(error), "Give a CSV file in UTF-8.") from error
