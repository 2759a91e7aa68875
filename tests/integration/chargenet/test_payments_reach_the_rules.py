"""What the demo provider answers becomes an observation, and too many declines a ticket."""

from datetime import timedelta

import pytest

from billing import invoices, payments, rating
from billing.models import DemoCharge, Invoice, Payment
from billing.providers import demo
from billing.vat.months import Month
from chargenet import joins
from faults import detection
from faults.models import Fault
from stations.models import Observation
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.paying import LATER, NOW, make_invoice, pay


@pytest.fixture
def invoice(db: None) -> Invoice:
    return make_invoice()


def outcomes() -> list[str]:
    told = Observation.objects.filter(kind="payment").order_by("pk")
    return [one.detail["outcome"] for one in told]


def test_each_outcome_is_told_once_without_an_amount(invoice: Invoice) -> None:
    pay(invoice, "card_declined")
    pay(invoice, attempt="again")

    assert joins.tell_payments(as_of=LATER) == 2
    assert joins.tell_payments(as_of=LATER) == 0
    assert outcomes() == ["declined", "captured"]
    told = Observation.objects.filter(kind="payment").first()
    assert told is not None
    assert told.detail == {"outcome": "declined", "provider": "demo"}
    assert told.station_id == invoice.lines.exclude(station=None).get().station_id


def test_a_payment_under_way_is_no_outcome(invoice: Invoice) -> None:
    pay(invoice, demo.NEEDS_ACTION)

    assert joins.tell_payments(as_of=LATER) == 0


def test_a_provider_that_never_answered_is_a_timeout(invoice: Invoice) -> None:
    pay(invoice, demo.NEEDS_ACTION)
    Payment.objects.update(provider_reference="")

    assert joins.tell_payments(as_of=NOW + timedelta(minutes=9)) == 0
    assert joins.tell_payments(as_of=NOW + timedelta(minutes=10)) == 1
    assert outcomes() == ["timeout"]


def test_money_that_cannot_be_taken_for_what_was_delivered_opens_a_fault(
    invoice: Invoice,
) -> None:
    pay(invoice, demo.NEEDS_ACTION)
    DemoCharge.objects.update(amount_minor=1, state=DemoCharge.State.SUCCEEDED, captured_minor=1)
    payments.sweep_open_payments(as_of=LATER)
    joins.tell_payments(as_of=LATER)
    told = Observation.objects.get(kind="payment")
    detection.examine_station(station_id=told.station_id, as_of=LATER)

    assert told.detail["outcome"] == "capture_failed"
    fault = Fault.objects.get(code="F38")
    assert (fault.scope, fault.state, fault.attribution) == ("station", "firing", "payment")
    assert fault.ticket is not None


def test_a_payment_for_charging_at_several_stations_says_nothing_of_any(db: None) -> None:
    made = cast.make_cast()
    customer = trade.make_customer(made, user=made.astrid)
    trade.assign(trade.make_tariff(made, "base", trade.price_list("3.2")))
    for connector in (made.socket, made.tethered):
        session = trade.make_session(made, driver=made.astrid, connector=connector)
        rating.rate_session(session_id=session.pk, as_of=NOW)
    (issued,) = invoices.issue_invoice(customer_id=customer.pk, period=Month(2026, 11), as_of=NOW)
    pay(issued, "card_declined")

    assert joins.tell_payments(as_of=LATER) == 0


def test_many_declines_at_one_station_open_a_ticket(invoice: Invoice) -> None:
    for attempt in range(12):
        pay(invoice, "card_declined", attempt=f"try-{attempt}")
    joins.tell_payments(as_of=LATER)
    station_id = Observation.objects.filter(kind="payment").values_list("station_id").first()
    assert station_id is not None
    detection.examine_station(station_id=station_id[0], as_of=LATER)

    fault = Fault.objects.get(code="F38")
    assert (fault.severity, fault.evidence["failed"]) == (3, 12)
    assert fault.ticket is not None
    assert fault.ticket.family == "payment"
