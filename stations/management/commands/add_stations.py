import csv
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from chargenet import command
from stations import registry
from stations.management.commands import add_station

COLUMNS = (
    "identity",
    "operator",
    "site",
    "ocpp",
    "connectors",
    "max_power_kw",
    "profile",
    "password",
)
MEND = "Mend the file; no station of it was added."


class Command(command.DoorCommand):
    help = f"Register the stations of a CSV file, all or none. Columns: {', '.join(COLUMNS)}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--operator", help="for rows without an operator of their own")

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        """Register every row, then print: one wrong row leaves nothing behind."""
        lines = [
            add_station.registered(command.choose_operator(slug or options["operator"]), plan)
            for slug, plan in _read(options["file"])
        ]
        for line in lines:
            self.write_json(line)


def _read(path: str) -> Iterator[tuple[str | None, registry.StationPlan]]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(path, reader.fieldnames or [])
            for row in reader:
                yield row.get("operator") or None, _plan(path, reader.line_num, row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise command.NotDone(path, str(error), "Give a CSV file in UTF-8.") from error


def _check_columns(path: str, names: Any) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise command.NotDone(
            f"{path} line 1", f"unknown column {unknown[0]!r}", f"Known: {', '.join(COLUMNS)}."
        )
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise command.NotDone(f"{path} line 1", f"column {twice[0]!r} is there twice", MEND)
    if "identity" not in names:
        raise command.NotDone(f"{path} line 1", "no column identity", MEND)


def _plan(path: str, line: int, row: dict[str, Any]) -> registry.StationPlan:
    if None in row:
        raise command.NotDone(f"{path} line {line}", "more fields than columns", MEND)
    try:
        return registry.StationPlan(
            identity=row["identity"] or "",
            site=row.get("site") or None,
            ocpp_version=row.get("ocpp") or None,
            connectors=int(row["connectors"]) if row.get("connectors") else None,
            max_power_w=add_station.watts(row["max_power_kw"])
            if row.get("max_power_kw")
            else None,
            security_profile=int(row["profile"]) if row.get("profile") else None,
            password=row.get("password") or None,
        )
    except ValueError as error:
        raise command.NotDone(f"{path} line {line}", str(error), MEND) from error
