"""The manners of our commands: the result on stdout, `error: WHERE: WHAT. TRY` on stderr."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, TextIO, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable

from chargenet.core import operators
from chargenet.core.models import Operator

T = TypeVar("T")
EXIT_DIFFERS = 1
EXIT_NOT_DONE = 2


class NotDone(Exception):
    """The command could not be done: where it stopped, what is wrong, what to try."""

    def __init__(self, where: str, what: str, advice: str) -> None:
        super().__init__(f"{where}: {what}. {advice}")


class DoorCommand(BaseCommand):
    """A command that refuses unknown options by name and says in one line why it stopped."""

    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return a parser that takes no shortened options."""
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run the command; exits 2 with one line where it could not be done."""
        try:
            # Called as from code, the parser raises instead of printing its usage.
            self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
        except CommandError as error:
            what = str(error).removeprefix("Error: ")
            self._stop(NotDone("arguments", what, f"See manage.py {argv[1]} --help."))
        try:
            super().run_from_argv(argv)
        except NotDone as error:
            self._stop(error)
        except OperationalError as error:
            what = str(error).strip().splitlines()[0].rstrip(".")
            self._stop(NotDone("database", what, "Check DATABASE_URL and that it runs."))
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
                raise
            what = str(error).strip().splitlines()[0]
            self._stop(
                NotDone("database", what, "Bring the tables up to date: manage.py migrate.")
            )

    def write_json(self, result: object) -> None:
        """Write one JSON object as one line of stdout."""
        self.stdout.write(json_text(result))

    def _stop(self, error: NotDone) -> NoReturn:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(EXIT_NOT_DONE)


def read_text(path: str) -> str:
    """Return the text of a UTF-8 file; raises NotDone where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotDone(path, "not UTF-8", "Save the file as UTF-8.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotDone(path, reason, "Name a file that can be read.") from error


def choose_operator(slug: str | None) -> Operator:
    """Return the operator of --operator, or the only one; raises NotDone."""
    try:
        return operators.choose_operator(slug)
    except operators.OperatorUnclear as error:
        raise NotDone("operator", str(error), "Name one with --operator SLUG.") from error


def json_text(result: object) -> str:
    """Return JSON in our formats: decimals as strings without exponent, instants in Z."""
    return json.dumps(result, default=_plain, ensure_ascii=False)


def with_progress(rows: Iterable[T], *, total: int, label: str, out: TextIO) -> Iterator[T]:
    """Pass rows on while a bar on a terminal shows how far they came; elsewhere be silent.

    A total of 0 is not known.
    """
    if not out.isatty():
        yield from rows
        return
    step = max(1, total // 200) if total else 1000
    done = 0
    for row in rows:
        done += 1
        if done % step == 0:
            _draw(out, label, done, total)
        yield row
    _draw(out, label, done, done)
    out.write("\n")


def _draw(out: TextIO, label: str, done: int, total: int) -> None:
    share = min(1.0, done / total) if total else 0.0
    count = f"{done} of {total}" if total else str(done)
    out.write(f"\r{label:<10} [{'#' * int(30 * share):<30}] {count}")
    out.flush()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
