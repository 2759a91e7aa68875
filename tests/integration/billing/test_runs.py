"""Runs people start: once, counted, taken up again where they were left."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from billing import invoices, policies, rating, runs
from billing.models import BillingRun, Customer, Invoice, InvoicePolicy
from billing.queries import run_pages
from billing.vat.months import Month
from chargenet.core.models import AuditEntry
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import RATED
from tests.integration.billing.test_papers import DECEMBER_2

NOVEMBER = Month(2026, 11)
FORM: dict[str, str | bool] = {"grace_days": "5", "reminders": "2", "reminder_after_days": "7"}


@pytest.fixture
def scene(db: None) -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("3.2")))
    ids = [trade.make_session(made, driver=made.astrid).pk]
    rating.rate_sessions(session_ids=ids, as_of=RATED)
    return made


def ask(scene: cast.Cast) -> BillingRun:
    return runs.ask_run(
        operator_id=scene.operator.pk,
        period=NOVEMBER,
        started_by=scene.cilla,
        as_of=DECEMBER_2,
    )


def test_a_run_is_asked_for_once_and_ends_once(scene: cast.Cast) -> None:
    run = ask(scene)
    assert ask(scene) == run
    assert AuditEntry.objects.get().action == "invoices_run"

    ended = [runs.work_on_run(run_id=run.pk, as_of=DECEMBER_2) for _ in range(2)]

    assert ended == [True, False]
    (row,) = run_pages.describe_runs(list(run_pages.runs_of(scene.cilla)))
    assert (row.state, row.customers, row.created, row.sessions) == ("finished", 1, 1, 1)
    assert Invoice.objects.get().issued_at == DECEMBER_2


def test_a_run_that_was_left_is_taken_up_again(scene: cast.Cast) -> None:
    run = ask(scene)

    assert runs.sweep_runs(as_of=DECEMBER_2 + timedelta(minutes=1)) == 0
    assert runs.sweep_runs(as_of=DECEMBER_2 + timedelta(minutes=4)) == 1

    runs.work_on_run(run_id=run.pk, as_of=DECEMBER_2)
    assert runs.sweep_runs(as_of=DECEMBER_2 + timedelta(hours=1)) == 0


def test_a_month_that_is_not_over_has_no_run(scene: cast.Cast) -> None:
    with pytest.raises(invoices.PeriodNotOver):
        runs.ask_run(
            operator_id=scene.operator.pk,
            period=Month(2026, 12),
            started_by=None,
            as_of=DECEMBER_2,
        )


def test_the_operators_days_of_grace_are_waited_for(scene: cast.Cast) -> None:
    policies.set_policy(
        operator_id=scene.operator.pk,
        values=FORM | {"swish_number": "123 456 78 90", "sends_email": True},
        changed_by=scene.cilla,
        as_of=RATED,
    )
    early = datetime(2026, 12, 5, 8, tzinfo=UTC)

    assert runs.sweep_due(as_of=early) == 0
    assert runs.sweep_due(as_of=early + timedelta(days=1)) == 1
    assert InvoicePolicy.objects.get().swish_number == "1234567890"


def test_what_was_issued_is_not_asked_for_every_hour(scene: cast.Cast) -> None:
    day = datetime(2026, 12, 5, 8, tzinfo=UTC)
    assert runs.sweep_due(as_of=day) == 1
    runs.work_on_run(run_id=BillingRun.objects.get().pk, as_of=day)

    assert runs.sweep_due(as_of=day + timedelta(hours=1)) == 0
    assert BillingRun.objects.count() == 1


def test_the_commands_run_is_on_the_list_of_runs(scene: cast.Cast, capsys) -> None:
    def command(*options: str) -> BillingRun:
        call_command("run_invoices", "--period", "2026-11", "--operator", "nord", *options)
        return BillingRun.objects.latest("pk")

    call_command(
        *("run_invoices", "--period", "2026-11", "--operator", "nord", "--dry-run"),
        *("--as-of", "2026-12-02"),
    )
    assert not BillingRun.objects.exists()
    run = command("--as-of", "2026-12-02")
    assert (run.created, run.customers, run.sessions) == (1, 1, 1)
    assert run.finished_at is not None
    customer = Customer.objects.get(user=scene.astrid)
    some = command("--as-of", "2026-12-02", "--customer", str(customer.pk))
    assert (some.created, some.customers) == (0, 1)
    assert some != run


def test_a_command_killed_midway_is_ended_by_the_workers(
    scene: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(invoices, "issue_due_invoices", die)
    with pytest.raises(KeyboardInterrupt):
        runs.run_month(
            operator_id=scene.operator.pk, period=NOVEMBER, as_of=DECEMBER_2, now=DECEMBER_2
        )
    monkeypatch.undo()

    later = DECEMBER_2 + timedelta(minutes=5)
    assert runs.sweep_runs(as_of=later) == 1
    runs.work_on_run(run_id=BillingRun.objects.get().pk, as_of=later)
    assert Invoice.objects.get().issued_at == DECEMBER_2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grace_days", "-1"),
        ("reminders", "4"),
        ("reminder_after_days", "²"),
        ("swish_number", "7"),
    ],
)
def test_a_policy_nobody_can_keep_is_refused(scene: cast.Cast, name: str, value: str) -> None:
    with pytest.raises(policies.NotAPolicy):
        policies.set_policy(
            operator_id=scene.operator.pk,
            values=FORM | {name: value},
            changed_by=scene.cilla,
            as_of=RATED,
        )
    assert not InvoicePolicy.objects.exists()
