"""Invoice runs people see: asked for once, worked on by any number, resumed by whoever comes."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from billing import invoices, queries
from billing.models import BillingRun
from billing.vat.months import Month
from chargenet.core import audit, events
from chargenet.core.events import Event
from chargenet.core.models import Operator, User

# So many nudges go out for one run: as many workers share its customers.
WORKERS = 4
# A run nobody has worked on for so long has lost its workers.
LEFT_AFTER = timedelta(minutes=3)


def ask_run(
    *, operator_id: int, period: Month, started_by: User | None, as_of: datetime
) -> BillingRun:
    """Ask for the invoices of a month; a run that is under way is that run.

    Raises invoices.PeriodNotOver.
    """
    invoices.until_of(Operator.objects.get(pk=operator_id), period, as_of)
    due = queries.uninvoiced_cdrs(operator_id).filter(customer_id__isnull=False)
    with transaction.atomic():
        run, is_new = BillingRun.objects.get_or_create(
            operator_id=operator_id,
            period_start=period.start,
            finished_at=None,
            defaults={
                "as_of": as_of,
                "started_by": started_by,
                "customers": due.values("customer_id").distinct().count(),
            },
        )
        if is_new:
            audit.record(
                operator_id=operator_id,
                user_id=started_by.pk if started_by else None,
                action="invoices_run",
                object_type="billing_run",
                object_id=run.pk,
                as_of=as_of,
                details={"period": str(period)},
            )
            _wake(run)
    return run


def work_on_run(*, run_id: int, as_of: datetime) -> bool:
    """Do what is left of a run beside whoever else does; True where it ended here.

    Killed at any point it is where its last commit was.
    """
    run = BillingRun.objects.get(pk=run_id)
    if run.finished_at is not None:
        return False
    row = BillingRun.objects.filter(pk=run_id)

    def count(created: int, lines: int, sessions: int) -> None:
        row.update(
            created=F("created") + created,
            lines=F("lines") + lines,
            sessions=F("sessions") + sessions,
            worked_at=as_of,
        )

    row.update(worked_at=as_of)
    invoices.issue_due_invoices(
        operator_id=run.operator_id,
        period=Month.of(run.period_start),
        as_of=run.as_of,
        on_chunk=count,
    )
    return row.filter(finished_at__isnull=True).update(finished_at=as_of) == 1


def sweep_runs(*, as_of: datetime) -> int:
    """Wake workers for runs that were left; returns how many."""
    left = BillingRun.objects.filter(finished_at__isnull=True, as_of__lt=as_of - LEFT_AFTER)
    woken = 0
    for run in left.order_by("pk"):
        if run.worked_at is None or run.worked_at < as_of - LEFT_AFTER:
            _wake(run)
            woken += 1
    return woken


def _wake(run: BillingRun) -> None:
    """Send a nudge to each worker; together they would travel as one message, to one."""
    for part in range(WORKERS):
        news: list[events.News] = [(Event.INVOICE_RUN_ASKED, {"run_id": run.pk, "part": part})]
        transaction.on_commit(partial(events.send_now, news), robust=True)
