"""Rating, invoicing, posting and paying run beside each other and never wait in a circle."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from billing import holds, invoices, payments, rating
from billing.models import Cdr, Customer, Payment, SessionRuling
from billing.vat.months import Month
from tests import cast
from tests.integration.billing import scene as trade

NOW = datetime(2026, 12, 2, 8, tzinfo=UTC)


@contextmanager
def referenced(table: str, key: int) -> Iterator[None]:
    """Hold the lock that a row of somebody else's transaction takes on what it refers to.

    The database takes it at COMMIT, for all new rows in the order they were written.
    """
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR KEY SHARE", [key])
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            yield
    finally:
        other.rollback()
        other.close()


@pytest.fixture
def customer(committed_db: None) -> Customer:
    made = cast.make_cast()
    customer = trade.make_customer(made, user=made.astrid)
    trade.assign(trade.make_tariff(made, "base", trade.price_list("3.2")))
    session = trade.make_session(made, driver=made.astrid)
    rating.rate_session(session_id=session.pk, as_of=NOW)
    return customer


def test_invoicing_does_not_wait_for_who_rates_or_posts(customer: Customer) -> None:
    with referenced("billing_customer", customer.pk):
        issued = invoices.issue_invoice(customer_id=customer.pk, period=Month(2026, 11), as_of=NOW)

    assert len(issued) == 1


def test_paying_does_not_wait_for_who_rates_or_posts(customer: Customer) -> None:
    (issued,) = invoices.issue_invoice(customer_id=customer.pk, period=Month(2026, 11), as_of=NOW)

    with referenced("billing_customer", customer.pk):
        payment = payments.start_payment(invoice_id=issued.pk, method="card_ok", as_of=NOW)

    assert payment.state == Payment.State.CAPTURED


def test_eight_presses_at_once_decide_of_a_session_once(committed_db: None) -> None:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("3.2")))
    session = trade.make_session(made, hours=24 * 15)
    rating.rate_session(session_id=session.pk, as_of=NOW)

    def press(place: int) -> str:
        deed = holds.waive if place % 2 else holds.release
        try:
            deed(session_id=session.pk, turn=1, reason="seen", actor=made.fia, as_of=NOW)
        except (holds.HoldGone, holds.RulingStale):
            return "late"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(press, range(8)))

    assert told == ["done", *["late"] * 7]
    assert SessionRuling.objects.count() == Cdr.objects.count() == 1
