import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from billing import invoices, queries, rating, runs
from billing.models import BillingRun, Cdr, Customer, Invoice, InvoiceLine, InvoiceSeries
from billing.vat import ocr
from billing.vat.months import Month
from chargenet.core import events
from chargenet.core.events import Event
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

NOVEMBER = Month(2026, 11)
DECEMBER_2 = datetime(2026, 12, 2, 8, tzinfo=UTC)
TOTALS = ("total_excl_vat", "vat_amount", "total_incl_vat")


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def _bill(
    scene: cast.Cast, customer: Customer, energies_wh: list[int], price: str = "3.2"
) -> None:
    """Rate some sessions of a customer."""
    tariff = trade.make_tariff(scene, f"t{customer.pk}", trade.price_list(price))
    contract = trade.make_contract(scene, customer, tariff=tariff)
    sessions = [
        trade.make_session(
            scene, energy_wh=energy_wh, token=contract.token, started_at=NOON + timedelta(hours=n)
        )
        for n, energy_wh in enumerate(energies_wh)
    ]
    rating.rate_sessions(session_ids=[session.pk for session in sessions], as_of=RATED)


def _run(scene: cast.Cast, period: Month = NOVEMBER) -> invoices.InvoiceRun:
    return invoices.issue_due_invoices(
        operator_id=scene.operator.pk, period=period, as_of=DECEMBER_2
    )


def test_a_months_sessions_become_one_numbered_invoice(scene: cast.Cast) -> None:
    customer = trade.make_customer(scene)
    _bill(scene, customer, [10_000, 5_000])

    (invoice,) = invoices.issue_invoice(customer_id=customer.pk, period=NOVEMBER, as_of=DECEMBER_2)

    assert (invoice.number, invoice.label) == (1, "1")
    assert ocr.is_ocr_reference(invoice.ocr_reference)
    assert (invoice.period_start, invoice.period_end) == (date(2026, 11, 1), date(2026, 12, 1))
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 12, 2), date(2027, 1, 1))
    assert (invoice.seller["legal_name"], invoice.buyer["name"]) == ("Nordladd AB", "C1")
    assert Invoice.objects.values_list(*TOTALS).get() == (48, 12, 60)
    line = InvoiceLine.objects.order_by("position")[0]
    assert line.description == "Laddning hos Hamnen, NORD-AC-1, 2026-11-02 12:00–13:00"
    assert [line.quantity, line.unit, line.connector] == [10, "kWh", scene.socket]


def test_running_again_issues_nothing(scene: cast.Cast) -> None:
    _bill(scene, trade.make_customer(scene), [10_000])
    first = _run(scene)

    again = _run(scene)

    assert (first.created, first.already_there) == (1, 0)
    assert (again.created, again.already_there, again.lines) == (0, 1, 0)
    assert InvoiceSeries.objects.get().last_number == 1


def test_a_late_cdr_goes_with_the_next_month(scene: cast.Cast) -> None:
    customer = trade.make_customer(scene)
    _bill(scene, customer, [10_000])
    _run(scene)
    late = trade.make_session(scene, token=scene.astrids_token)
    rating.rate_session(session_id=late.pk, as_of=RATED)

    same_month = _run(scene)
    january = datetime(2027, 1, 2, tzinfo=UTC)
    next_month = invoices.issue_due_invoices(
        operator_id=scene.operator.pk, period=Month(2026, 12), as_of=january
    )

    assert (same_month.created, next_month.created, next_month.sessions) == (0, 1, 1)


def test_a_month_that_runs_is_not_invoiced(scene: cast.Cast) -> None:
    with pytest.raises(invoices.PeriodNotOver):
        invoices.issue_due_invoices(
            operator_id=scene.operator.pk,
            period=NOVEMBER,
            as_of=datetime(2026, 11, 30, 22, 59, tzinfo=UTC),
        )


def test_a_session_over_the_months_end_belongs_to_the_month_it_ends_in(scene: cast.Cast) -> None:
    customer = trade.make_customer(scene)
    _bill(scene, customer, [])
    # 23:30 on the last of November in Stockholm
    session = trade.make_session(
        scene,
        token=scene.astrids_token,
        started_at=datetime(2026, 11, 30, 22, 30, tzinfo=UTC),
    )
    rating.rate_session(session_id=session.pk, as_of=RATED)

    assert _run(scene).created == 0


def test_tax_is_rounded_once_per_document_and_the_lines_sum_to_it(scene: cast.Cast) -> None:
    _bill(scene, trade.make_customer(scene), [1_010, 1_020, 1_030, 1_040, 770], "0.9999")

    _run(scene)

    excl, vat, incl = Invoice.objects.values_list(*TOTALS).get()
    cdrs = Cdr.objects.aggregate(total=Sum("total_incl_vat"))["total"]
    lines = InvoiceLine.objects.aggregate(
        excl=Sum("amount_excl_vat"), vat=Sum("vat_amount"), incl=Sum("amount_incl_vat")
    )
    assert incl == cdrs
    assert vat == (incl / 5).quantize(Decimal("0.01"))
    assert (lines["excl"], lines["vat"], lines["incl"]) == (excl, vat, incl)


def test_a_business_invoice_is_net_first(scene: cast.Cast) -> None:
    firm = trade.make_customer(scene, "firm", kind=Customer.Kind.BUSINESS)
    _bill(scene, firm, [1_500, 1_500, 1_500], "0.333")

    _run(scene)

    # three times 0.50 net; a quarter of 1.50 is 0.375
    assert Invoice.objects.values_list(*TOTALS).get() == (
        Decimal("1.50"),
        Decimal("0.38"),
        Decimal("1.88"),
    )


def test_free_sessions_alone_make_no_invoice(scene: cast.Cast) -> None:
    _bill(scene, trade.make_customer(scene), [10_000], "0")

    assert _run(scene).created == 0
    assert InvoiceSeries.objects.count() == 0


def test_several_rates_make_several_lines_of_one_session(scene: cast.Cast) -> None:
    customer = trade.make_customer(scene)
    ocpi = trade.price_list("1")
    fee = {"type": "FLAT", "price": 10, "vat": 6, "step_size": 1}
    ocpi["elements"][0]["price_components"].append(fee)
    trade.make_contract(scene, customer, tariff=trade.make_tariff(scene, "two", ocpi))
    session = trade.make_session(scene, token=scene.astrids_token)
    rating.rate_session(session_id=session.pk, as_of=RATED)

    _run(scene)

    lines = InvoiceLine.objects.order_by("vat_rate").values_list(
        "vat_rate", "unit", "quantity", "amount_incl_vat"
    )
    assert [list(line) for line in lines] == [
        [6, "session", 1, Decimal("10.60")],
        [25, "kWh", 10, Decimal("12.50")],
    ]


def test_an_issued_invoice_cannot_be_changed(scene: cast.Cast) -> None:
    _bill(scene, trade.make_customer(scene), [10_000])
    _run(scene)

    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.update(due_date=date(2030, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        InvoiceLine.objects.all().delete()


def test_issued_invoices_are_announced_after_commit(
    scene: cast.Cast, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    _bill(scene, trade.make_customer(scene), [10_000])
    heard: list[events.News] = []
    monkeypatch.setattr(events, "_transport", heard.extend)

    with django_capture_on_commit_callbacks(execute=True):
        run = _run(scene)

    assert heard == [(Event.INVOICE_ISSUED, {"invoice_id": run.invoice_ids[0]})]


def test_open_invoices_and_balances_follow_the_issue(scene: cast.Cast) -> None:
    customer = trade.make_customer(scene)
    _bill(scene, customer, [10_000])
    _run(scene)

    assert [row.customer for row in queries.open_invoices(scene.operator.pk)] == [customer]
    assert queries.invoice_totals(scene.operator.pk) == {"SEK": (1, Decimal("40.00"))}
    (balance,) = queries.balance_of(customer.pk)
    assert [balance.invoiced, balance.paid, balance.open] == [40, 0, 40]


def test_concurrent_runs_number_without_gaps_and_bill_nothing_twice(
    committed_db: None, monkeypatch
) -> None:
    scene = cast.make_cast()
    tariff = trade.make_tariff(scene, "base", trade.price_list("3.2"))
    trade.assign(tariff)
    sessions = []
    for number in range(12):
        site = cast.make_station(scene.location, f"X-{number}")[1][0]
        location = type(scene.location).objects.create(operator=scene.operator, name=f"L{number}")
        type(site.station).objects.filter(pk=site.station_id).update(location=location)
        site.station.refresh_from_db()
        trade.make_customer(scene, f"site-{number}", location=location)
        sessions.append(trade.make_session(scene, connector=site, number=f"n{number}"))
    rating.rate_sessions(session_ids=[each.pk for each in sessions], as_of=RATED)
    monkeypatch.setattr(invoices, "CHUNK", 2)
    ready, failures = threading.Barrier(4), []

    def run() -> None:
        try:
            ready.wait()
            _run(scene)
        except Exception as error:  # noqa: BLE001 — shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 13))
    assert InvoiceLine.objects.count() == 12
    assert InvoiceSeries.objects.get().last_number == 12


def test_the_sweep_leaves_two_days_for_what_comes_late(scene: cast.Cast) -> None:
    _bill(scene, trade.make_customer(scene), [10_000])

    early = runs.sweep_due(as_of=datetime(2026, 12, 2, 22, 59, tzinfo=UTC))
    due = runs.sweep_due(as_of=datetime(2026, 12, 2, 23, 0, tzinfo=UTC))

    assert (early, due) == (0, 1)
    assert BillingRun.objects.get().started_by is None
