"""Issue the invoices of one month; run again it issues what is missing and nothing else."""

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandParser
from django.db import transaction

from billing import invoices, queries, runs
from billing.invoices import InvoiceRun
from billing.models import Customer
from billing.vat.months import Month
from chargenet.command import DoorCommand, NotDone
from chargenet.core import clock, operators
from chargenet.core.models import Operator


class Command(DoorCommand):
    help = "Issue the invoices of one month and print what was issued, as one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", required=True, metavar="YYYY-MM")
        parser.add_argument("--operator", metavar="SLUG")
        parser.add_argument("--customer", type=int, metavar="ID")
        parser.add_argument("--as-of", metavar="DATE", help="the issue date (default today)")
        parser.add_argument("--dry-run", action="store_true", help="show, change nothing")

    def handle(self, *, period: str, operator: str | None, **options: Any) -> None:
        month = _month(period)
        seller = _operator(operator)
        customer_id = _customer(options["customer"], seller)
        as_of = _as_of(options["as_of"], seller)
        if options["dry_run"]:
            with transaction.atomic():
                run = _issue(seller, month, customer_id, as_of)
                # Nothing is written, no run is there to be seen, nobody is told.
                transaction.set_rollback(True)
        else:
            run = _issue(seller, month, customer_id, as_of)
        waiting = queries.unrated_in(seller.pk, month)
        self.stdout.write(json.dumps(_report(month, run, waiting), ensure_ascii=False, indent=1))


def _issue(seller: Operator, month: Month, customer_id: int | None, as_of: datetime) -> InvoiceRun:
    try:
        return runs.run_month(
            operator_id=seller.pk,
            period=month,
            as_of=as_of,
            now=clock.now(),
            customer_ids=None if customer_id is None else [customer_id],
        )
    except invoices.PeriodNotOver as error:
        raise NotDone("--period", str(error), "Wait, or give a later --as-of.") from error


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise NotDone("--period", f"{text!r} is no month", "Write it as 2026-11.") from error


def _operator(slug: str | None) -> Operator:
    try:
        return operators.choose_operator(slug)
    except operators.OperatorUnclear as error:
        raise NotDone("--operator", str(error), "Name one of them.") from error


def _customer(key: int | None, seller: Operator) -> int | None:
    if key is None or Customer.objects.filter(operator=seller, pk=key).exists():
        return key
    raise NotDone("--customer", f"no customer {key} at {seller.slug}", "See the customers page.")


def _as_of(text: str | None, seller: Operator) -> datetime:
    """Return the present, or noon of a date where the operator is."""
    if text is None:
        return clock.now()
    try:
        day = date.fromisoformat(text)
        # The due date lies after it.
        day.replace(year=day.year + 1, day=1)
    except ValueError as error:
        raise NotDone("--as-of", f"{text!r} is no date", "Write it as 2026-12-01.") from error
    return datetime.combine(day, time(12), ZoneInfo(seller.timezone))


def _report(month: Month, run: InvoiceRun, waiting: queries.Waiting) -> dict[str, Any]:
    totals: dict[str, Decimal] = run.totals
    return {
        "period": str(month),
        "created": run.created,
        "already_there": run.already_there,
        "lines": run.lines,
        "sessions": run.sessions,
        "held": waiting.held,
        "without_tariff": waiting.without_tariff,
        "totals": {currency: str(total) for currency, total in sorted(totals.items())},
        "first_number": run.labels[0] if run.labels else None,
        "last_number": run.labels[-1] if run.labels else None,
    }
