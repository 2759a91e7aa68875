import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from billing.tariffs import reading
from chargenet import command
from chargenet.core import clock
from chargenet.imports import lists, prices
from stations import history, recordings

# Enough to see what is wrong with a list; stderr says when there are more.
ERRORS_SHOWN = 1000


class Command(command.DoorCommand):
    help = (
        "Import a historic session list (CSV or CSV.gz): keep every row, flag the impossible ones,"
        " then rate, invoice and post the rest. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", required=True, metavar="MAP.json")
        parser.add_argument("--operator", metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--no-invoices", action="store_true", help="rate and post only")

    def handle(self, **options: Any) -> None:
        order = _order(**options)
        watch = partial(command.with_progress, out=sys.stderr)
        try:
            if options["dry_run"]:
                told = lists.survey_sessions(order, watch=watch)
            else:
                told = lists.import_sessions(order, as_of=clock.now(), watch=watch)
        except recordings.ListRefused as refused:
            raise command.NotDone(
                str(order.path), str(refused), "Name a CSV file the mapping fits."
            ) from refused
        except prices.PricesRefused as refused:
            raise _mapping_refused(options["mapping"], refused) from refused
        except history.PlaceTaken as refused:
            raise command.NotDone("stations", str(refused), "Choose another --operator.") from None
        self._tell(told)

    def _tell(self, told: lists.Told) -> None:
        if told.rounded:
            self.stderr.write(f"{told.rounded} energies were rounded to whole Wh, half up.")
        if len(told.errors) > ERRORS_SHOWN:
            self.stderr.write(f"{len(told.errors)} wrong rows; the first {ERRORS_SHOWN} are told.")
        amounts = told.amounts
        self.write_json(
            {
                "rows": told.rows,
                "sessions": told.sessions,
                "already_there": told.already_there,
                "flagged": told.flagged,
                "errors": [
                    {"line": wrong.line, "text": wrong.text}
                    for wrong in told.errors[:ERRORS_SHOWN]
                ],
                "cdrs": amounts.cdrs,
                "cdr_total": amounts.cdr_total,
                "invoices": amounts.invoices,
                "invoice_line_total": amounts.invoice_line_total,
                "open_total": amounts.open_total,
                "ledger_sum": amounts.ledger_sum,
            }
        )
        if told.errors:
            sys.exit(command.EXIT_DIFFERS)


def _order(
    *, file: Path, mapping: str, operator: str | None, no_invoices: bool, **_: object
) -> lists.ListImport:
    text = command.read_text(mapping)
    try:
        # Strictly first: a key given twice would silently be the last of them.
        reading.parse_json(text)
        written = json.loads(text)
        columns = recordings.parse_mapping(written)
        priced = prices.parse_prices(written)
    except reading.Refused as refused:
        where = f"{mapping} {refused.where}"
        raise command.NotDone(where, refused.what, refused.advice) from refused
    except ValueError as refused:
        raise _mapping_refused(mapping, refused) from refused
    return lists.ListImport(
        operator=command.choose_operator(operator),
        path=file,
        mapping=columns,
        prices=priced,
        with_invoices=not no_invoices,
    )


def _mapping_refused(path: str, refused: ValueError) -> command.NotDone:
    key = getattr(refused, "key", "")
    return command.NotDone(
        f"{path} {key}".strip(), str(refused), "See docs/imports.md and docs/mappings."
    )
