"""Check the archive of documents: every file is there and is what was issued."""

import dataclasses
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from billing import archive
from billing.models import ArchivedDocument
from chargenet import command
from chargenet.core import clock


class Command(command.DoorCommand):
    help = "Print each archived file that was changed or is missing, then how many were looked at."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--operator", metavar="SLUG")

    def handle(self, *, operator: str | None, **_: Any) -> None:
        seller = command.choose_operator(operator)
        today = timezone.localdate(clock.now())
        found = 0
        for each in archive.check_archive(operator_ids=[seller.pk], today=today):
            found += 1
            self.write_json(dataclasses.asdict(each))
        files = ArchivedDocument.objects.filter(operator=seller).count()
        self.write_json({"files": files, "problems": found})
        if found:
            sys.exit(command.EXIT_DIFFERS)
