"""Invoice runs as a list shows them, and what was sent of an invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.models import BillingRun, Invoice, Reminder
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Outbox


@dataclass(frozen=True)
class RunRow:
    """One run of a list."""

    id: int
    operator: str
    month: date
    state: str
    started_at: datetime
    started_by: str
    customers: int
    created: int
    lines: int
    sessions: int
    percent: int


@dataclass(frozen=True)
class Mail:
    """How the mail of an invoice stands: waiting, sent, failed, or none."""

    state: str
    to: str = ""
    at: datetime | None = None
    error: str = ""


def run_spec() -> Spec:
    """Return what the list of runs can do."""
    words = [("running", _("Running")), ("finished", _("Finished"))]
    return Spec(
        name="runs",
        columns=(
            Column("month", _("Month"), ("period_start",), csv=lambda row: row.month.isoformat()),
            Column("state", _("State"), csv=lambda row: row.state),
            Column("started", _("Started"), ("as_of",), csv=lambda row: row.started_at),
            Column("by", _("By"), csv=lambda row: row.started_by),
            Column("customers", _("Customers"), is_number=True, csv=lambda row: row.customers),
            Column("created", _("Invoices"), is_number=True, csv=lambda row: row.created),
            Column("lines", _("Lines"), is_number=True, csv=lambda row: row.lines),
            Column("sessions", _("Sessions"), is_number=True, csv=lambda row: row.sessions),
        ),
        default_sort="-started",
        filters=(
            Filter(
                "state",
                _("All states"),
                words,
                lambda value: Q(finished_at__isnull=value == "running"),
            ),
        ),
    )


def runs_of(person: Person) -> QuerySet[BillingRun]:
    """Return the runs a person may see."""
    return BillingRun.objects.in_charge(person).select_related("operator", "started_by")


def describe_runs(runs: Sequence[BillingRun]) -> list[RunRow]:
    """Return the rows of some runs."""
    return [
        RunRow(
            id=run.pk,
            operator=run.operator.name,
            month=run.period_start,
            state="running" if run.finished_at is None else "finished",
            started_at=run.as_of,
            started_by=str(run.started_by or _("By itself")),
            customers=run.customers,
            created=run.created,
            lines=run.lines,
            sessions=run.sessions,
            percent=_percent(run),
        )
        for run in runs
    ]


def _percent(run: BillingRun) -> int:
    if run.finished_at is not None or not run.customers:
        return 100
    return min(99, 100 * run.created // run.customers)


def mail_key(invoice: Invoice) -> str:
    """Return the outbox's key of an invoice's mail."""
    return f"invoice-{invoice.public_id.hex}"


def reminder_key(reminder: Reminder) -> str:
    """Return the outbox's key of a reminder's mail."""
    return f"reminder-{reminder.public_id.hex}"


def mail_of(invoice: Invoice) -> Mail:
    """Return how the mail of an invoice stands."""
    row = Outbox.objects.filter(key=mail_key(invoice)).first()
    if row is None:
        return Mail("none")
    to = str(row.payload.get("to", ""))
    if row.sent_at is not None:
        return Mail("sent", to, row.sent_at)
    if row.failed_at is not None:
        return Mail("failed", to, row.failed_at, row.last_error)
    return Mail("waiting", to, row.due_at, row.last_error)
