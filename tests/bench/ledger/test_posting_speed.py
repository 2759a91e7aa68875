"""How fast sessions become entries: in sets, one by one, and without the seal.

CHARGENET_BENCH_SESSIONS sets the size; the real session list has 66,394. Ratios and processor
time count; the wall clock is the machine's.
"""

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction

from billing.models import Cdr, Customer, Invoice, InvoiceLine, InvoiceSeries, Tariff
from revenue import ledger
from revenue.models import JournalEntry, Posting
from stations.models import Connector, Session
from tests import cast

SESSIONS = int(os.environ.get("CHARGENET_BENCH_SESSIONS", "66394"))
PER_INVOICE = 200
SINGLY = 500
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
CENT = Decimal("0.01")


def _amounts(n: int) -> tuple[Decimal, Decimal]:
    gross = Decimal(500 + n * 37 % 40_000).scaleb(-2)
    net = (gross / Decimal("1.25")).quantize(CENT)
    return net, gross - net


def _make_cdrs(made: cast.Cast, connectors: list[Connector], count: int) -> list[Cdr]:
    tariff = Tariff.objects.create(
        operator=made.operator, code="T", name="T", currency="SEK", ocpi={}
    )
    customer = Customer.objects.create(operator=made.operator, reference="C", name="C")
    sessions = Session.objects.bulk_create(
        [
            Session(
                operator=made.operator,
                station_id=connectors[n % len(connectors)].station_id,
                connector=connectors[n % len(connectors)],
                ocpp_transaction_id=str(n),
                state="completed",
                started_at=START + timedelta(minutes=5 * n),
                ended_at=START + timedelta(minutes=5 * n + 60),
                received_at=START,
                energy_wh=9000,
            )
            for n in range(count)
        ],
        batch_size=5_000,
    )
    cdrs = []
    for n, session in enumerate(sessions):
        net, vat = _amounts(n)
        amounts = {"excl_vat": str(net), "vat": str(vat), "incl_vat": str(net + vat)}
        cdrs.append(
            Cdr(
                operator=made.operator,
                session=session,
                location=made.location,
                station_id=session.station_id,
                connector_id=session.connector_id,
                customer=customer,
                tariff=tariff,
                started_at=session.started_at,
                ended_at=session.started_at + timedelta(hours=1),
                energy_wh=9000,
                total_excl_vat=net,
                vat_amount=vat,
                total_incl_vat=net + vat,
                currency="SEK",
                vat_breakdown=[{"rate": "25", **amounts}],
                lines=[],
                rated_at=NOW,
            )
        )
    return Cdr.objects.bulk_create(cdrs, batch_size=5_000)


def _make_invoices(made: cast.Cast, cdrs: list[Cdr]) -> list[int]:
    series = InvoiceSeries.objects.create(operator=made.operator, prefix="")
    made_ids: list[int] = []
    lines: list[InvoiceLine] = []
    for number, at in enumerate(range(0, len(cdrs), PER_INVOICE), start=1):
        billed = cdrs[at : at + PER_INVOICE]
        customer = Customer.objects.create(
            operator=made.operator, reference=f"C{number}", name="C"
        )
        net = sum((cdr.total_excl_vat.amount for cdr in billed), Decimal(0))
        vat = sum((cdr.vat_amount.amount for cdr in billed), Decimal(0))
        invoice = Invoice.objects.create(
            operator=made.operator,
            customer=customer,
            series=series,
            number=number,
            label=str(number),
            public_id=uuid.uuid4(),
            ocr_reference=str(number),
            period_start=date(2026, 10, 1),
            period_end=date(2026, 11, 1),
            issue_date=NOW.date(),
            due_date=NOW.date(),
            issued_at=NOW,
            total_excl_vat=net,
            vat_amount=vat,
            total_incl_vat=net + vat,
            currency="SEK",
            vat_breakdown=[
                {"rate": "25", "excl_vat": str(net), "vat": str(vat), "incl_vat": str(net + vat)}
            ],
            seller={},
            buyer={},
        )
        made_ids.append(invoice.pk)
        lines.extend(
            InvoiceLine(
                operator=made.operator,
                invoice=invoice,
                position=position,
                cdr=cdr,
                session_id=cdr.session_id,
                station_id=cdr.station_id,
                connector_id=cdr.connector_id,
                description="",
                quantity=1,
                unit="kWh",
                vat_rate=25,
                amount_excl_vat=cdr.total_excl_vat,
                vat_amount=cdr.vat_amount,
                amount_incl_vat=cdr.total_incl_vat,
                currency="SEK",
            )
            for position, cdr in enumerate(billed)
        )
    InvoiceLine.objects.bulk_create(lines, batch_size=5_000)
    return made_ids


@pytest.fixture
def made(committed_db: None) -> tuple[list[int], list[int]]:
    people = cast.make_cast()
    connectors = [
        cast.make_station(people.location, f"BENCH-{n}", count=2)[1][n % 2] for n in range(100)
    ]
    cdrs = _make_cdrs(people, connectors, SESSIONS)
    invoices = _make_invoices(people, cdrs)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE; ANALYZE; SET ROLE chargenet_system")
    # Ids only: a hundred thousand live rows would slow every garbage collection.
    return [cdr.pk for cdr in cdrs], invoices


@dataclass(frozen=True)
class Cost:
    """Seconds of the wall clock, of our processor time and of the database backend's."""

    wall_s: float
    ours_s: float
    backend_s: float

    @property
    def cpu_s(self) -> float:
        return self.ours_s + self.backend_s

    def __str__(self) -> str:
        return (
            f"{self.wall_s:7.2f} s wall, {self.cpu_s:6.2f} s cpu"
            f" ({self.ours_s:.2f} python, {self.backend_s:.2f} backend)"
        )


def _backend_cpu_s() -> float:
    """Return the processor time of our backend so far; 0 where it runs on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _timed(work: Callable[[], object]) -> Cost:
    before = time.perf_counter(), time.process_time(), _backend_cpu_s()
    work()
    after = time.perf_counter(), time.process_time(), _backend_cpu_s()
    return Cost(*(end - start for start, end in zip(before, after, strict=True)))


def _checked(work: Callable[[], object]) -> None:
    """Do the work and the checks of foreign keys, which otherwise wait for the commit."""
    work()
    connection.check_constraints()


def _without_seal(work: Callable[[], object]) -> Cost:
    """Time work with the seal off, in a transaction that is thrown away."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
            cursor.execute("ALTER TABLE revenue_posting DISABLE TRIGGER revenue_posting_sealed")
            cursor.execute(
                "ALTER TABLE revenue_journalentry DISABLE TRIGGER revenue_entry_has_lines"
            )
            cursor.execute("SET LOCAL ROLE chargenet_system")
        took = _timed(lambda: _checked(work))
        transaction.set_rollback(True)
    return took


def test_posting_in_sets_against_one_by_one(made: tuple[list[int], list[int]]) -> None:
    ids, invoices = made
    few = ids[:SINGLY]

    def singly() -> None:
        for pk in few:
            ledger.post_cdr(cdr_id=pk, as_of=NOW)

    bare = _without_seal(lambda: ledger.post_cdrs(cdr_ids=ids[SINGLY:], as_of=NOW))
    one_by_one = _timed(singly)
    in_sets = _timed(lambda: ledger.post_cdrs(cdr_ids=ids[SINGLY:], as_of=NOW))
    again = _timed(lambda: ledger.post_cdrs(cdr_ids=ids, as_of=NOW))
    invoiced = _timed(lambda: ledger.post_invoices(invoice_ids=invoices, as_of=NOW))

    assert JournalEntry.objects.count() == len(ids) + len(invoices)
    per_set, per_one = in_sets.cpu_s / (len(ids) - SINGLY), one_by_one.cpu_s / SINGLY
    print(f"\n{len(ids)} sessions, {len(invoices)} invoices, {Posting.objects.count()} postings")
    print(f"cdrs in sets       {in_sets}")
    print(f"the same again     {again}")
    print(f"invoices           {invoiced}")
    print(f"cdrs + invoices    {in_sets.wall_s + invoiced.wall_s:7.2f} s wall")
    print(f"one by one / sets  {per_one / per_set:7.1f} x cpu a session")
    print(f"sealed / unsealed  {in_sets.cpu_s / bare.cpu_s:7.2f} x cpu")
