"""Drafts: what somebody keeps out of an invoice, and lets go again."""

from decimal import Decimal

import pytest

from billing import drafts, invoices, queries, rating
from billing.models import Customer, HeldOut, Invoice
from billing.queries import draft_pages
from billing.vat.months import Month
from chargenet.core.models import AuditEntry
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import RATED
from tests.integration.billing.test_papers import DECEMBER_2


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


@pytest.fixture
def customer(scene: cast.Cast) -> Customer:
    made = trade.make_customer(scene, user=scene.astrid)
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    ids = [trade.make_session(scene, driver=scene.astrid).pk for _ in range(2)]
    rating.rate_sessions(session_ids=ids, as_of=RATED)
    return made


def hold(scene: cast.Cast, customer: Customer, ids: list[int]) -> int:
    return drafts.hold_out(
        customer_id=customer.pk, cdr_ids=ids, reason="asked", held_by=scene.cilla, as_of=RATED
    )


def issue(customer: Customer) -> list[Invoice]:
    return invoices.issue_invoice(
        customer_id=customer.pk, period=Month(2026, 11), as_of=DECEMBER_2
    )


def test_what_is_held_out_goes_with_no_invoice_until_it_is_let_go(
    scene: cast.Cast, customer: Customer
) -> None:
    held, other = (cdr.pk for cdr in draft_pages.draft_lines(customer))

    assert (hold(scene, customer, [held]), hold(scene, customer, [held])) == (1, 0)
    (issued,) = issue(customer)

    assert issued.lines.get().cdr_id == other
    (row,) = draft_pages.describe_drafts(list(draft_pages.drafts_of(scene.cilla)))
    assert (row.sessions, row.held_out, row.total) == (1, 1, Decimal(0))
    let = drafts.let_go(
        customer_id=customer.pk, cdr_ids=[held], let_by=scene.cilla, as_of=DECEMBER_2
    )
    assert (let, HeldOut.objects.count()) == (1, 0)
    assert queries.uninvoiced_cdrs(scene.operator.pk).get().pk == held
    deeds = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(deeds) == ["cdrs_held_out", "cdrs_let_go"]


def test_what_is_on_an_invoice_or_somebody_elses_is_not_held_out(
    scene: cast.Cast, customer: Customer
) -> None:
    ids = [cdr.pk for cdr in draft_pages.draft_lines(customer)]
    stranger = trade.make_customer(scene, "c2")
    assert hold(scene, stranger, ids) == 0

    issue(customer)

    assert hold(scene, customer, ids) == 0
    with pytest.raises(drafts.ReasonMissing):
        drafts.hold_out(
            customer_id=customer.pk, cdr_ids=ids, reason="", held_by=scene.cilla, as_of=RATED
        )
