"""How a site is used: what the rules that hear silence look at, read once for all its stations."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q

from faults.models import Downtime, Fault, RuleState
from faults.queries.outcomes import FREE, REMOTE, RFID, channel_of
from faults.rules import demand, usage_drought
from faults.rules.facts import Period, Usage
from faults.rules.wide import SiteSilence
from stations.metering import opening
from stations.models import Connector, Location, Session

logger = logging.getLogger(__name__)

BACK = timedelta(days=60)
# A site of thirty connectors, thirty starts a day each.
MOST_STARTS = 60_000
MOST_PEERS = 200
# The rule state that holds how an operator's connectors are used; no rule has this code.
PEERS = "peers"
# Silence of its own finding is no time in which nobody could have come.
HEARD_AS_SILENCE = ("F11", "F12", "F36")


def usage_of_site(location_id: int, as_of: datetime) -> dict[int | None, Usage]:
    """Return how a site is used: under None all of it, else a connector and those of its kind."""
    location = Location.objects.filter(pk=location_id).first()
    connectors = list(
        Connector.objects.filter(station__location_id=location_id, station__is_active=True)
    )
    if location is None or not connectors:
        return {}
    ids = [one.pk for one in connectors]
    starts, remote = _starts(ids, as_of)
    away = _away(ids, location, as_of)
    rates = rates_of(location.operator_id)
    everything = [at for found in starts.values() for at in found]
    weights = demand.profile(everything, location.timezone)
    oldest = min(everything, default=as_of)

    def used(kind: list[int], peers: tuple[float, ...]) -> Usage:
        return Usage(
            starts={pk: starts.get(pk, ()) for pk in kind},
            remote_starts={pk: remote.get(pk, ()) for pk in kind},
            peer_rates=peers,
            away={pk: away.get(pk, ()) for pk in kind},
            demand=weights,
            time_zone=location.timezone,
            known_for=as_of - oldest,
        )

    found: dict[int | None, Usage] = {None: used(ids, ())}
    for standard in {one.standard for one in connectors}:
        kind = [one.pk for one in connectors if one.standard == standard]
        found.update(dict.fromkeys(kind, used(kind, rates.get(standard, ()))))
    return found


def rates_of(operator_id: int) -> dict[str, tuple[float, ...]]:
    """Return the starts a day of an operator's connectors by standard, as last worked out."""
    row = RuleState.objects.filter(operator_id=operator_id, code=PEERS).first()
    state: dict[str, Any] = row.state if row else {}
    return {name: tuple(found) for name, found in state.items()}


def work_out_rates(operator_id: int, as_of: datetime) -> dict[str, list[float]]:
    """Return the starts a day of an operator's connectors by standard, rarest first."""
    rows = (
        Connector.objects.filter(operator_id=operator_id, station__is_active=True)
        .annotate(
            starts=Count("sessions", filter=Q(sessions__started_at__gt=as_of - BACK)),
            first=Min("sessions__started_at", filter=Q(sessions__started_at__gt=as_of - BACK)),
        )
        .filter(starts__gt=0)
        .order_by("pk")
    )
    rates: dict[str, list[float]] = defaultdict(list)
    for standard, starts, first in rows.values_list("standard", "starts", "first"):
        days = max((as_of - first) / timedelta(days=1), 1.0)
        rates[standard].append(round(starts / days, 3))
    return {name: _spread(sorted(found)) for name, found in rates.items()}


def _spread(rates: list[float]) -> list[float]:
    """Return at most two hundred of many rates, evenly taken."""
    step = max(1, -(-len(rates) // MOST_PEERS))
    return rates[::step]


def _starts(
    ids: list[int], as_of: datetime
) -> tuple[dict[int, tuple[datetime, ...]], dict[int, tuple[datetime, ...]]]:
    found: dict[str, dict[int, list[datetime]]] = {
        channel: defaultdict(list) for channel in (RFID, REMOTE, FREE)
    }
    everything: dict[int, list[datetime]] = defaultdict(list)
    rows = Session.objects.filter(connector_id__in=ids, started_at__gt=as_of - BACK)
    columns = ("connector_id", "started_at", "remote_start_id", "token_id", "id_tag")
    for row in rows.order_by("started_at").only(*columns)[:MOST_STARTS]:
        everything[row.connector_id].append(row.started_at)
        found[channel_of(row, is_asked_for=False)][row.connector_id].append(row.started_at)
    return _frozen(everything), _frozen(found[REMOTE])


def _frozen(found: Mapping[int, Iterable[datetime]]) -> dict[int, tuple[datetime, ...]]:
    return {pk: tuple(times) for pk, times in found.items()}


def _away(ids: list[int], location: Location, as_of: datetime) -> dict[int, tuple[Period, ...]]:
    """Return when each connector was known to be out of service, or its site closed."""
    rows = Downtime.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=as_of - BACK), connector_id__in=ids
    ).exclude(reason_code__in=HEARD_AS_SILENCE)
    closed: list[Period] = list(_closed(location, as_of))
    away: dict[int, list[Period]] = {pk: list(closed) for pk in ids}
    columns = ("connector_id", "started_at", "ended_at")
    for pk, started_at, ended_at in rows.order_by("started_at").values_list(*columns):
        away[pk].append((started_at, ended_at))
    return {pk: tuple(sorted(found, key=_since)) for pk, found in away.items() if found}


def _since(period: Period) -> datetime:
    return period[0]


def _closed(location: Location, as_of: datetime) -> list[tuple[datetime, datetime]]:
    """Return when a site was closed by its published hours; none where they cannot be read."""
    try:
        hours = opening.read_hours(location.opening_hours)
    except opening.HoursRefused:
        logger.warning("opening hours not read location=%d", location.pk)
        return []
    return opening.closed_spans(hours, ZoneInfo(location.timezone), as_of - BACK, as_of)


def silence_of_site(location_id: int) -> SiteSilence:
    """Return how many connectors of a site were ever used, and are silent with all the others."""
    connectors = Connector.objects.filter(
        station__location_id=location_id, station__is_active=True
    ).exclude(status__in=usage_drought.OUT_OF_SERVICE)
    keys = {f"connector:{pk}" for pk in connectors.values_list("pk", flat=True)}
    habits = RuleState.objects.filter(code=usage_drought.CODE, scope_key__in=keys)
    lasts = [row["last"] for row in habits.values_list("state", flat=True) if row.get("last")]
    silent = Fault.objects.filter(
        code=usage_drought.CODE,
        scope_key__in=keys,
        state=Fault.State.FIRING,
        evidence__is_whole_site_silent=True,
    )
    since = max(map(datetime.fromisoformat, lasts), default=None)
    return SiteSilence(used=len(lasts), silent=silent.count(), since=since)
