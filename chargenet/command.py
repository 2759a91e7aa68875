"""The manners of our commands: the result on stdout, `error: WHERE: WHAT. TRY` on stderr."""

import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

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
