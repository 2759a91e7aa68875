"""Invoice runs people see: asked for once, worked on by any number, resumed by whoever comes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from billing import invoices, queries
from billing.invoices import InvoiceRun, OnChunk
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
    with transaction.atomic():
        run, is_new = _open_run(operator_id, period, started_by, as_of, None)
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
    _work(run, issued_at=run.as_of, now=as_of)
    row = BillingRun.objects.filter(pk=run_id, finished_at__isnull=True)
    return row.update(finished_at=as_of) == 1


def run_month(
    *,
    operator_id: int,
    period: Month,
    as_of: datetime,
    now: datetime,
    customer_ids: Collection[int] | None = None,
) -> InvoiceRun:
    """Issue a month's invoices here, as a run everybody sees; returns what was issued here.

    A run that is under way is worked on beside the others. Killed, it is taken up by the workers
    with the same issue date, `as_of`. Of some customers it is there once it is done: nobody
    would know whom to go on with. Raises invoices.PeriodNotOver.
    """
    invoices.until_of(Operator.objects.get(pk=operator_id), period, as_of)
    if customer_ids is not None:
        return _run_some(operator_id, period, as_of, now, customer_ids)
    run, _is_new = _open_run(operator_id, period, None, as_of, now)
    done = _work(run, issued_at=as_of, now=now)
    BillingRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(finished_at=now)
    return done


def sweep_due(*, as_of: datetime) -> int:
    """Ask for last month's run of every operator once its grace is over; returns how many."""
    asked = 0
    for operator in Operator.objects.order_by("pk"):
        # Stations that were offline deliver late: the month stays open for some days more.
        grace = timedelta(days=queries.policy_of(operator.pk).grace_days)
        day = (as_of - grace).astimezone(ZoneInfo(operator.timezone)).date()
        period = Month.of(day).previous
        until = invoices.until_of(operator, period, as_of)
        if queries.is_month_due(operator.pk, period, until):
            ask_run(operator_id=operator.pk, period=period, started_by=None, as_of=as_of)
            asked += 1
    return asked


def _run_some(
    operator_id: int,
    period: Month,
    as_of: datetime,
    now: datetime,
    customer_ids: Collection[int],
) -> InvoiceRun:
    done = invoices.issue_due_invoices(
        operator_id=operator_id, period=period, as_of=as_of, customer_ids=customer_ids
    )
    BillingRun.objects.create(
        operator_id=operator_id,
        period_start=period.start,
        as_of=as_of,
        customers=len(customer_ids),
        created=done.created,
        lines=done.lines,
        sessions=done.sessions,
        worked_at=now,
        finished_at=now,
    )
    return done


def _work(run: BillingRun, *, issued_at: datetime, now: datetime) -> InvoiceRun:
    BillingRun.objects.filter(pk=run.pk).update(worked_at=now)
    return invoices.issue_due_invoices(
        operator_id=run.operator_id,
        period=Month.of(run.period_start),
        as_of=issued_at,
        on_chunk=_counting(run.pk, now),
    )


def _counting(run_id: int, now: datetime) -> OnChunk:
    """Return what writes each chunk on the run's row, in the chunk's own transaction."""

    def count(created: int, lines: int, sessions: int) -> None:
        BillingRun.objects.filter(pk=run_id).update(
            created=F("created") + created,
            lines=F("lines") + lines,
            sessions=F("sessions") + sessions,
            worked_at=now,
        )

    return count


def _open_run(
    operator_id: int,
    period: Month,
    started_by: User | None,
    as_of: datetime,
    worked_at: datetime | None,
) -> tuple[BillingRun, bool]:
    due = queries.uninvoiced_cdrs(operator_id).filter(customer_id__isnull=False)
    return BillingRun.objects.get_or_create(
        operator_id=operator_id,
        period_start=period.start,
        finished_at=None,
        defaults={
            "as_of": as_of,
            "started_by": started_by,
            "customers": due.values("customer_id").distinct().count(),
            "worked_at": worked_at,
        },
    )


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
