"""Receipts: one session, paid on the spot, on a simplified invoice."""

import io

import pypdf
import pytest

from billing import archive, crediting, invoices, payments, queries, receipts
from billing.models import Cdr, Customer, Invoice
from billing.providers import demo
from billing.queries import einvoices, papers
from billing.vat.months import Month
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.test_credits import DECEMBER_2


@pytest.fixture
def scene(db: None) -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("3.2")))
    return made


def price(scene: cast.Cast, **fields: object) -> Cdr:
    cdr = trade.rate(trade.make_session(scene, **fields))  # type: ignore[arg-type]
    assert cdr is not None
    return Cdr.objects.get(pk=cdr.pk)


def issue(cdr: Cdr) -> Invoice:
    return receipts.issue_receipt(cdr_id=cdr.pk, issued_by=None, as_of=DECEMBER_2)


def test_who_says_not_who_they_are_gets_a_simplified_invoice(scene: cast.Cast) -> None:
    made = issue(price(scene))

    assert (made.label, made.kind, str(made.to_pay)) == ("R1", "receipt", "40.00")
    rows = papers.with_paper_rows(Invoice.objects.all())
    sheet = papers.sheet_of(rows.get(pk=made.pk))
    assert (sheet.kind, sheet.due[0], sheet.buyer.name) == ("Förenklad faktura", "Att betala", "")
    payments.start_payment(invoice_id=made.pk, method=demo.OK, as_of=DECEMBER_2)
    sheet = papers.sheet_of(rows.get(pk=made.pk))
    assert (sheet.kind, sheet.due[0], sheet.slip) == ("Kvitto", "Betald", None)
    assert not queries.open_invoices().exists()


def test_a_receipt_is_paper_like_any_other(scene: cast.Cast) -> None:
    made = issue(price(scene, driver=scene.astrid))

    archive.archive_invoices(invoice_ids=[made.pk], as_of=DECEMBER_2)

    rows = papers.with_paper_rows(Invoice.objects.all())
    text = pypdf.PdfReader(io.BytesIO(archive.kept_pdf(rows.get(pk=made.pk)))).pages[0]
    assert "Momsreg.nr" in text.extract_text()


def test_a_session_is_on_one_document_only(scene: cast.Cast) -> None:
    cdr = price(scene, driver=scene.astrid)
    issue(cdr)

    with pytest.raises(receipts.NothingToReceipt):
        issue(cdr)
    customer = Customer.objects.get(user=scene.astrid)
    made = invoices.issue_invoice(
        customer_id=customer.pk, period=Month(2026, 11), as_of=DECEMBER_2
    )
    assert made == []


def test_beyond_four_thousand_kronor_the_law_asks_who_buys(scene: cast.Cast) -> None:
    with pytest.raises(receipts.TooMuch):
        issue(price(scene, energy_wh=1_000_100, hours=200))
    assert not Invoice.objects.exists()


def test_a_receipt_can_be_credited(scene: cast.Cast) -> None:
    made = issue(price(scene, driver=scene.astrid))

    note = crediting.credit_invoice(
        invoice_id=made.pk, reason="stopped early", credited_by=None, as_of=DECEMBER_2
    )

    assert note.corrects == made
    rows = einvoices.with_einvoice_rows(Invoice.objects.all())
    assert all(einvoices.checked_einvoice(each).verdict.is_valid for each in rows)
