import dataclasses
import sys
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from chargenet import command
from chargenet.core import clock
from revenue import proof


def day(raw: str) -> date:
    """Return the date of a text."""
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        raise ArgumentTypeError(f"{raw!r} is no date, write YYYY-MM-DD") from error


class Command(command.DoorCommand):
    help = (
        "Compare what was rated, invoiced and paid with the ledger, in one snapshot: one line an"
        " invariant and currency, then the number of differences. Exits 1 where there is any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--operator")
        parser.add_argument("--as-of", type=day, metavar="DATE")

    def handle(self, **options: Any) -> None:
        operator = command.choose_operator(options["operator"])
        checks = proof.prove_books(
            operator_ids=[operator.pk], until=options["as_of"], as_of=clock.now()
        )
        for check in checks:
            self.write_json(dataclasses.asdict(check))
        differences = sum(1 for check in checks if check.difference)
        self.write_json({"differences": differences})
        if differences:
            sys.exit(command.EXIT_DIFFERS)
