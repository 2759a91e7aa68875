"""Uptime counted day by day for every rule that counts it: a rollup that can be made again."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from faults.models import UptimeDay
from faults.queries import ledgers
from faults.uptime import outages, spans, standards
from faults.uptime.outages import Ledger, Outage
from faults.uptime.spans import Span
from stations.models import Connector

AT_A_TIME: Final = 200
# Late facts and closed tickets change the past this far back; older days are settled on demand.
BACK: Final = timedelta(days=31)
# What a period's shares are made of; the kinds of outage beside them overlap.
SUMS: Final = (
    "existed_s",
    "open_s",
    "down_s",
    "down_uk_s",
    "down_afirev_s",
    "excluded_nevi_s",
    "excluded_cec_s",
    "maintenance_s",
)
FIGURES: Final = (
    *SUMS,
    "fault_s",
    "offline_s",
    "unavailable_s",
    "faulted_s",
)


def settle_days(
    *, first: date, last: date, as_of: datetime, connector_ids: Iterable[int] | None = None
) -> int:
    """Count the days from first to last, both included, again; returns how many rows hold."""
    written = 0
    for chunk in _chunks(connector_ids):
        rows = list(count_days(chunk, first=first, last=last, as_of=as_of))
        UptimeDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["connector", "day"],
            update_fields=[*FIGURES, "computed_at"],
            batch_size=1000,
        )
        written += len(rows)
    return written


def settle_recent(*, as_of: datetime, back: timedelta = BACK) -> int:
    """Count again what late facts may have changed."""
    today = as_of.astimezone(UTC).date() + timedelta(days=1)
    return settle_days(first=today - back, last=today, as_of=as_of)


def find_wrong_days(*, first: date, last: date, as_of: datetime) -> list[UptimeDay]:
    """Return the rows that say something else than the ledger does: none, if all is well."""
    wrong = []
    for chunk in _chunks(None):
        held = UptimeDay.objects.filter(connector__in=chunk, day__gte=first, day__lte=last)
        kept = {(row.connector_id, row.day): row for row in held}
        for row in count_days(chunk, first=first, last=last, as_of=as_of):
            before = kept.get((row.connector_id, row.day))
            if before is not None and any(
                getattr(before, name) != getattr(row, name) for name in FIGURES
            ):
                wrong.append(before)
    return wrong


def count_days(
    connectors: Sequence[Connector], *, first: date, last: date, as_of: datetime
) -> Iterator[UptimeDay]:
    """Count the days of connectors, each by the clock of its site; writes nothing."""
    start = datetime.combine(first, time(), tzinfo=UTC) - timedelta(days=1)
    end = datetime.combine(last, time(), tzinfo=UTC) + timedelta(days=2)
    found = ledgers.ledgers_of(connectors, start=start, end=end, as_of=as_of)
    for connector in connectors:
        ledger = found.get(connector.pk)
        if ledger is None:
            continue
        zone = ZoneInfo(connector.station.location.timezone)
        long = _of_afirev(ledger)
        day = first
        while day <= last:
            row = _day(connector, ledger, long, day, zone, as_of)
            if row is not None:
                yield row
            day += timedelta(days=1)


def _day(
    connector: Connector,
    ledger: Ledger,
    long: Sequence[Outage],
    day: date,
    zone: ZoneInfo,
    as_of: datetime,
) -> UptimeDay | None:
    whole = (_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
    existed = spans.intersection([ledger.existed], [whole])
    if not existed:
        return None
    here = Ledger(existed[0], _within(ledger.outages, whole), ledger.closed)
    afirev = Ledger(existed[0], _within(long, whole), ledger.closed)
    work = outages.Allowance(frozenset({"scheduled_maintenance"}))
    return UptimeDay(
        operator_id=connector.operator_id,
        connector=connector,
        day=day,
        existed_s=_s(existed),
        open_s=_s(outages.open_time(here)),
        down_s=_s(outages.down_time(here)),
        down_uk_s=_s(outages.down_time(here, standards.UK_COUNTS)),
        down_afirev_s=_s(outages.down_time(afirev)),
        excluded_nevi_s=_s(outages.excluded_time(here, standards.NEVI)),
        excluded_cec_s=_s(_cec_but_work(ledger, here)),
        maintenance_s=_s(outages.excluded_time(here, work)),
        fault_s=_s(outages.down_time(here, ["fault"])),
        offline_s=_s(outages.down_time(here, ["offline"])),
        unavailable_s=_s(outages.down_time(here, ["unavailable"])),
        faulted_s=_s(outages.down_time(here, ["faulted"])),
        computed_at=as_of,
    )


def _cec_but_work(ledger: Ledger, here: Ledger) -> list[Span]:
    """Return what California leaves out of a day but its maintenance, which is capped by year.

    An act of vandalism has ten days from its own beginning, which may lie before this day.
    """
    but_work = outages.Allowance(
        standards.CEC.classes - {"scheduled_maintenance"}, standards.CEC.per_incident
    )
    return spans.intersection(outages.excluded_time(ledger, but_work), outages.down_time(here))


def _of_afirev(ledger: Ledger) -> list[Outage]:
    """Return the outages AFIREV counts: silence only where it lasted for more than a day."""
    silent = spans.union(one.span for one in ledger.outages if one.kind == "offline")
    return [
        *(one for one in ledger.outages if one.kind != "offline"),
        *(
            Outage("offline", span)
            for span in silent
            if span[1] - span[0] > standards.LONG_SILENCE
        ),
    ]


def _within(found: Iterable[Outage], whole: Span) -> list[Outage]:
    return [one for one in found if one.span[0] < whole[1] and whole[0] < one.span[1]]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _s(found: Iterable[Span]) -> int:
    return int(spans.length(found).total_seconds())


def _chunks(connector_ids: Iterable[int] | None) -> Iterator[list[Connector]]:
    rows = Connector.objects.filter(station__is_active=True).order_by("pk")
    if connector_ids is not None:
        rows = rows.filter(pk__in=list(connector_ids))
    last = 0
    while True:
        chunk = list(rows.filter(pk__gt=last).select_related("station__location")[:AT_A_TIME])
        if not chunk:
            return
        yield chunk
        last = chunk[-1].pk
