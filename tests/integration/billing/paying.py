"""An invoice of the cast, and ways to pay it."""

from datetime import UTC, datetime, timedelta

from billing import invoices, payments, rating
from billing.models import Invoice, Payment
from billing.providers import demo
from billing.vat.months import Month
from tests import cast
from tests.integration.billing import scene as trade

NOW = datetime(2026, 12, 2, 8, tzinfo=UTC)

LATER = NOW + timedelta(minutes=2)


def make_invoice() -> Invoice:
    scene = cast.make_cast()
    customer = trade.make_customer(scene, user=scene.astrid)
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, driver=scene.astrid)
    rating.rate_session(session_id=session.pk, as_of=NOW)
    (issued,) = invoices.issue_invoice(customer_id=customer.pk, period=Month(2026, 11), as_of=NOW)
    return issued


def pay(invoice: Invoice, method: str = demo.OK, attempt: str = "") -> Payment:
    return payments.start_payment(invoice_id=invoice.pk, method=method, as_of=NOW, attempt=attempt)
