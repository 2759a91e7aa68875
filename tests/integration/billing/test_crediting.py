"""Credit notes: they refer, they take back line by line and once, and the books follow."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing import crediting, payments, queries
from billing.models import Customer, Invoice, InvoiceLine, InvoicePolicy
from billing.queries import einvoices
from chargenet.core.models import AuditEntry, Outbox
from revenue import ledger
from revenue.models import Posting
from tests import cast
from tests.integration.billing.test_papers import issue

DECEMBER_5 = datetime(2026, 12, 5, 8, tzinfo=UTC)


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def credit(invoice: Invoice, lines: list[int] | None = None) -> Invoice:
    return crediting.credit_invoice(
        invoice_id=invoice.pk,
        reason="wrong price",
        credited_by=None,
        as_of=DECEMBER_5,
        line_ids=lines,
    )


def test_a_whole_invoice_is_credited_by_a_document_that_refers(scene: cast.Cast) -> None:
    issued = issue(scene, count=2)

    note = credit(issued)

    note.refresh_from_db()
    assert (note.label, note.kind, note.corrects_id) == ("K1", "credit_note", issued.pk)
    assert note.to_pay == -issued.to_pay
    assert note.vat_amount == -issued.vat_amount
    assert queries.to_pay(issued) == 0
    assert not queries.open_invoices().exists()
    assert AuditEntry.objects.get().details["credit_note"] == "K1"


def test_each_line_of_a_note_is_the_line_it_takes_back(scene: cast.Cast) -> None:
    issued = issue(scene, count=3)
    first, second, _third = issued.lines.order_by("position")

    note = credit(issued, [first.pk, second.pk])

    taken = list(note.lines.order_by("position").values_list("corrects_id", "amount_incl_vat"))
    assert taken == [(line.pk, -line.amount_incl_vat.amount) for line in (first, second)]
    assert queries.to_pay(issued) == Decimal(40)
    assert queries.open_invoices().get() == issued


def test_a_line_is_credited_once(scene: cast.Cast) -> None:
    issued = issue(scene)
    credit(issued)

    with pytest.raises(crediting.NothingToCredit):
        credit(issued)
    assert Invoice.objects.count() == 2


def test_another_invoices_lines_a_note_and_no_reason_are_refused(scene: cast.Cast) -> None:
    issued = issue(scene)
    line = InvoiceLine.objects.get()

    with pytest.raises(crediting.NothingToCredit):
        credit(issued, [line.pk, line.pk + 1])
    with pytest.raises(crediting.ReasonMissing):
        crediting.credit_invoice(
            invoice_id=issued.pk, reason=" ", credited_by=None, as_of=DECEMBER_5
        )
    with pytest.raises(crediting.NotCreditable):
        credit(credit(issued))


def test_what_is_left_after_credit_is_what_is_paid(scene: cast.Cast) -> None:
    issued = issue(scene, count=2)
    credit(issued, [issued.lines.order_by("position")[0].pk])

    payment = payments.start_payment(invoice_id=issued.pk, method="card_ok", as_of=DECEMBER_5)

    assert payment.amount.amount == Decimal(40)


def test_a_credited_invoice_cannot_be_paid(scene: cast.Cast) -> None:
    issued = issue(scene)
    credit(issued)

    with pytest.raises(payments.InvoiceAlreadyPaid):
        payments.start_payment(invoice_id=issued.pk, method="card_ok", as_of=DECEMBER_5)


def test_the_books_are_even_after_a_credit_note(scene: cast.Cast) -> None:
    InvoicePolicy.objects.create(operator=scene.operator, rounds_to_krona=True)
    issued = issue(scene, kind=Customer.Kind.BUSINESS, energy_wh=10_333)
    assert issued.rounding != 0
    note = credit(issued)

    ledger.post_unposted(newest=None, as_of=DECEMBER_5)

    assert issued.to_pay == issued.to_pay.to_integral_value()
    receivables = Posting.objects.filter(account__purpose="receivables")
    assert [issued.to_pay, note.to_pay] == [row.amount for row in receivables.order_by("pk")]
    assert sum(row.amount for row in Posting.objects.all()) == 0


@pytest.mark.parametrize("kind", ["company", "fleet", "partner"])
def test_lines_credited_one_by_one_leave_nothing_of_a_companys_invoice(
    scene: cast.Cast, kind: str
) -> None:
    kinds = {
        "company": Customer.Kind.BUSINESS,
        "fleet": Customer.Kind.FLEET,
        "partner": Customer.Kind.PARTNER,
    }
    issued = issue(scene, count=3, kind=kinds[kind], energy_wh=10_333)

    notes = [credit(issued, [line.pk]) for line in issued.lines.order_by("position")]

    assert [-note.total_excl_vat.amount for note in notes] == [
        line.amount_excl_vat.amount for line in issued.lines.order_by("position")
    ]
    # Each note rounds its own tax: what that leaves is taken by the last one's rounding.
    assert sum(note.to_pay for note in notes) == -issued.to_pay
    assert sum(note.total_incl_vat.amount for note in notes) != -issued.to_pay
    ledger.post_unposted(newest=None, as_of=DECEMBER_5)
    receivables = Posting.objects.filter(account__purpose="receivables")
    assert sum(row.amount for row in receivables) == 0


def test_a_credit_note_goes_out_by_mail_like_its_invoice(scene: cast.Cast) -> None:
    credit(issue(scene, email="astrid@example.org"))

    assert Outbox.objects.filter(kind="invoice_email").count() == 2


def test_a_credit_note_is_a_valid_e_invoice_that_refers(scene: cast.Cast) -> None:
    issued = issue(
        scene, count=3, kind=Customer.Kind.BUSINESS, org_number="556036-0793", energy_wh=1_333
    )
    note = credit(issued, [issued.lines.order_by("position")[0].pk])

    made = einvoices.checked_einvoice(
        einvoices.with_einvoice_rows(Invoice.objects.all()).get(pk=note.pk)
    )

    assert made.verdict.is_valid
    assert b"CreditNote" in made.content
