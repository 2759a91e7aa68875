"""The proof finds what is wrong, names it with an amount, and forgives only what is on its way."""

from datetime import date, timedelta

import pytest
from django.db import connection

from billing.models import Customer
from revenue import journal, ledger, proof
from revenue.models import EntryKind
from revenue.posting.lines import UNTAGGED, Line
from tests.integration.revenue.made import NOW, RATED_AT, other_shop, shops
from tests.integration.revenue.proving import D, a_months_trade, find, prove, wrong

pytestmark = pytest.mark.usefixtures("committed_db")


def test_books_that_agree_have_no_difference() -> None:
    _, shop = a_months_trade()
    ledger.post_unposted(newest=None, as_of=NOW)

    checks = prove(shop)

    assert wrong(checks) == {}
    sides = {check.invariant: (check.left, check.right) for check in checks}
    assert sides == {
        "sessions_are_rated_or_wait": (D(5), D(5)),
        "cdrs_are_invoiced_or_open": (D("120.99"), D("120.99")),
        "lines_are_their_invoices": (D("100.99"), D("100.99")),
        "cdrs_have_entries": (D(3), D(3)),
        "invoices_have_entries": (D(2), D(2)),
        "payments_have_entries": (D(1), D(1)),
        "refunds_have_entries": (D(0), D(0)),
        "entries_have_sources": (D(6), D(6)),
        "entries_are_whole": (D(6), D(6)),
        "ledger_sums_to_zero": (D("297.78"), D("297.78")),
        "accrued_income_is_uninvoiced_cdrs": (D("16.00"), D("16.00")),
        "receivables_are_open_invoices": (D("0.99"), D("0.99")),
        "vat_is_invoiced_vat": (D("20.19"), D("20.19")),
        "sales_are_what_was_rated": (D("96.80"), D("96.80")),
        "sales_tags_are_the_cdrs": (D(4), D(4)),
        "psp_clearing_is_captured_payments": (D("100.00"), D("100.00")),
    }


def test_what_was_written_a_moment_ago_is_in_transit_and_later_a_difference() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)
    shop.cdr(made.socket, ("25", "8.00", "2.00"), rated_at=NOW)
    shop.payment(shop.invoice((cdr, "25", "80.00", "20.00")))

    young = prove(shop, NOW + timedelta(seconds=40))
    old = prove(shop, NOW + timedelta(seconds=100))

    assert wrong(young) == {}
    accrued = find(young, "accrued_income_is_uninvoiced_cdrs")
    assert (accrued.left, accrued.in_transit, accrued.right) == (D(80), D(-72), D(8))
    assert accrued.oldest_s == 40
    assert find(young, "receivables_are_open_invoices").in_transit == 0
    assert find(young, "psp_clearing_is_captured_payments").in_transit == 100
    assert wrong(old) == {
        "cdrs_have_entries": D(-1),
        "invoices_have_entries": D(-1),
        "payments_have_entries": D(-1),
        "accrued_income_is_uninvoiced_cdrs": D(72),
        "sales_are_what_was_rated": D(-8),
        "vat_is_invoiced_vat": D(-20),
        "psp_clearing_is_captured_payments": D(-100),
    }
    assert find(old, "cdrs_have_entries").oldest_s == 100


def test_a_session_nobody_rated_or_held_is_missing_after_a_moment() -> None:
    made, shop = shops()
    shop.session(made.socket, completed_at=RATED_AT)
    shop.session(made.socket, state="flagged")
    shop.session(made.socket, state="open", energy_wh=None, completed_at=None)

    young = find(prove(shop, RATED_AT + timedelta(seconds=5)), "sessions_are_rated_or_wait")
    old = find(prove(shop), "sessions_are_rated_or_wait")

    assert (young.left, young.right, young.in_transit, young.difference) == (
        D(0),
        D(1),
        D(1),
        D(0),
    )
    assert (young.oldest_s, old.difference) == (5, D(-1))


def test_an_entry_nobody_caused_is_found_though_it_balances() -> None:
    _, shop = a_months_trade()
    ledger.post_unposted(newest=None, as_of=NOW)
    forged = journal.Draft(
        operator_id=shop.operator.pk,
        kind=EntryKind.PAYMENT,
        source="payment:999",
        date=NOW.date(),
        currency="SEK",
        lines=(Line("psp_clearing", D(50), UNTAGGED), Line("receivables", D(-50), UNTAGGED)),
    )
    journal.write_entries([forged], as_of=NOW)

    assert wrong(prove(shop)) == {
        "entries_have_sources": D(1),
        "receivables_are_open_invoices": D(-50),
        "psp_clearing_is_captured_payments": D(50),
    }


def test_a_line_slipped_past_the_seal_is_found() -> None:
    _, shop = a_months_trade()
    ledger.post_unposted(newest=None, as_of=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE; ALTER TABLE revenue_posting DISABLE TRIGGER USER")
        cursor.execute(
            "SET ROLE chargenet_system; INSERT INTO revenue_posting"
            " (operator_id, entry_id, account_id, date, amount, currency, session_id, station_id)"
            " SELECT operator_id, entry_id, account_id, date, -7, currency, session_id, station_id"
            " FROM revenue_posting WHERE amount = -16"
        )
        cursor.execute(
            "SET ROLE NONE; ALTER TABLE revenue_posting ENABLE TRIGGER USER;"
            " SET ROLE chargenet_system"
        )

    assert wrong(prove(shop)) == {
        "entries_are_whole": D(-1),
        "ledger_sums_to_zero": D(-7),
        "sales_are_what_was_rated": D(7),
        "sales_tags_are_the_cdrs": D(-1),
    }


def test_an_invoice_line_that_repeats_another_amount_is_found() -> None:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    shop.invoice((cdr, "25", "88.00", "22.00"))
    ledger.post_unposted(newest=None, as_of=NOW)

    assert wrong(prove(shop)) == {"cdrs_are_invoiced_or_open": D(-10)}


def test_a_businesss_lines_are_compared_without_vat() -> None:
    made, shop = shops()
    firm = shop.customer("firm", kind=Customer.Kind.BUSINESS)
    # Net is repeated; its VAT is rounded once for the document.
    cdrs = [shop.cdr(made.socket, ("25", "0.02", "0.01"), customer=firm) for _ in range(3)]
    lines = [
        (cdr, "25", "0.02", vat) for cdr, vat in zip(cdrs, ("0.01", "0.01", "0"), strict=True)
    ]
    invoice = shop.invoice(*lines, customer=firm, buyer={"kind": "business"})
    ledger.post_unposted(newest=None, as_of=NOW)

    assert invoice.vat_amount.amount == D("0.02")
    checks = prove(shop)
    assert wrong(checks) == {}
    assert find(checks, "cdrs_are_invoiced_or_open").left == D("0.06")


def test_the_books_of_a_past_day_are_proved_as_they_stood() -> None:
    _, shop = a_months_trade()
    ledger.post_unposted(newest=None, as_of=NOW)

    before = prove(shop, until=date(2026, 10, 31))

    assert wrong(before) == {}
    assert find(before, "accrued_income_is_uninvoiced_cdrs").left == D("96.79")
    assert find(before, "invoices_have_entries").right == 0
    empty = prove(shop, until=date(2026, 10, 4))
    assert {check.left for check in empty} == {D(0)}


def test_every_currency_is_proved_for_itself_and_every_operator() -> None:
    made, shop = a_months_trade()
    shop.currency = "EUR"
    shop.cdr(made.socket, ("25", "4.00", "1.00"))
    ledger.post_unposted(newest=None, as_of=NOW)
    other, connector = other_shop(made)
    other.cdr(connector, ("25", "9.00", "2.25"))

    checks = prove(shop)

    assert wrong(checks) == {}
    sold = [check for check in checks if check.invariant == "sales_are_what_was_rated"]
    assert [(check.currency, check.left) for check in sold] == [("EUR", D(4)), ("SEK", D("96.80"))]
    assert set(wrong(prove(other))) == {
        "cdrs_have_entries",
        "accrued_income_is_uninvoiced_cdrs",
        "sales_are_what_was_rated",
    }


def test_the_proof_reads_one_snapshot_and_writes_nothing(monkeypatch) -> None:
    _, shop = a_months_trade()
    seen = []

    def look(scope: object) -> proof.Sides:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            seen.append(cursor.fetchone()[0])
            cursor.execute("SHOW transaction_read_only")
            seen.append(cursor.fetchone()[0])
        return proof.Sides({}, {})

    monkeypatch.setattr(proof, "INVARIANTS", {"looks": look})

    [check] = prove(shop)
    assert seen == ["repeatable read", "on"]
    assert (check.invariant, check.currency, check.difference) == ("looks", None, D(0))
