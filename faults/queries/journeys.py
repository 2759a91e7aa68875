"""How drivers fared and how faults were mended over a period, from what is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Q, QuerySet

from chargenet.core.access import Person
from faults.models import Downtime, Fault, Ticket, TicketNote
from faults.uptime.repairs import Repair
from faults.uptime.visits import Attempt, Attribution
from stations.metering.tokens import token_word
from stations.models import MeterValue, Observation, Session

# A month of a large network; beyond it the page says so and asks for less.
MOST_ATTEMPTS: Final = 100_000
A_TRY: Final = timedelta(minutes=1)
# How long a start takes is read from the samples of the newest sessions: it needs no more.
MOST_TIMED: Final = 300
FLOWING_W, FLOWING_WH = 500, 100
ELSEWHERE: Final = 2
OF_REASONS: Final[Mapping[str, Attribution]] = {
    "PowerLoss": "grid",
    "PowerQuality": "grid",
    "DeAuthorized": "payment",
    "LocalOutOfCredit": "payment",
    "ReqEnergyTransferRejected": "vehicle",
    "EmergencyStop": "user",
    "GroundFault": "charger",
    "OvercurrentFault": "charger",
    "HardReset": "charger",
    "SoftReset": "charger",
    "Reboot": "charger",
    "ImmediateReset": "charger",
}
OF_FAULTS: Final[frozenset[Attribution]] = frozenset(
    {"charger", "cable", "vehicle", "user", "payment", "network", "grid"}
)


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time, and the sites it is about; no sites: all a person sees."""

    start: datetime
    end: datetime
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts of a period; `is_cut`: there are more than are counted."""

    found: list[Attempt]
    is_cut: bool


def attempts_of(person: Person, period: Period) -> Attempts:
    """Return each try to charge that a person may see, with what it failed for; six queries."""
    rows = list(_sessions(person, period)[: MOST_ATTEMPTS + 1])
    failing = _fails_elsewhere(rows)
    blamed = _blamed({row.connector_id for row in rows}, period)
    flowing = _first_energy(rows[:MOST_TIMED])
    found = [
        replace(_attempt(row, failing, blamed), first_energy_at=flowing.get(row.pk))
        for row in rows[:MOST_ATTEMPTS]
    ]
    refused = _refused(person, period)
    return Attempts(found + refused, is_cut=len(rows) > MOST_ATTEMPTS)


def _first_energy(rows: Sequence[Session]) -> dict[int, datetime]:
    """Return when energy was first seen to flow in sessions, by the time of the sample."""
    if not rows:
        return {}
    registers = {row.pk: row.meter_start_wh for row in rows if (row.energy_wh or 0) >= FLOWING_WH}
    samples = MeterValue.objects.filter(
        session_id__in=list(registers),
        received_at__gte=min(row.started_at for row in rows) - A_TRY,
    )
    found: dict[int, datetime] = {}
    told = samples.order_by("occurred_at").values_list(
        "session_id", "occurred_at", "power_w", "energy_wh"
    )
    for session_id, at, power_w, energy_wh in told.iterator():
        if session_id is None:
            continue
        start_wh = registers[session_id]
        is_known = start_wh is not None and energy_wh is not None
        gained_wh = (energy_wh or 0) - (start_wh or 0) if is_known else 0
        if (power_w or 0) >= FLOWING_W or gained_wh >= FLOWING_WH:
            found.setdefault(session_id, at)
    return found


def _sessions(person: Person, period: Period) -> QuerySet[Session]:
    rows = Session.objects.visible_to(person).filter(
        state=Session.State.COMPLETED, ended_at__gte=period.start, ended_at__lt=period.end
    )
    if period.site_id is not None:
        rows = rows.filter(station__location_id=period.site_id)
    return rows.select_related("station").order_by("-ended_at", "pk")


def _attempt(
    row: Session,
    failing: frozenset[str],
    blamed: Mapping[int, list[tuple[datetime, datetime | None, Attribution]]],
) -> Attempt:
    assert row.ended_at is not None, "only completed sessions are asked for"
    token = token_word(row.token_id, row.id_tag)
    return Attempt(
        site_id=row.station.location_id,
        connector_id=row.connector_id,
        token=token,
        began_at=row.started_at,
        ended_at=max(row.ended_at, row.started_at),
        energy_wh=row.energy_wh or 0,
        stop_reason=row.stop_reason,
        attribution=_attribution(row, token, failing, blamed.get(row.connector_id, [])),
    )


def _attribution(
    row: Session,
    token: str,
    failing: frozenset[str],
    blamed: Iterable[tuple[datetime, datetime | None, Attribution]],
) -> Attribution:
    """Return what a failure is put down to: what the stop says, a fault then, a token's habit."""
    said = OF_REASONS.get(row.stop_reason)
    if said is not None:
        return said
    for began_at, cleared_at, attribution in blamed:
        if began_at <= row.started_at and (cleared_at is None or row.started_at <= cleared_at):
            return attribution
    return "vehicle" if token in failing else "unknown"


def _fails_elsewhere(rows: Iterable[Session]) -> frozenset[str]:
    """Return the tokens that got nothing at two stations or more, and nothing but that."""
    failed: dict[str, set[int]] = defaultdict(set)
    served: set[str] = set()
    for row in rows:
        token = token_word(row.token_id, row.id_tag)
        if not token:
            continue
        if (row.energy_wh or 0) < 100:
            failed[token].add(row.station_id)
        else:
            served.add(token)
    return frozenset(
        token
        for token, stations in failed.items()
        if len(stations) >= ELSEWHERE and token not in served
    )


def _blamed(
    connector_ids: Iterable[int], period: Period
) -> Mapping[int, list[tuple[datetime, datetime | None, Attribution]]]:
    rows = Fault.objects.filter(
        Q(cleared_at__isnull=True) | Q(cleared_at__gt=period.start),
        connector_id__in=list(connector_ids),
        began_at__lt=period.end,
        opened_at__isnull=False,
    )
    found: dict[int, list[tuple[datetime, datetime | None, Attribution]]] = defaultdict(list)
    for connector_id, began_at, cleared_at, said in rows.order_by("began_at").values_list(
        "connector_id", "began_at", "cleared_at", "attribution"
    ):
        attribution = next((one for one in OF_FAULTS if one == said), None)
        if connector_id is not None and attribution is not None:
            found[connector_id].append((began_at, cleared_at, attribution))
    return found


def _refused(person: Person, period: Period) -> list[Attempt]:
    """Return the tries that ended at the card reader; where no connector is told, its site's."""
    rows = Observation.objects.visible_to(person).filter(
        kind="token_refused", occurred_at__gte=period.start, occurred_at__lt=period.end
    )
    if period.site_id is not None:
        rows = rows.filter(station__location_id=period.site_id)
    told = rows.order_by("-occurred_at").values_list(
        "station__location_id", "connector_id", "detail", "occurred_at"
    )
    return [
        Attempt(
            site_id=site_id,
            connector_id=connector_id or 0,
            token=str(detail.get("token", "")),
            began_at=at,
            ended_at=at + A_TRY,
            has_session=False,
            attribution="payment",
        )
        for site_id, connector_id, detail, at in told[:MOST_ATTEMPTS]
    ]


def repairs_of(person: Person, period: Period) -> list[Repair]:
    """Return the tickets opened in a period as the figures see them; four queries."""
    rows = Ticket.objects.visible_to(person).filter(
        opened_at__gte=period.start, opened_at__lt=period.end
    )
    rows = rows.exclude(closing="duplicate")
    if period.site_id is not None:
        rows = rows.filter(location_id=period.site_id)
    tickets = list(rows.order_by("opened_at", "pk")[:MOST_ATTEMPTS])
    ids = [ticket.pk for ticket in tickets]
    began = dict(
        Fault.objects.filter(ticket__in=ids)
        .values_list("ticket_id")
        .annotate(first=Min("began_at"))
    )
    visits = dict(
        TicketNote.objects.filter(
            ticket__in=ids, kind=TicketNote.Kind.CHANGE, detail__verb="arrive"
        )
        .values_list("ticket_id")
        .annotate(times=Count("pk"))
    )
    restored = _restored(ids)
    return [
        Repair(
            connector_id=ticket.connector_id,
            code=ticket.code,
            last_good_at=None,
            began_at=min(began.get(ticket.pk, ticket.opened_at), ticket.opened_at),
            found_at=ticket.opened_at,
            acknowledged_at=ticket.acknowledged_at or ticket.assigned_at,
            restored_at=restored.get(ticket.pk),
            closed_at=ticket.closed_at,
            visits=visits.get(ticket.pk, 0),
            is_no_fault=ticket.closing == "no_fault",
        )
        for ticket in tickets
    ]


def _restored(ids: Iterable[int]) -> dict[int, datetime]:
    """Return when the last place a ticket's faults took out was back in service."""
    ends: dict[int, datetime] = {}
    open_ones: set[int] = set()
    rows = Downtime.objects.filter(fault__ticket__in=list(ids))
    for ticket_id, ended_at in rows.values_list("fault__ticket_id", "ended_at"):
        if ticket_id is None:
            continue
        if ended_at is None:
            open_ones.add(ticket_id)
        else:
            ends[ticket_id] = max(ended_at, ends.get(ticket_id, ended_at))
    return {ticket_id: at for ticket_id, at in ends.items() if ticket_id not in open_ones}
