"""The nightly reckoning: yesterday's Cdrs priced again from what was stored with them.

A Cdr is never changed. Where the same formula comes to something else now, either what it was
priced from was touched or the formula was: a person must look, and is told where.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from billing.gate import charging
from billing.gate.policy import Outcome
from billing.models import Cdr, PriceDifference, PriceRecheck
from billing.queries import gating, rounding
from billing.tariffs import formula, reading
from billing.tariffs.bill import PricedSession
from billing.tariffs.formula import PriceList
from billing.vat.parts import Basis
from chargenet.core.models import Operator
from stations import queries as station_queries
from stations import status
from stations.metering.session_facts import SessionFacts
from stations.models import Session

CHUNK: Final = 2000
FINDING, WORD = "data_quality", "price_differs"
UNREADABLE: Final = "unreadable"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs between a Cdr and its price today; nothing is as it should be."""

    cdr: Cdr
    what: tuple[str, ...]
    again: Mapping[str, Any]


def recheck_yesterday(*, as_of: datetime) -> list[PriceRecheck]:
    """Price again what every operator rated on the day before, local to the operator."""
    made = []
    for operator in Operator.objects.order_by("pk"):
        day = as_of.astimezone(ZoneInfo(operator.timezone)).date() - timedelta(days=1)
        made.append(recheck_day(operator_id=operator.pk, day=day, as_of=as_of))
    recheck_open(as_of=as_of)
    return made


def recheck_open(*, as_of: datetime) -> int:
    """Price again whatever still differs, of whatever day: what was mended is closed.

    Returns how many differ still.
    """
    open_ones = PriceDifference.objects.filter(gone_at__isnull=True)
    ids = list(open_ones.order_by("pk").values_list("cdr_id", flat=True))
    different = 0
    for start in range(0, len(ids), CHUNK):
        cdrs = Cdr.objects.select_related("snapshot").filter(pk__in=ids[start : start + CHUNK])
        with transaction.atomic():
            different += _note(list(compare(list(cdrs.order_by("pk")), as_of)), as_of)
    return different


def recheck_day(*, operator_id: int, day: date, as_of: datetime) -> PriceRecheck:
    """Price again the Cdrs an operator rated on one day; done again it counts anew."""
    zone = ZoneInfo(Operator.objects.values_list("timezone", flat=True).get(pk=operator_id))
    start = datetime.combine(day, time(0), zone)
    end = datetime.combine(day + timedelta(days=1), time(0), zone)
    rated = Cdr.objects.filter(
        operator_id=operator_id, rated_at__gte=start, rated_at__lt=end
    ).order_by("pk")
    checked = unstored = different = last = 0
    while cdrs := list(rated.filter(pk__gt=last).select_related("snapshot")[:CHUNK]):
        last = cdrs[-1].pk
        stored = [cdr for cdr in cdrs if cdr.snapshot is not None and "basis" in cdr.given]
        unstored += len(cdrs) - len(stored)
        checked += len(stored)
        with transaction.atomic():
            different += _note(list(compare(stored, as_of)), as_of)
    recheck, _ = PriceRecheck.objects.update_or_create(
        operator_id=operator_id,
        day=day,
        defaults={
            "checked": checked,
            "unstored": unstored,
            "different": different,
            "made_at": as_of,
        },
    )
    return recheck


def compare(cdrs: Sequence[Cdr], as_of: datetime) -> Iterator[Compared]:
    """Yield each Cdr with what it would come to now; its snapshot is read."""
    lists: dict[int, PriceList | str] = {}
    for cdr in cdrs:
        assert cdr.snapshot is not None, "asked of what was stored only"
        if cdr.snapshot.pk not in lists:
            lists[cdr.snapshot.pk] = _read(cdr.snapshot.text)
    sessions = Session.objects.select_related("station__location", "connector").in_bulk(
        [cdr.session_id for cdr in cdrs]
    )
    gate = gating.open_gate(list(sessions.values()), as_of=as_of)
    asked = {cdr.pk: gate.as_ruled(sessions[cdr.session_id]) for cdr in cdrs}
    sampled = [
        cdr.session_id
        for cdr in cdrs
        if not isinstance(found := lists[_snapshot_id(cdr)], str) and formula.needs_samples(found)
    ]
    facts_of = station_queries.facts_of_many(asked.values(), sampled=sampled)
    for cdr, facts in zip(cdrs, facts_of, strict=True):
        yield _compared(cdr, facts, lists[_snapshot_id(cdr)])


def _snapshot_id(cdr: Cdr) -> int:
    assert cdr.snapshot_id is not None, "asked of what was stored only"
    return cdr.snapshot_id


def _read(text: str) -> PriceList | str:
    try:
        return formula.read_list(text)
    except reading.Refused as error:
        return str(error)


def _compared(cdr: Cdr, facts: SessionFacts, price_list: PriceList | str) -> Compared:
    if isinstance(price_list, str):
        return Compared(cdr, (UNREADABLE,), {"why": price_list})
    stored = formula.read_stored(cdr.given)
    try:
        whole = formula.price_session(replace(facts, held=stored.held), price_list, stored.given)
    except reading.Refused as error:
        return Compared(cdr, (UNREADABLE,), {"why": str(error)})
    priced = _as_ruled(cdr, whole)
    rounded = rounding.rounded_parts(priced, Basis[str(cdr.given["basis"]).upper()])
    if rounded is None:
        return Compared(cdr, (UNREADABLE,), {"why": "a tax is not named"})
    excl, vat = rounding.sums(rounded, priced.currency)
    again = {
        "currency": priced.currency,
        "excl_vat": str(excl),
        "vat": str(vat),
        "rates": rounding.breakdown(rounded, priced.currency),
        "lines": [formula.priced_line(line) for line in priced.lines],
    }
    billed = billed_of(cdr)
    what = tuple(name for name, value in again.items() if billed[name] != value)
    return Compared(cdr, what, again)


def _as_ruled(cdr: Cdr, priced: PricedSession) -> PricedSession:
    """Return a price as the gate ruled and as VAT was decided when it was made."""
    if cdr.vat_decision:
        priced = charging.without_vat(priced)
    return charging.charged(priced, Outcome(cdr.gate.get("outcome", Outcome.BILL)))


def billed_of(cdr: Cdr) -> dict[str, Any]:
    """Return what a Cdr says, in the names of a comparison."""
    return {
        "currency": str(cdr.total_incl_vat.currency),
        "excl_vat": str(cdr.total_excl_vat.amount),
        "vat": str(cdr.vat_amount.amount),
        "rates": cdr.vat_breakdown,
        "lines": cdr.lines,
    }


def _note(found: Sequence[Compared], as_of: datetime) -> int:
    """Write what differs, and of what no longer does that it is gone; returns how many differ."""
    known = {
        row.cdr_id: row
        for row in PriceDifference.objects.filter(cdr__in=[each.cdr for each in found])
    }
    different = [each for each in found if each.what]
    gone = [known[each.cdr.pk] for each in found if not each.what and each.cdr.pk in known]
    for row in gone:
        row.gone_at = row.gone_at or as_of
    PriceDifference.objects.bulk_update(gone, ["gone_at"])
    PriceDifference.objects.bulk_create(
        [
            PriceDifference(
                operator_id=each.cdr.operator_id,
                cdr=each.cdr,
                detail={
                    "what": list(each.what),
                    "billed": billed_of(each.cdr),
                    "again": dict(each.again),
                },
                found_at=as_of,
                seen_at=as_of,
            )
            for each in different
        ],
        update_conflicts=True,
        unique_fields=["cdr"],
        update_fields=["detail", "seen_at", "gone_at"],
    )
    for each in different:
        before = known.get(each.cdr.pk)
        if before is None or before.gone_at is not None:
            _tell(each, as_of)
    return len(different)


def _tell(found: Compared, as_of: datetime) -> None:
    """Put a new difference among the findings of data quality, and into the log of errors.

    While it lasts it also stands in the work queue of whoever runs the network.
    """
    cdr = found.cdr
    logger.error("cdr %s would come to something else now: %s", cdr.pk, ", ".join(found.what))
    year, week, _weekday = as_of.isocalendar()
    status.record_observation(
        kind=FINDING,
        station_id=cdr.station_id,
        connector_id=cdr.connector_id,
        occurred_at=cdr.ended_at,
        source_id=f"recheck:cdr:{cdr.pk}:{as_of:%Y%m%d}",
        detail={"word": WORD, "week": f"{year}-W{week:02}", "count": 1},
        as_of=as_of,
    )
