"""How long four years of sessions take to rate and invoice; prints sessions per second."""

import time
from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from billing import invoices, rating
from billing.models import Cdr, InvoiceLine
from billing.vat.months import Month
from stations.models import Location, Session
from tests import cast
from tests.integration.billing import scene as trade

SESSIONS, SITES = 66_394, 25
BEGIN = datetime(2016, 1, 1, tzinfo=UTC)
AFTER = datetime(2026, 11, 20, tzinfo=UTC)


def _make_sessions(scene: cast.Cast) -> list[int]:
    connectors = []
    for number in range(SITES):
        location = Location.objects.create(operator=scene.operator, name=f"Site {number}")
        connectors += cast.make_station(location, f"BENCH-{number}", count=4)[1]
        trade.make_customer(scene, f"site-{number}", location=location)
    step = timedelta(days=4 * 365) / SESSIONS
    rows = []
    for number in range(SESSIONS):
        connector = connectors[number % len(connectors)]
        started_at = BEGIN + number * step
        rows.append(
            Session(
                operator=scene.operator,
                station_id=connector.station_id,
                connector=connector,
                ocpp_transaction_id=str(number),
                state=Session.State.COMPLETED,
                started_at=started_at,
                ended_at=started_at + timedelta(minutes=7 + number % 300),
                received_at=started_at,
                energy_wh=100 + number * 37 % 40_000,
            )
        )
    return [row.pk for row in Session.objects.bulk_create(rows, batch_size=5000)]


def test_four_years_of_sessions_are_rated_and_invoiced(committed_db: None, capsys) -> None:
    scene = cast.make_cast()
    ocpi = trade.price_list("3.2")
    fee = {"type": "TIME", "price": 6, "vat": 25, "step_size": 60}
    ocpi["elements"][0]["price_components"].append(fee)
    trade.assign(trade.make_tariff(scene, "base", ocpi), since=BEGIN)
    ids = _make_sessions(scene)

    started = time.perf_counter()
    counts = rating.rate_sessions(session_ids=ids, as_of=AFTER, announce=False)
    rated = time.perf_counter()
    month, last, numbers = Month(2016, 1), Month(2020, 1), 0
    while month < last:
        run = invoices.issue_due_invoices(
            operator_id=scene.operator.pk, period=month, as_of=AFTER, announce=False
        )
        numbers += run.created
        month = Month.of(month.end)
    invoiced = time.perf_counter()

    with capsys.disabled():
        print(
            f"\nrated {counts['rated']} in {rated - started:.1f} s"
            f" ({counts['rated'] / (rated - started):.0f}/s),"
            f" {numbers} invoices in {invoiced - rated:.1f} s"
        )
    assert counts == {"rated": SESSIONS}
    cdrs = Cdr.objects.aggregate(total=Sum("total_incl_vat"))["total"]
    assert InvoiceLine.objects.aggregate(total=Sum("amount_incl_vat"))["total"] == cdrs
