"""Money that must go back: set off against a debt or paid out, never twice, always booked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from billing import claims, crediting, credits, dunning, invoices, payments, queries, rating
from billing.models import CreditUse, Invoice, InvoiceLine
from billing.providers import demo
from billing.queries import papers, statements
from billing.vat.months import Month
from revenue import ledger, proof
from revenue.models import Posting
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

DECEMBER_2 = datetime(2026, 12, 2, 8, tzinfo=UTC)
LATE = datetime(2027, 3, 12, 9, tzinfo=UTC)


def two_months(scene: cast.Cast) -> tuple[Invoice, Invoice]:
    """Return November's invoice of 40 kr, and December's of 80."""
    customer = trade.make_customer(scene, user=scene.astrid)
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    made = [
        trade.make_session(scene, driver=scene.astrid, energy_wh=energy_wh, started_at=at)
        for energy_wh, at in ((10_000, NOON), (20_000, NOON + timedelta(days=31)))
    ]
    issued = []
    for session, month in zip(made, (Month(2026, 11), Month(2026, 12)), strict=True):
        later = RATED + timedelta(days=60)
        rating.rate_session(session_id=session.pk, as_of=later)
        issued += invoices.issue_invoice(
            customer_id=customer.pk, period=month, as_of=later + timedelta(days=20)
        )
    return issued[0], issued[1]


def paid_and_credited(scene: cast.Cast) -> tuple[Invoice, Invoice]:
    november, december = two_months(scene)
    payments.start_payment(invoice_id=november.pk, method=demo.OK, as_of=LATE)
    crediting.credit_invoice(
        invoice_id=november.pk, reason="wrong", credited_by=scene.cilla, as_of=LATE
    )
    return november, december


def pay_back(scene: cast.Cast, invoice: Invoice, amount: str) -> CreditUse:
    return credits.pay_back(
        source_id=invoice.pk,
        amount=Decimal(amount),
        reference="bank 4711",
        used_by=scene.cilla,
        as_of=LATE,
    )


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def test_what_is_not_paid_gives_no_credit(scene: cast.Cast) -> None:
    november, _ = two_months(scene)
    crediting.credit_invoice(invoice_id=november.pk, reason="x", credited_by=None, as_of=LATE)

    assert queries.credit_of(november.pk) == 0
    with pytest.raises(credits.NoCredit):
        pay_back(scene, november, "40")


def test_credit_settles_another_invoice_as_far_as_it_goes(scene: cast.Cast) -> None:
    november, december = paid_and_credited(scene)
    assert queries.credit_of(november.pk) == 40

    credits.set_off(source_id=november.pk, target_id=december.pk, used_by=scene.cilla, as_of=LATE)

    assert queries.credit_of(november.pk) == 0
    assert queries.to_pay(december) == 40
    assert queries.open_invoices(customer_id=december.customer_id).get().left == 40
    with pytest.raises(credits.NoCredit):
        credits.set_off(source_id=november.pk, target_id=december.pk, used_by=None, as_of=LATE)
    paid = payments.start_payment(invoice_id=december.pk, method=demo.OK, as_of=LATE)
    assert paid.amount.amount == 40
    assert not queries.open_invoices().exists()


def test_credit_is_paid_back_once_and_no_more_than_there_is(scene: cast.Cast) -> None:
    november, _ = paid_and_credited(scene)

    with pytest.raises(credits.NoCredit):
        pay_back(scene, november, "40.01")
    pay_back(scene, november, "15")
    with pytest.raises(credits.NoCredit):
        pay_back(scene, november, "40")
    pay_back(scene, november, "25")

    assert queries.credit_of(november.pk) == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        CreditUse.objects.update(amount=1)


def test_money_leaves_with_a_reference(scene: cast.Cast) -> None:
    november, _ = paid_and_credited(scene)

    with pytest.raises(credits.ReferenceMissing):
        credits.pay_back(
            source_id=november.pk,
            amount=Decimal(1),
            reference=" ",
            used_by=scene.cilla,
            as_of=LATE,
        )


def test_somebody_elses_invoice_is_not_settled(scene: cast.Cast) -> None:
    november, december = paid_and_credited(scene)
    other = trade.make_customer(scene, "other")
    foreign = Invoice.objects.get(pk=december.pk)
    foreign.pk, foreign.customer, foreign.number = None, other, 99
    foreign.public_id = "00000000-0000-4000-8000-000000000001"
    foreign.save()

    for target in (foreign, november):
        with pytest.raises(credits.NotSettleable):
            credits.set_off(source_id=november.pk, target_id=target.pk, used_by=None, as_of=LATE)


def test_the_statement_says_what_is_owed_both_ways(scene: cast.Cast) -> None:
    november, december = paid_and_credited(scene)
    customer = december.customer
    dunning.open_dispute(
        invoice_id=december.pk, reason="too much", opened_by=scene.cilla, as_of=LATE
    )

    (statement,) = statements.statements_of(customer, december.due_date + timedelta(days=3))

    (item,) = statement.items
    assert (str(item.left), item.days_late, item.is_disputed) == ("80.00", 3, True)
    assert item.interest > 0
    (credit,) = statement.credits
    assert (credit.invoice, str(credit.amount)) == (november, "40.00")
    assert (str(statement.left), str(statement.overdue)) == ("40.00", "80.00")
    sheet = statements.sheet_of(statement)
    assert sheet.due[1].startswith("40,00")
    assert [row[0] for row in sheet.table.groups[0].rows] == [
        "Faktura 2, tvistig",
        "Tillgodo från faktura 1",
    ]


def test_interest_on_what_was_paid_late_is_claimed_once(scene: cast.Cast) -> None:
    november, _ = two_months(scene)
    dunning.remind_late(operator_id=scene.operator.pk, as_of=LATE + timedelta(days=20))
    paid_on = LATE + timedelta(days=40)
    payments.start_payment(invoice_id=november.pk, method=demo.OK, as_of=paid_on)

    made = claims.claim_interest(
        customer_id=november.customer_id, issued_by=scene.cilla, as_of=paid_on
    )

    days = (paid_on.date() - november.due_date).days
    grown = (Decimal(40) * 10 / 100 * days / 365).quantize(Decimal("0.01"))
    assert (made.label, made.kind) == ("D1", "interest")
    assert (made.total_incl_vat.amount, made.vat_amount.amount) == (grown + 60, 0)
    lines = InvoiceLine.objects.filter(invoice=made).order_by("position")
    assert [line.unit for line in lines] == ["day", "fee"]
    assert {line.claims for line in lines} == {november}
    sheet = papers.sheet_of(papers.with_paper_rows(Invoice.objects.all()).get(pk=made.pk))
    assert (sheet.kind, sheet.tax, sheet.due[0]) == ("Räntefaktura", None, "Att betala")
    assert sheet.slip is not None
    assert "dagar" in sheet.table.groups[0].rows[0][1]
    client = Client()
    client.force_login(scene.astrid)
    assert client.get(f"/invoices/{made.public_id}.xml").status_code == 404
    assert client.get(f"/invoices/{made.public_id}.pdf").status_code == 200
    with pytest.raises(claims.NothingToClaim):
        claims.claim_interest(customer_id=made.customer_id, issued_by=None, as_of=paid_on)


def test_what_was_paid_in_time_bears_no_interest(scene: cast.Cast) -> None:
    november, _ = two_months(scene)
    payments.start_payment(invoice_id=november.pk, method=demo.OK, as_of=november.issued_at)

    with pytest.raises(claims.NothingToClaim):
        claims.claim_interest(customer_id=november.customer_id, issued_by=None, as_of=LATE)


def test_the_books_hold_credit_refunds_interest_and_fees(committed_db: None) -> None:
    scene = cast.make_cast()
    november, december = paid_and_credited(scene)
    pay_back(scene, november, "12.50")
    credits.set_off(source_id=november.pk, target_id=december.pk, used_by=None, as_of=LATE)
    dunning.remind_late(operator_id=scene.operator.pk, as_of=LATE + timedelta(days=30))
    paid_on = LATE + timedelta(days=60)
    payments.start_payment(invoice_id=december.pk, method=demo.OK, as_of=paid_on)
    claims.claim_interest(customer_id=december.customer_id, issued_by=None, as_of=paid_on)

    outcome = ledger.post_unposted(newest=None, as_of=paid_on)
    again = ledger.post_unposted(newest=None, as_of=paid_on)

    assert (outcome.refused, again.written) == ({}, 0)
    checks = proof.prove_books(
        operator_ids=[scene.operator.pk], until=None, as_of=paid_on + timedelta(days=1)
    )
    assert {check.invariant: check.difference for check in checks if check.difference} == {}
    held = {
        purpose: sum(
            posting.amount for posting in Posting.objects.filter(account__purpose=purpose)
        )
        for purpose in ("bank", "reminder_fees", "late_interest", "receivables")
    }
    assert (held["bank"], held["reminder_fees"]) == (Decimal("-12.50"), Decimal(-60))
    assert held["late_interest"] < 0
    # All that is open is the interest invoice itself.
    assert held["receivables"] == 60 - held["late_interest"]


def test_what_was_credited_bears_no_interest(scene: cast.Cast) -> None:
    november, _ = paid_and_credited(scene)
    assert november.due_date < LATE.date()

    with pytest.raises(claims.NothingToClaim):
        claims.claim_interest(customer_id=november.customer_id, issued_by=None, as_of=LATE)
