"""Posting in order, twice, at the same time and in bulk: the books end the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from billing.models import Payment
from chargenet.core.models import Operator
from revenue import accounts, ledger
from revenue.models import JournalEntry, LedgerAccount, Posting
from revenue.posting.lines import DoesNotAddUp
from tests.integration.revenue.made import NOW, other_shop, shops

D = Decimal


def balances() -> dict[str, Decimal]:
    rows = Posting.objects.values_list("account__purpose").annotate(total=Sum("amount"))
    return {purpose: total for purpose, total in rows if total}


@pytest.mark.django_db
def test_a_session_is_earned_invoiced_and_paid_and_nothing_is_left_open() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.tethered, ("25", "80.00", "20.00"), cable=made.cable)
    invoice = shop.invoice((cdr, "25", "80.00", "20.00"))
    payment = shop.payment(invoice)

    assert ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)
    assert balances() == {"accrued_income": D(80), "sales_25": D(-80)}
    assert ledger.post_invoice(invoice_id=invoice.pk, as_of=NOW)
    assert balances() == {"receivables": D(100), "sales_25": D(-80), "vat_out_25": D(-20)}
    assert ledger.post_payment(payment_id=payment.pk, as_of=NOW)

    assert balances() == {"psp_clearing": D(100), "sales_25": D(-80), "vat_out_25": D(-20)}
    sold = Posting.objects.get(account__purpose="sales_25")
    assert (sold.station, sold.connector, sold.cable) == (
        made.dc_station,
        made.tethered,
        made.cable,
    )
    assert (sold.session, sold.location, sold.customer) == (
        cdr.session,
        made.location,
        shop.customer(),
    )


@pytest.mark.django_db
def test_posting_twice_changes_nothing() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    invoice = shop.invoice((cdr, "25", "80.00", "20.00"))
    payment = shop.payment(invoice)
    calls: list[Callable[[], object]] = [
        lambda: ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW),
        lambda: ledger.post_invoice(invoice_id=invoice.pk, as_of=NOW),
        lambda: ledger.post_payment(payment_id=payment.pk, as_of=NOW),
    ]

    assert [call() for call in calls] == [True, True, True]
    before = list(Posting.objects.order_by("pk").values())
    assert [call() for call in calls] == [False, False, False]
    assert ledger.post_cdrs(cdr_ids=[cdr.pk, cdr.pk], as_of=NOW).written == 0
    assert list(Posting.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_the_order_of_posting_does_not_matter() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    invoice = shop.invoice((cdr, "25", "80.00", "20.00"))
    payment = shop.payment(invoice)

    ledger.post_payment(payment_id=payment.pk, as_of=NOW)
    ledger.post_invoice(invoice_id=invoice.pk, as_of=NOW)
    ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)

    assert balances() == {"psp_clearing": D(100), "sales_25": D(-80), "vat_out_25": D(-20)}


@pytest.mark.usefixtures("committed_db")
def test_many_workers_post_the_same_sessions_once() -> None:
    made, shop = shops()
    ids = [shop.cdr(made.socket, ("25", "80.00", "20.00")).pk for _ in range(40)]

    def post(turn: int) -> int:
        try:
            mine = ids if turn % 2 else list(reversed(ids))
            return ledger.post_cdrs(cdr_ids=mine, as_of=NOW).written
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(post, range(12)))

    assert sum(written) == 40
    assert JournalEntry.objects.count() == 40
    assert balances() == {"accrued_income": D(3200), "sales_25": D(-3200)}


@pytest.mark.usefixtures("committed_db")
def test_workers_that_open_the_same_accounts_open_them_once() -> None:
    made, _ = shops()

    def open_them(_: int) -> dict[str, int]:
        try:
            return accounts.open_accounts(operator_id=made.operator.pk, currency="SEK")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(open_them, range(12)))

    assert all(row == opened[0] for row in opened)
    assert LedgerAccount.objects.count() == len(accounts.ALWAYS_OPEN)


@pytest.mark.django_db
def test_a_free_session_has_no_entry() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "0.00", "0.00"))

    assert not ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)
    assert not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_one_contradictory_source_is_named_and_does_not_stop_the_others() -> None:
    made, shop = shops()
    wrong = shop.cdr(made.socket, ("25", "80.00", "20.00"), vat_breakdown=[])
    right = shop.cdr(made.socket, ("25", "8.00", "2.00"))

    outcome = ledger.post_cdrs(cdr_ids=[wrong.pk, right.pk], as_of=NOW)

    assert outcome.written == 1
    assert list(outcome.refused) == [f"cdr:{wrong.pk}"]
    with pytest.raises(DoesNotAddUp):
        ledger.post_cdr(cdr_id=wrong.pk, as_of=NOW)


@pytest.mark.django_db
def test_what_is_not_there_is_not_posted() -> None:
    _, shop = shops()
    open_payment = shop.payment(None, "50", state=Payment.State.AUTHORISED, captured_at=None)

    for call in (
        lambda: ledger.post_cdr(cdr_id=404, as_of=NOW),
        lambda: ledger.post_invoice(invoice_id=404, as_of=NOW),
        lambda: ledger.post_payment(payment_id=open_payment.pk, as_of=NOW),
        lambda: ledger.reverse_entry(entry_id=404, on=NOW.date(), as_of=NOW, text=""),
    ):
        with pytest.raises(ledger.NothingToPost):
            call()


@pytest.mark.django_db
def test_a_payment_for_no_invoice_is_an_advance() -> None:
    _, shop = shops()

    ledger.post_payment(payment_id=shop.payment(None, "50").pk, as_of=NOW)

    assert balances() == {"psp_clearing": D(50), "customer_advances": D(-50)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ended_at", "zone", "day"),
    [
        # 23:30 on the last day of October in Stockholm, whose clock stands at UTC+1
        (datetime(2026, 10, 31, 22, 30, tzinfo=UTC), "Europe/Stockholm", date(2026, 10, 31)),
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), "Europe/Stockholm", date(2026, 11, 1)),
        # the evening before the clocks went back: UTC+2
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "Europe/Stockholm", date(2026, 10, 25)),
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), "UTC", date(2026, 10, 31)),
    ],
)
def test_a_session_belongs_to_the_day_of_its_site(ended_at, zone: str, day: date) -> None:
    made, shop = shops()
    made.location.timezone = zone
    made.location.save(update_fields=["timezone"])
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"), ended_at=ended_at)

    ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)

    assert JournalEntry.objects.get().date == day


@pytest.mark.django_db
def test_a_reversal_is_the_mirror_and_comes_once() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.tethered, ("25", "80.00", "20.00"), cable=made.cable)
    ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)
    entry = JournalEntry.objects.get()

    first = ledger.reverse_entry(entry_id=entry.pk, on=NOW.date(), as_of=NOW, text="wrong")
    second = ledger.reverse_entry(entry_id=entry.pk, on=NOW.date(), as_of=NOW, text="again")

    assert first == second
    assert (first.reverses, first.text, first.date) == (entry, "wrong", NOW.date())
    assert balances() == {}
    assert set(first.postings.values_list("cable_id", flat=True)) == {made.cable.pk}


@pytest.mark.django_db
def test_accounts_are_named_in_the_operators_language_and_by_currency() -> None:
    made, shop = shops()
    shop.currency = "EUR"
    cdr = shop.cdr(made.socket, ("25", "8.00", "2.00"), ("12.5", "8.00", "1.00"))

    ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)

    opened = {row.purpose: row for row in LedgerAccount.objects.all()}
    assert {row.currency for row in opened.values()} == {"EUR"}
    assert opened["sales_25"].code == "3001"
    assert opened["sales_12.5"].code == "3000"
    assert opened["sales_12.5"].kind == LedgerAccount.Kind.INCOME
    assert opened["sales_12.5"].name == "Försäljning, moms 12.5 %"
    assert opened["accrued_income"].name == "Upplupna laddintäkter"


@pytest.mark.django_db
def test_every_operator_has_books_of_its_own(as_web) -> None:
    made, shop = shops()
    other, connector = other_shop(made)
    mine = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    theirs = other.cdr(connector, ("25", "8.00", "2.00"))

    ledger.post_cdrs(cdr_ids=[mine.pk, theirs.pk], as_of=NOW)

    assert Operator.objects.filter(pk__in=JournalEntry.objects.values("operator_id")).count() == 2
    with as_web(made.erik):
        assert [entry.source for entry in JournalEntry.objects.all()] == [f"cdr:{theirs.pk}"]
        assert balances() == {"accrued_income": D(8), "sales_25": D(-8)}
        assert Posting.objects.visible_to(made.erik).count() == 2
    with as_web(made.dag):
        assert Posting.objects.visible_to(made.dag).count() == 0
