"""A lost nudge costs half a minute, never a krona."""

from datetime import timedelta

import pytest

from chargenet import wiring
from chargenet.celery import app
from chargenet.core import clock
from revenue import ledger, queries, tasks
from revenue.models import JournalEntry
from tests.integration.revenue.made import NOW, shops

pytestmark = pytest.mark.django_db


def test_the_sweep_finds_by_query_what_no_nudge_told() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    invoice = shop.invoice((cdr, "25", "80.00", "20.00"))
    payment = shop.payment(invoice)
    shop.cdr(made.socket, ("25", "0.00", "0.00"))
    shop.payment(None, "9", state="declined", captured_at=None)

    tasks.sweep_unposted()

    assert set(JournalEntry.objects.values_list("source", flat=True)) == {
        f"cdr:{cdr.pk}",
        f"invoice:{invoice.pk}",
        f"payment:{payment.pk}",
    }
    for rows in (
        queries.cdrs_without_entry(),
        queries.invoices_without_entry(),
        queries.payments_without_entry(),
    ):
        assert not rows.exists()


def test_two_beats_sweep_a_slot_once(monkeypatch) -> None:
    made, shop = shops()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tasks.sweep_unposted(every_s=30)
    shop.cdr(made.socket, ("25", "80.00", "20.00"))

    tasks.sweep_unposted(every_s=30)
    assert not JournalEntry.objects.exists()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=30))
    tasks.sweep_unposted(every_s=30)
    assert JournalEntry.objects.count() == 1


def test_the_frequent_sweep_reads_the_newest_rows_and_the_other_all() -> None:
    made, shop = shops()
    old, new = (shop.cdr(made.socket, ("25", "80.00", "20.00")) for _ in range(2))

    assert list(queries.cdrs_without_entry(newest=1)) == [new]
    assert list(queries.cdrs_without_entry()) == [old, new]
    tasks.sweep_unposted_history()
    assert not queries.cdrs_without_entry().exists()


def test_a_source_that_contradicts_itself_is_logged_and_stays_open(caplog) -> None:
    made, shop = shops()
    wrong = shop.cdr(made.socket, ("25", "80.00", "20.00"), vat_breakdown=[])

    tasks.sweep_unposted()

    assert f"source=cdr:{wrong.pk}" in caplog.text
    assert list(queries.cdrs_without_entry()) == [wrong]


def test_the_nudges_post_by_id_and_ignore_what_they_do_not_know() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    invoice = shop.invoice((cdr, "25", "80.00", "20.00"))

    tasks.post_cdr(cdr_id=cdr.pk, session_id=cdr.session_id)
    tasks.post_invoice(invoice_id=invoice.pk)
    tasks.post_payment(payment_id=shop.payment(invoice).pk)

    assert JournalEntry.objects.count() == 3


def test_every_sweep_of_the_books_is_a_task_the_workers_know() -> None:
    app.loader.import_default_modules()

    named = {task for task, _ in wiring.BEAT.values() if task.startswith("revenue.")}
    assert named == {"revenue.tasks.sweep_unposted", "revenue.tasks.sweep_unposted_history"}
    assert named <= set(app.tasks)
    assert ledger.SWEPT_AT_ONCE >= 1
