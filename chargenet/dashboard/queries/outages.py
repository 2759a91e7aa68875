"""One connector's days and outages, as its page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from chargenet.dashboard.queries import uptime
from chargenet.dashboard.queries.revenue import Period
from faults.models import Fault, UptimeDay
from faults.queries import ledgers
from faults.uptime.outages import Ledger, Outage
from faults.uptime_days import SUMS
from stations.models import Connector


@dataclass(frozen=True)
class OutageLine:
    """One outage of a connector as its page shows it, cut to the period."""

    kind: str
    why: str
    start: datetime
    end: datetime
    lasted: timedelta
    href: str = ""


@dataclass(frozen=True)
class ConnectorUptime:
    """One connector over a period: the days as counted, and the outages behind them."""

    row: uptime.UptimeRow | None
    days: list[UptimeDay]
    outages: list[OutageLine]


def connector_uptime(connector: Connector, period: Period, as_of: datetime) -> ConnectorUptime:
    """Return a connector's days and outages; the outages are read from the ledger itself."""
    start, end = period.instants
    ledger = ledgers.ledgers_of([connector], start=start, end=end, as_of=as_of).get(connector.pk)
    days = UptimeDay.objects.filter(
        connector=connector, day__gte=period.start, day__lt=period.end
    ).order_by("day")
    found = [uptime.UptimeRow(**_of_day(day)) for day in days]
    return ConnectorUptime(
        row=uptime.sum_of(found) if found else None, days=list(days), outages=_lines(ledger)
    )


def _of_day(day: UptimeDay) -> dict[str, Any]:
    sums = {each: getattr(day, each) for each in SUMS}
    return {"key": day.connector_id, "name": "", "under": "", "connectors": 1, **sums}


def _lines(ledger: Ledger | None) -> list[OutageLine]:
    if ledger is None:
        return []
    faults = {pk for one in ledger.outages if (pk := _fault_of(one)) is not None}
    tickets = dict(Fault.objects.filter(pk__in=faults).values_list("pk", "ticket_id"))
    return [
        line
        for one in sorted(ledger.outages, key=lambda each: each.span[0])
        if (line := _line(one, ledger, tickets)) is not None
    ]


def _line(one: Outage, ledger: Ledger, tickets: Mapping[int, int | None]) -> OutageLine | None:
    start, end = max(one.span[0], ledger.existed[0]), min(one.span[1], ledger.existed[1])
    if start >= end:
        return None
    ticket_id = tickets.get(_fault_of(one) or 0)
    href = reverse("ticket_page", args=[ticket_id]) if ticket_id else ""
    return OutageLine(one.kind, one.why, start, end, end - start, href)


def _fault_of(one: Outage) -> int | None:
    number = one.incident.removeprefix("fault:")
    return int(number) if number.isdecimal() else None
