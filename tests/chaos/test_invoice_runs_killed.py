"""Show 5: workers of an invoice run are killed, again and again; nothing is missing or double."""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Sum

from billing import invoices, runs
from billing.models import BillingRun, Cdr, Customer, Invoice, InvoiceLine, InvoiceSeries
from billing.vat.months import Month
from stations.models import Session
from tests import cast
from tests.chaos import killed
from tests.integration.billing import scene as trade

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.chaos]
LONG = bool(os.environ.get("CHARGENET_LONG"))
SESSIONS, KILLS = (5_000, 50) if LONG else (300, 8)
CUSTOMERS = SESSIONS // 5
WORKERS = 4
NOVEMBER = Month(2026, 11)
RATED = datetime(2026, 11, 30, 20, tzinfo=UTC)
NOW = datetime(2026, 12, 2, 8, tzinfo=UTC)


def _trade(scene: cast.Cast) -> None:
    tariff = trade.make_tariff(scene, "base", trade.price_list("3.2"))
    Customer.objects.bulk_create(
        Customer(operator=scene.operator, reference=f"c{n}", name=f"C{n}")
        for n in range(CUSTOMERS)
    )
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    Session.objects.bulk_create(
        Session(
            operator=scene.operator,
            station=scene.ac_station,
            connector=scene.socket,
            ocpp_transaction_id=f"t{n}",
            state=Session.State.COMPLETED,
            started_at=begin + timedelta(minutes=6 * n),
            ended_at=begin + timedelta(minutes=6 * n + 5),
            received_at=begin,
            completed_at=begin,
            energy_wh=1_000 + n,
        )
        for n in range(SESSIONS)
    )
    keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    Cdr.objects.bulk_create(
        Cdr(
            operator=scene.operator,
            session=session,
            location=scene.location,
            station=scene.ac_station,
            connector=scene.socket,
            customer_id=keys[place % CUSTOMERS],
            tariff=tariff,
            started_at=session.started_at,
            ended_at=session.started_at + timedelta(minutes=5),
            energy_wh=1_000,
            currency="SEK",
            **_price(place),
            lines=[],
            rated_at=RATED,
        )
        for place, session in enumerate(Session.objects.order_by("pk"))
    )


def _price(place: int) -> dict[str, Any]:
    """Return a price of a krona and some öre with 25 % tax, as a Cdr has it."""
    excl, vat = Decimal("4.00") + Decimal(place * 4) / 100, Decimal("1.00") + Decimal(place) / 100
    part = {"rate": "25", "excl_vat": str(excl), "vat": str(vat), "incl_vat": str(excl + vat)}
    return {
        "total_excl_vat": excl,
        "vat_amount": vat,
        "total_incl_vat": excl + vat,
        "vat_breakdown": [part],
    }


def _crew(work: Callable[[], object], chance: random.Random) -> int:
    """Let four workers do the work at once, each to die at a write; returns how many died."""
    children = []
    for _ in range(WORKERS):
        at_write = chance.randint(1, 14)
        connection.close()
        child = os.fork()
        if child == 0:
            killed.work_and_end(work, at_write)
        children.append(child)
    states = [os.waitpid(child, 0)[1] for child in children]
    died = sum(os.WIFSIGNALED(state) for state in states)
    assert all(os.WIFSIGNALED(state) or os.WEXITSTATUS(state) == 0 for state in states)
    killed.await_undone()
    return died


def test_killed_workers_of_a_run_leave_no_gap_and_no_double(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(invoices, "CHUNK", 7)
    scene = cast.make_cast()
    _trade(scene)
    run = BillingRun.objects.create(
        operator=scene.operator, period_start=NOVEMBER.start, as_of=NOW, customers=CUSTOMERS
    )
    chance = random.Random(7)

    def work() -> None:
        runs.work_on_run(run_id=run.pk, as_of=NOW)

    kills = 0
    while kills < KILLS:
        died = _crew(work, chance)
        assert died, "the run was over before enough workers died"
        kills += died
    work()

    _expect_whole(scene, run)


def _expect_whole(scene: cast.Cast, run: BillingRun) -> None:
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == list(range(1, CUSTOMERS + 1))
    assert InvoiceSeries.objects.get().last_number == CUSTOMERS
    billed = InvoiceLine.objects.values("cdr_id").annotate(n=Count("pk"))
    assert (billed.count(), billed.filter(n__gt=1).count()) == (SESSIONS, 0)
    lines = InvoiceLine.objects.aggregate(sum=Sum("amount_incl_vat"))["sum"]
    cdrs = Cdr.objects.aggregate(sum=Sum("total_incl_vat"))["sum"]
    assert lines == cdrs == Invoice.objects.aggregate(sum=Sum("total_incl_vat"))["sum"]
    run.refresh_from_db()
    assert run.finished_at is not None
    assert (run.created, run.sessions, run.lines) == (CUSTOMERS, SESSIONS, SESSIONS)
