"""How long it takes to finalise, post and validate a month: 20,000 invoices of five lines each.

BENCH_INVOICES makes it smaller. Two processes validate, as two workers do; all else is one.
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from billing import invoices
from billing.models import Cdr, Customer, Invoice, InvoiceLine
from billing.queries import einvoices
from billing.vat.months import Month
from revenue import ledger
from revenue.models import Posting
from stations.models import Session
from tests import cast
from tests.integration.billing import scene as trade

INVOICES = int(os.environ.get("BENCH_INVOICES", "20000"))
LINES_EACH = 5
WORKERS = 2
MOST_S = 15 * 60
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
AFTER = datetime(2026, 12, 3, 8, tzinfo=UTC)
KINDS = ("consumer", "consumer", "consumer", "business", "fleet")


def _sell(scene: cast.Cast) -> None:
    """Make the month's customers, sessions and Cdrs, as rating leaves them."""
    tariff = trade.make_tariff(scene, "base", trade.price_list("3.2"))
    Customer.objects.bulk_create(
        (
            Customer(
                operator=scene.operator,
                reference=f"c{n}",
                name=f"Kund {n}",
                kind=KINDS[n % len(KINDS)],
                org_number="" if n % len(KINDS) < 3 else "212000-0142",
                street="Hamngatan 3",
                postal_code="211 22",
                city="Malmö",
            )
            for n in range(INVOICES)
        ),
        batch_size=5000,
    )
    keys = list(Customer.objects.order_by("pk").values_list("pk", "kind"))
    for start in range(0, INVOICES * LINES_EACH, 10_000):
        places = range(start, min(start + 10_000, INVOICES * LINES_EACH))
        sessions = Session.objects.bulk_create(_session(scene, place) for place in places)
        Cdr.objects.bulk_create(
            _cdr(scene, tariff, session, place, keys[place // LINES_EACH][0])
            for session, place in zip(sessions, places, strict=True)
        )


def _session(scene: cast.Cast, place: int) -> Session:
    started_at = BEGIN + timedelta(seconds=25 * place % (29 * 86_400))
    return Session(
        operator=scene.operator,
        station=scene.ac_station,
        connector=scene.socket,
        ocpp_transaction_id=str(place),
        state=Session.State.COMPLETED,
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=40),
        received_at=started_at,
        completed_at=started_at,
        energy_wh=5_000 + place * 37 % 40_000,
    )


def _cdr(scene: cast.Cast, tariff: Any, session: Session, place: int, customer_id: int) -> Cdr:
    excl = (Decimal(session.energy_wh or 0) * Decimal("3.2") / 1000).quantize(Decimal("0.01"))
    vat = (excl / 4).quantize(Decimal("0.01"))
    part = {"rate": "25", "excl_vat": str(excl), "vat": str(vat), "incl_vat": str(excl + vat)}
    assert session.ended_at is not None, "every session of the bench has ended"
    return Cdr(
        operator=scene.operator,
        session=session,
        location=scene.location,
        station=scene.ac_station,
        connector=scene.socket,
        customer_id=customer_id,
        tariff=tariff,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh or 0,
        currency="SEK",
        total_excl_vat=excl,
        vat_amount=vat,
        total_incl_vat=excl + vat,
        vat_breakdown=[part],
        lines=[],
        rated_at=session.ended_at,
    )


def _validate(share: int) -> None:
    """Check every invoice of one worker's share; end the process with how it went."""
    ids = Invoice.objects.order_by("pk").values_list("pk", flat=True)
    mine = [pk for pk in ids if pk % WORKERS == share]
    wrong = 0
    for start in range(0, len(mine), 200):
        rows = einvoices.with_einvoice_rows(Invoice.objects.all())
        for invoice in rows.filter(pk__in=mine[start : start + 200]):
            wrong += not einvoices.checked_einvoice(invoice).verdict.is_valid
        if start == 2000:
            _tell("validator after 2,000", 0)
    _tell(f"validator {share} at its end", 0)
    os._exit(1 if wrong else 0)


def _in_two(work: Callable[[int], None]) -> bool:
    connection.close()
    children = []
    for share in range(WORKERS):
        child = os.fork()
        if child == 0:
            work(share)
        children.append(child)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)


def _tell(what: str, seconds: float) -> None:
    mine, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = sum(each.ru_utime + each.ru_stime for each in (mine, theirs))
    peak = mine.ru_maxrss / 1024
    load = os.getloadavg()[0]
    told = (
        f"{what}: {seconds:.1f} s, CPU so far {cpu:.1f} s, peak {peak:.0f} MB, load {load:.1f}\n"
    )
    # The children of a fork have no capture to write through.
    os.write(1, told.encode())


@contextmanager
def _timed(what: str, spent: list[float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    spent.append(time.perf_counter() - begun)
    _tell(what, spent[-1])


def test_a_month_is_finalised_posted_and_validated(committed_db: None, capsys: Any) -> None:
    scene = cast.make_cast()
    _sell(scene)
    ledger.post_cdrs(cdr_ids=Cdr.objects.values_list("pk", flat=True), as_of=AFTER)
    spent: list[float] = []

    with capsys.disabled():
        _tell("sold", 0)
        with _timed("finalised", spent):
            run = invoices.issue_due_invoices(
                operator_id=scene.operator.pk, period=Month(2026, 11), as_of=AFTER, announce=False
            )
        with _timed("posted", spent):
            posted = ledger.post_invoices(invoice_ids=run.invoice_ids, as_of=AFTER)
        with _timed("validated", spent):
            are_valid = _in_two(_validate)
        _tell("all", sum(spent))

    assert (run.created, run.lines) == (INVOICES, INVOICES * LINES_EACH)
    assert (posted.written, posted.refused) == (INVOICES, {})
    assert are_valid
    assert Posting.objects.aggregate(sum=Sum("amount"))["sum"] == 0
    cdrs = Cdr.objects.aggregate(sum=Sum("total_incl_vat"))["sum"]
    billed = InvoiceLine.objects.filter(invoice__buyer__kind="consumer")
    sold = Cdr.objects.filter(customer__kind="consumer").aggregate(sum=Sum("total_incl_vat"))
    assert billed.aggregate(sum=Sum("amount_incl_vat"))["sum"] == sold["sum"] < cdrs
    assert sum(spent) < MOST_S
