"""Loading the demo network: run again, it completes what is missing and changes nothing else."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from billing import invoices, payments
from billing import queries as billing_queries
from billing.models import Cdr, Invoice
from billing.vat.months import Month
from chargenet.core import events
from chargenet.core.models import Operator
from chargenet.demo import (
    companies,
    days,
    documents,
    doubtful,
    fleet,
    network,
    people,
    plan,
    power,
    prices,
    upkeep,
    wear,
)
from chargenet.demo.plan import Network
from chargenet.imports import lists, watching
from chargenet.imports.prices import Prices
from revenue import ledger
from revenue import queries as revenue_queries
from stations import recordings
from stations.history import SOURCE
from stations.models import Session

# Of a hundred customers' invoices so many are paid, and so many tried in vain.
PAID, DECLINED = 78, 4


@dataclass(frozen=True)
class Loaded:
    """What is there now: logins as people need them, and how many stations to connect."""

    logins: list[dict[str, str]]
    stations: int
    sessions: int


def load_demo(*, folder: Path, stations: int, as_of: datetime) -> Loaded:
    """Make the two networks with their people, prices, fleet and two months of history.

    All or nothing, in one transaction. Nobody is nudged: what is to be posted is posted here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = events.bind_transport(lambda _news: None)
    try:
        with transaction.atomic():
            return _load(folder, stations, as_of)
    finally:
        events.bind_transport(before)


def _load(folder: Path, stations: int, as_of: datetime) -> Loaded:
    counts = plan.counts(stations)
    listed: list[fleet.Listed] = []
    logins = _make_cast(folder / "logins.json")
    sessions = 0
    for net in plan.NETWORKS:
        operator = network.make_operator(net)
        documents.make_policy(operator)
        sites = network.make_sites(operator, net)
        prices.price_sites(operator, net, sites, as_of=as_of)
        drivers, regulars = _make_drivers(operator, net, as_of)
        made = network.make_stations(
            operator=operator, network=net, sites=sites, count=counts[net.slug], as_of=as_of
        )
        power.share_fuses(sites, as_of=as_of)
        listed += [(planned, station, drivers + regulars) for planned, station in made]
        path = folder / f"history-{net.slug}.csv"
        _write_history(path, operator, [planned for planned, _ in made], drivers, regulars, as_of)
        sessions += _bring_history(path, operator, as_of)
        upkeep.tend_stations(operator, as_of=as_of)
        wear.wear_cables(operator, as_of=as_of)
        companies.agree_on_fairness(operator, as_of=as_of)
        doubtful.doubt_sessions(operator, as_of=as_of)
        _bill_past_months(operator, as_of)
    return Loaded(logins, fleet.write_fleet(folder / "fleet.json", listed), sessions)


def _make_cast(path: Path) -> list[dict[str, str]]:
    """Make everybody's login; returns who they are and how they enter."""
    known = {
        each["email"]: each["password"] for each in fleet.read_private(path).get("logins", [])
    }
    operators = {net.slug: network.make_operator(net) for net in plan.NETWORKS}
    logins = [
        {
            "name": person.name,
            "role": f"{person.name}, {person.role} at {operators[person.network].name}",
            "email": person.email,
            "password": people.make_person(
                person, operators[person.network], known.get(person.email, "")
            ),
        }
        for person in plan.CAST
    ]
    fleet.write_private(path, {"logins": logins})
    return logins


def _make_drivers(
    operator: Operator, net: Network, as_of: datetime
) -> tuple[list[str], list[str]]:
    """Return the cards of the fleet's drivers, and those of the cast."""
    regulars = [person for person in plan.CAST if person.card and person.network == net.slug]
    for person in regulars:
        people.make_driver(person, operator, as_of=as_of)
    drivers = people.make_fleet_drivers(operator, as_of=as_of)
    return drivers, [person.card for person in regulars]


def _write_history(
    path: Path,
    operator: Operator,
    planned: Sequence[plan.PlannedStation],
    drivers: Sequence[str],
    regulars: Sequence[str],
    as_of: datetime,
) -> None:
    """Write the history once: on another day it would be other days, and all of them twice."""
    is_there = Session.objects.filter(operator=operator, source=SOURCE).exists()
    if path.exists() or is_there:
        return
    days.write_days(path, planned, drivers, regulars or drivers, until=as_of.date())


def _bring_history(path: Path, operator: Operator, as_of: datetime) -> int:
    """Import the history as any list is imported; prices are the places' own."""
    if not path.exists():
        return 0
    written: dict[str, Any] = {
        "time_zone": "UTC",
        "currency": operator.currency,
        "columns": days.COLUMNS,
        "tariff": None,
    }
    order = lists.ListImport(
        operator=operator,
        path=path,
        mapping=recordings.parse_mapping(written),
        prices=Prices(currency=operator.currency),
        with_invoices=False,
    )
    return lists.import_sessions(order, as_of=as_of, watch=watching.unwatched).rows


def _bill_past_months(operator: Operator, as_of: datetime) -> None:
    """Issue each past month's invoices on the day they would have gone out, and let some be paid.

    Only what the history brought: months the demo lived through are the workers' business.
    """
    zone = ZoneInfo(operator.timezone)
    imported = Cdr.objects.filter(operator=operator, session__source=SOURCE)
    waiting = billing_queries.uninvoiced_cdrs(operator.pk) & imported
    first = waiting.order_by("ended_at").values_list("ended_at", flat=True).first()
    if first is None:
        return
    month = Month.of(first.astimezone(zone).date())
    while month < Month.of(as_of.astimezone(zone).date()):
        issued_at = datetime.combine(month.end, time(6, 30), zone)
        run = invoices.issue_due_invoices(
            operator_id=operator.pk, period=month, as_of=min(issued_at, as_of), announce=False
        )
        ledger.post_invoices(invoice_ids=run.invoice_ids, as_of=as_of)
        _pay_some(run.invoice_ids, as_of)
        documents.correct_some(run.invoice_ids, as_of=as_of)
        month = Month.of(month.end)
    documents.remind_once(operator, as_of=as_of)
    booked = revenue_queries.payments_without_entry().filter(operator=operator)
    ledger.post_payments(payment_ids=list(booked.values_list("pk", flat=True)), as_of=as_of)


def _pay_some(invoice_ids: Sequence[int], as_of: datetime) -> None:
    """Let most customers pay in the weeks after; the cast pays all but the newest invoice."""
    emails = {person.email for person in plan.CAST}
    for invoice in Invoice.objects.filter(pk__in=invoice_ids).select_related("customer__user"):
        luck = zlib.crc32(invoice.customer.reference.encode() + invoice.label.encode()) % 100
        paid_at = invoice.issued_at + timedelta(days=luck % 25, hours=luck % 11)
        if invoice.customer.user is not None and invoice.customer.user.email in emails:
            is_newest = invoice.period_end >= as_of.date().replace(day=1)
            luck = 100 if is_newest else 0
        if paid_at < as_of and luck < PAID + DECLINED:
            method = "card_ok" if luck < PAID else "card_declined"
            payments.start_payment(invoice_id=invoice.pk, method=method, as_of=paid_at)
