"""One charging session from the plug to the ledger, over a real socket and real workers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from asgiref.sync import async_to_sync
from django.core.management import call_command

from billing import invoices, payments
from billing.models import Cdr, InvoiceLine, RatingHold
from billing.vat.months import Month
from revenue.models import JournalEntry, Posting
from stations.models import Session
from tests.cast import Cast
from tests.integration.billing import scene
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

Until = Callable[[Callable[[], object]], object]
NOW = datetime.now(UTC).replace(microsecond=0)
STARTED, STOPPED = NOW - timedelta(hours=1), NOW - timedelta(minutes=1)
PRICE_PER_KWH = Decimal(4)


def _stamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _charge_10_kwh(gateway: GatewayProcess, identity: str, id_tag: str) -> None:
    async def conversation() -> None:
        async with Charger(gateway.url, identity) as charger:
            await charger.call(
                "BootNotification", {"chargePointVendor": "Keba", "chargePointModel": "P30"}
            )
            started = await charger.call(
                "StartTransaction",
                {
                    "connectorId": 1,
                    "idTag": id_tag,
                    "meterStart": 1_000,
                    "timestamp": _stamp(STARTED),
                },
            )
            stop = {
                "transactionId": started["transactionId"],
                "idTag": id_tag,
                "meterStop": 11_000,
                "timestamp": _stamp(STOPPED),
            }
            first = await charger.call("StopTransaction", stop)
            again = await charger.call("StopTransaction", stop)
            assert first == again

    async_to_sync(conversation)()


def test_a_session_becomes_a_price_an_invoice_a_payment_and_balanced_books(
    cast: Cast, gateway: GatewayProcess, worker: None, until: Until, capsys
) -> None:
    tariff = scene.make_tariff(cast, "std", scene.price_list(str(PRICE_PER_KWH)))
    scene.assign(tariff)
    customer = scene.make_customer(cast, user=cast.astrid)
    scene.make_contract(cast, customer, token=cast.astrids_token)

    _charge_10_kwh(gateway, "NORD-AC-1", "ASTRID01")
    until(lambda: JournalEntry.objects.filter(kind="cdr").exists())

    session = Session.objects.get()
    cdr = Cdr.objects.get()
    assert (session.state, session.energy_wh, session.driver_id) == (
        "completed",
        10_000,
        cast.astrid.pk,
    )
    assert (cdr.session_id, cdr.customer_id) == (session.pk, customer.pk)
    assert cdr.total_excl_vat.amount == 10 * PRICE_PER_KWH
    assert cdr.total_incl_vat.amount == Decimal("50.00")

    next_month = STOPPED + timedelta(days=40)
    (invoice,) = invoices.issue_invoice(
        customer_id=customer.pk, period=Month.of(STOPPED.date()), as_of=next_month
    )
    payment = payments.start_payment(invoice_id=invoice.pk, method="card_ok", as_of=next_month)
    until(lambda: JournalEntry.objects.filter(kind="payment").exists())

    assert payment.state == "captured"
    assert [line.cdr_id for line in InvoiceLine.objects.all()] == [cdr.pk]
    assert invoice.total_incl_vat.amount == cdr.total_incl_vat.amount
    assert sum(posting.amount for posting in Posting.objects.all()) == 0
    sales = Posting.objects.filter(account__purpose__startswith="sales")
    assert {posting.connector_id for posting in sales} == {cast.socket.pk}
    assert sum(posting.amount for posting in sales) == -40
    receivable = Posting.objects.filter(account__purpose="receivables")
    assert sum(posting.amount for posting in receivable) == 0

    call_command("prove_books", operator=cast.operator.slug)
    proved = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert proved[-1] == {"differences": 0}


def test_a_session_without_a_tariff_waits_with_a_reason_and_is_never_priced_0(
    cast: Cast, gateway: GatewayProcess, worker: None, until: Until
) -> None:
    _charge_10_kwh(gateway, "NORD-AC-1", "BO0001")
    until(lambda: RatingHold.objects.exists())

    assert RatingHold.objects.get().reason == "no_tariff"
    assert not Cdr.objects.exists()
