"""Sites, networks and cohorts as they stand, for the rules that look at many stations."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from faults.models import Fault
from faults.queries.facts import DEVICE_EVENT
from faults.queries.supply import supply_of
from faults.queries.usage import silence_of_site
from faults.rules import sessions_failing, station_offline, wide
from faults.rules.wide import (
    CohortSnapshot,
    NetworkSnapshot,
    OwnHealth,
    SiteSnapshot,
    StationSeen,
    Tally,
)
from stations.models import Observation, Session, Station, StatusChange

NO_MAINS = "CX015"
POWER_LOST_WITHIN = timedelta(hours=24)
COHORT_WITHIN = timedelta(days=7)


def site_snapshot(location_id: int, as_of: datetime) -> SiteSnapshot:
    """Return a site with what is known of the silence of its stations."""
    rows = list(Station.objects.filter(location_id=location_id, is_active=True).order_by("pk"))
    lost = _power_lost([row.pk for row in rows], as_of)
    return SiteSnapshot(
        as_of=as_of,
        site_id=location_id,
        stations=tuple(_seen(rows, lost, as_of)),
        supply=supply_of(location_id),
        silence=silence_of_site(location_id),
    )


def network_snapshot(
    operator_id: int, network_group: str, own: OwnHealth | None, as_of: datetime
) -> NetworkSnapshot:
    """Return the stations of an operator that share a line."""
    rows = Station.objects.filter(
        operator_id=operator_id, network_group=network_group, is_active=True
    )
    dark = Fault.objects.filter(
        operator_id=operator_id, code="F40", scope="site", state=Fault.State.FIRING
    )
    return NetworkSnapshot(
        as_of=as_of,
        key=wide.network_key(operator_id, network_group),
        stations=tuple(_seen(list(rows.order_by("pk")), {}, as_of)),
        own=own,
        dark_sites=frozenset(
            pk for pk in dark.values_list("location_id", flat=True) if pk is not None
        ),
    )


def cohort_snapshots(operator_id: int, as_of: datetime) -> list[CohortSnapshot]:
    """Return each model and firmware of an operator beside its peers and all others."""
    tallies = _tallies(operator_id, as_of)
    return [
        CohortSnapshot(
            as_of=as_of,
            key=wide.cohort_key(operator_id, *kind),
            model=kind[0],
            firmware=kind[1],
            cohort=tally,
            peers=_sum(t for k, t in tallies.items() if k != kind and k[0] == kind[0]),
            others=_sum(t for k, t in tallies.items() if k != kind),
        )
        for kind, tally in tallies.items()
    ]


def _seen(
    rows: list[Station], lost: dict[int, datetime], as_of: datetime
) -> Iterable[StationSeen]:
    silent = Fault.objects.filter(
        station_id__in=[row.pk for row in rows], code=station_offline.CODE
    ).exclude(state=Fault.State.CLEARED)
    since = dict(silent.values_list("station_id", "began_at"))
    for row in rows:
        yield StationSeen(
            id=row.pk,
            site_id=row.location_id,
            network=row.network_group,
            gone_at=wide.gone_at(
                as_of=as_of,
                is_online=row.is_online,
                last_seen_at=row.last_seen_at,
                disconnected_at=row.disconnected_at,
                offline_since=since.get(row.pk),
            ),
            back_at=row.connected_at if row.is_online else None,
            power_lost_at=lost.get(row.pk),
        )


def _power_lost(ids: list[int], as_of: datetime) -> dict[int, datetime]:
    """Return when each station last gave evidence that its mains went."""
    mine: dict[str, Any] = {"station_id__in": ids}
    lately = {"received_at__gt": as_of - POWER_LOST_WITHIN}
    told = Observation.objects.filter(**mine, **lately).filter(
        Q(kind="boot", detail__reason="PowerUp")
        | Q(kind=DEVICE_EVENT, detail__tech_code__icontains=NO_MAINS)
    )
    signs = StatusChange.objects.filter(**mine, **lately, vendor_error_code__icontains=NO_MAINS)
    stops = Session.objects.filter(
        **mine, completed_at__gt=as_of - POWER_LOST_WITHIN, stop_reason="PowerLoss"
    )
    found: dict[int, datetime] = {}
    for rows, name in ((told, "occurred_at"), (signs, "occurred_at"), (stops, "ended_at")):
        for station_id, at in rows.values_list("station_id", name):
            found[station_id] = max(at, found.get(station_id, at))
    return found


def _tallies(operator_id: int, as_of: datetime) -> dict[tuple[str, str], Tally]:
    """Return the sessions of a week by model and firmware: tried and failed, by station."""
    limits = sessions_failing.Thresholds()
    duration = F("ended_at") - F("started_at")
    kept = Session.objects.filter(
        operator_id=operator_id,
        state=Session.State.COMPLETED,
        source="ocpp",
        completed_at__gt=as_of - COHORT_WITHIN,
    ).exclude(station__model="")
    rows = kept.exclude(station__firmware_version="").annotate(lasted=duration)
    is_well = Q(energy_wh__gte=limits.least_energy_wh, lasted__gte=limits.least_duration)
    is_chosen = Q(energy_wh__gte=limits.served_wh, stop_reason__in=sessions_failing.CHOSEN)
    is_unsaid = ~is_well & (Q(stop_reason__in=sessions_failing.REFUSED) | is_chosen)
    counts = rows.values_list(
        "station__model", "station__firmware_version", "station_id"
    ).annotate(
        tried=Count("pk", filter=~is_unsaid), failed=Count("pk", filter=~is_unsaid & ~is_well)
    )
    found: dict[tuple[str, str], list[dict[int, int]]] = defaultdict(lambda: [{}, {}])
    for model, firmware, station_id, tried, failed in counts.order_by():
        found[model, firmware][0][station_id] = tried
        found[model, firmware][1][station_id] = failed
    return {kind: Tally(tried=tried, failed=failed) for kind, (tried, failed) in found.items()}


def _sum(tallies: Iterable[Tally]) -> Tally:
    """Return several tallies as one; a station runs one firmware at a time, and so is in one."""
    tried: dict[int, int] = {}
    failed: dict[int, int] = {}
    for tally in tallies:
        tried.update(tally.tried)
        failed.update(tally.failed)
    return Tally(tried=tried, failed=failed)
