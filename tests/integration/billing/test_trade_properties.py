"""Whatever a trade goes through, its documents add up, are numbered, and agree with the books."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from billing import crediting, drafts, invoices, payments, queries, rating
from billing.models import Cdr, Customer, Invoice, InvoiceLine, InvoicePolicy, Payment
from billing.vat import ocr
from billing.vat.months import Month
from revenue import ledger
from revenue.models import Posting
from tests import cast
from tests.integration.billing import scene as trade

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
IN_MONTH = {
    NOVEMBER: datetime(2026, 11, 2, 11, tzinfo=UTC),
    DECEMBER: datetime(2026, 12, 2, 11, tzinfo=UTC),
}
RAN = {
    NOVEMBER: datetime(2026, 12, 20, 8, tzinfo=UTC),
    DECEMBER: datetime(2027, 1, 4, 8, tzinfo=UTC),
}
LATER = datetime(2027, 1, 5, 8, tzinfo=UTC)
KINDS = (Customer.Kind.CONSUMER, Customer.Kind.BUSINESS, Customer.Kind.FLEET)
AMOUNTS = ("total_excl_vat", "vat_amount", "total_incl_vat")

months = st.sampled_from([NOVEMBER, DECEMBER])
payers = st.integers(0, len(KINDS) - 1)
picks = st.integers(0, 5)
energies_wh = st.lists(st.integers(1, 10_999), min_size=1, max_size=4)
charging = st.tuples(st.just("charge"), payers, energies_wh, months)
steps = st.one_of(
    charging,
    charging,
    charging,
    st.tuples(st.just("run"), months),
    st.tuples(st.just("credit"), picks, st.booleans()),
    st.tuples(st.just("credit_line_by_line"), picks),
    st.tuples(st.just("hold_out"), payers),
    st.tuples(st.just("let_go"), payers),
    st.tuples(st.just("pay"), picks),
    st.tuples(st.just("post")),
)


class Trade:
    """A trade of three payers whose prices hold two rates of tax."""

    def __init__(self, *, is_rounded: bool) -> None:
        self.scene = cast.make_cast()
        self.hours = count()
        InvoicePolicy.objects.create(operator=self.scene.operator, rounds_to_krona=is_rounded)
        prices = trade.price_list("3.19")
        prices["elements"][0]["price_components"].append(
            {"type": "FLAT", "price": 1.11, "vat": 6, "step_size": 1}
        )
        tariff = trade.make_tariff(self.scene, "two-rates", prices)
        tokens = (self.scene.astrids_token, self.scene.bos_token)
        self.payers = [
            trade.make_customer(self.scene, f"c{place}", kind=kind)
            for place, kind in enumerate(KINDS)
        ]
        self.contracts = [
            trade.make_contract(self.scene, payer, tariff=tariff, token=token)
            for payer, token in zip(self.payers, tokens, strict=False)
        ]
        self.payers[2].location = self.scene.socket.station.location
        Customer.objects.bulk_update(self.payers, ["location"])
        trade.assign(tariff)

    def charge(self, payer: int, energies_wh: list[int], month: Month) -> None:
        token = self.contracts[payer].token if payer < len(self.contracts) else None
        made = [
            trade.make_session(
                self.scene,
                energy_wh=energy_wh,
                started_at=IN_MONTH[month] + timedelta(hours=next(self.hours)),
                token=token,
            ).pk
            for energy_wh in energies_wh
        ]
        assert rating.rate_sessions(session_ids=made, as_of=LATER) == {"rated": len(made)}

    def run(self, month: Month) -> int:
        return invoices.issue_due_invoices(
            operator_id=self.scene.operator.pk, period=month, as_of=RAN[month]
        ).created

    def credit(self, pick: int, is_whole: bool) -> None:
        invoice = self._picked(pick)
        if invoice is None:
            return
        lines = InvoiceLine.objects.filter(invoice=invoice, corrected_by__isnull=True)
        ids = list(lines.values_list("pk", flat=True))
        if not ids:
            return
        crediting.credit_invoice(
            invoice_id=invoice.pk,
            reason="tried",
            credited_by=None,
            as_of=LATER,
            line_ids=None if is_whole else [ids[pick % len(ids)]],
        )

    def credit_line_by_line(self, pick: int) -> None:
        invoice = self._picked(pick)
        if invoice is not None:
            for _line in range(invoice.lines.count()):
                self.credit(pick, is_whole=False)

    def hold_out(self, payer: int) -> None:
        customer = self.payers[payer]
        ids = list(Cdr.objects.filter(customer=customer).values_list("pk", flat=True))
        drafts.hold_out(
            customer_id=customer.pk,
            cdr_ids=ids[-1:],
            reason="asked",
            held_by=self.scene.astrid,
            as_of=LATER,
        )

    def let_go(self, payer: int) -> None:
        customer = self.payers[payer]
        ids = list(Cdr.objects.filter(customer=customer).values_list("pk", flat=True))
        drafts.let_go(customer_id=customer.pk, cdr_ids=ids, let_by=self.scene.astrid, as_of=LATER)

    def pay(self, pick: int) -> None:
        invoice = self._picked(pick)
        if invoice is None or queries.to_pay(invoice) <= 0:
            return
        try:
            payments.start_payment(invoice_id=invoice.pk, method="card_ok", as_of=LATER)
        except payments.InvoiceAlreadyPaid:
            assert Payment.objects.filter(invoice=invoice).exists()

    def post(self) -> None:
        ledger.post_unposted(newest=None, as_of=LATER)

    def _picked(self, pick: int) -> Invoice | None:
        rows = list(Invoice.objects.filter(kind=Invoice.Kind.INVOICE).order_by("pk"))
        return rows[pick % len(rows)] if rows else None


@settings(max_examples=25)
@given(
    begun=st.lists(charging, min_size=1, max_size=4),
    life=st.lists(steps, min_size=4, max_size=12),
    is_rounded=st.booleans(),
)
def test_documents_add_up_and_agree_with_the_books(
    begun: list[tuple[Any, ...]], life: list[tuple[Any, ...]], is_rounded: bool
) -> None:
    with transaction.atomic():
        shop = Trade(is_rounded=is_rounded)
        for name, *values in [*begun, ("run", NOVEMBER), *life]:
            getattr(shop, name)(*values)
        for month in (NOVEMBER, DECEMBER):
            shop.run(month)

        assert [shop.run(month) for month in (NOVEMBER, DECEMBER)] == [0, 0]
        shop.post()

        _documents_add_up(is_rounded=is_rounded)
        _numbers_have_no_gap()
        _each_price_is_billed_once_at_most()
        _books_agree(shop)
        transaction.set_rollback(True)


def _documents_add_up(*, is_rounded: bool) -> None:
    for invoice in Invoice.objects.prefetch_related("lines"):
        for name, of_line in zip(
            AMOUNTS, ("amount_excl_vat", "vat_amount", "amount_incl_vat"), strict=True
        ):
            lines = sum(getattr(line, of_line).amount for line in invoice.lines.all())
            assert getattr(invoice, name).amount == lines
        for rate in invoice.vat_breakdown:
            exact = Decimal(rate["excl_vat"]) * Decimal(rate["rate"]) / 100
            # Tax in an agreed gross is rounded there, so that its net may be half an öre off.
            assert abs(Decimal(rate["vat"]) - exact) <= Decimal("0.0063")
        assert ocr.is_ocr_reference(invoice.ocr_reference)
        if is_rounded and invoice.kind == Invoice.Kind.INVOICE and invoice.to_pay >= 1:
            assert invoice.to_pay == invoice.to_pay.to_integral_value()


def _numbers_have_no_gap() -> None:
    for kind in (Invoice.Kind.INVOICE, Invoice.Kind.CREDIT_NOTE):
        numbers = Invoice.objects.filter(kind=kind).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def _each_price_is_billed_once_at_most() -> None:
    billed = InvoiceLine.objects.filter(cdr__isnull=False).values_list("cdr_id", "vat_rate")
    assert len(set(billed)) == len(billed)
    # What no invoice has waits by name: kept out, come late, or worth nothing by itself.
    for cdr in Cdr.objects.filter(invoice_lines__isnull=True):
        assert queries.uninvoiced_cdrs(cdr.operator_id).filter(pk=cdr.pk).exists() or hasattr(
            cdr, "held_out"
        )


def _books_agree(shop: Trade) -> None:
    assert Posting.objects.aggregate(sum=Sum("amount"))["sum"] in (None, 0)
    asked = sum((each.to_pay for each in Invoice.objects.all()), Decimal(0))
    taken = Payment.objects.filter(state=Payment.State.CAPTURED)
    paid = sum((each.amount.amount for each in taken), Decimal(0))
    receivables = Posting.objects.filter(account__purpose="receivables")
    assert (receivables.aggregate(sum=Sum("amount"))["sum"] or 0) == asked - paid
    for invoice in Invoice.objects.filter(kind=Invoice.Kind.INVOICE):
        left = invoice.lines.filter(corrected_by__isnull=True)
        if not left.exists():
            notes = sum((note.to_pay for note in invoice.corrections.all()), Decimal(0))
            assert notes == -invoice.to_pay
