"""Stations as lists and maps show them: the worst state of what they hold, and how old it is."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.dashboard import vocabulary
from chargenet.dashboard.parts import Pin, SiteMap
from chargenet.dashboard.queries import states
from chargenet.dashboard.queries.states import LOCKED, Doing
from faults.queries import health
from faults.queries.health import StationHealth
from stations.models import Commissioning, Connector, Location, Station

STALE_HEARTBEATS = 3


@dataclass(frozen=True)
class StationRow:
    """One station of the live table."""

    id: int
    name: str
    location: str
    city: str
    model: str
    link: str
    state: str
    counts: list[tuple[str, int]]
    connectors: int
    power_w: int
    seen_at: datetime | None
    stale_after_s: int
    # 100 is nothing found; that of its worst connector.
    health: int
    open_faults: int
    href: str


def _of_link(value: str) -> Q:
    if value == "new":
        return Q(connected_at__isnull=True)
    return Q(is_online=value == "online", connected_at__isnull=False)


def _with_connector(value: str) -> Q:
    some = states.with_sessions(Connector.objects.all()).filter(states.doing(value))
    rows = Q(pk__in=some.values("station_id"))
    # a lock holds also where nobody answers; what else an offline station said is old
    return rows if value == states.LOCKED else rows & Q(is_online=True)


def _as_set_up(value: str) -> Q:
    """Return the stations whose newest round came to this."""
    newest = Commissioning.objects.filter(station=OuterRef("station")).order_by("-pk")
    rounds = Commissioning.objects.filter(pk=Subquery(newest.values("pk")[:1]))
    if value == "risk":
        found = rounds.filter(state="done").exclude(risks=[])
    else:
        found = rounds.filter(state=value)
    return Q(pk__in=found.values("station_id"))


def station_spec(person: Person) -> Spec:
    """Return what the station list can do for a person: the sites are theirs."""
    return Spec(
        name="stations",
        columns=(
            Column("name", _("Station"), ("name",), csv=lambda row: row.name),
            Column("state", _("State"), ("is_online",), csv=lambda row: row.state),
            Column("site", _("Site"), ("location__name", "name"), csv=lambda row: row.location),
            Column("connectors", _("Connectors"), csv=lambda row: row.connectors),
            Column("power", _("Power"), is_number=True, csv=lambda row: row.power_w),
            Column("health", _("Health"), is_number=True, csv=lambda row: row.health),
            Column("faults", _("Faults"), is_number=True, csv=lambda row: row.open_faults),
            Column(
                "seen", _("Seen"), ("last_seen_at",), is_number=True, csv=lambda row: row.seen_at
            ),
        ),
        default_sort="name",
        filters=_filters(person),
        search=lambda text: (
            Q(name__istartswith=text)
            | Q(location__name__istartswith=text)
            | Q(location__city__istartswith=text)
            | Q(serial_number__istartswith=text)
        ),
        search_label=_("Search station, site or city"),
    )


def _filters(person: Person) -> tuple[Filter, ...]:
    sites = Location.objects.visible_to(person).values_list("pk", "name")[:500]
    links = [(key, str(mark.word)) for key, mark in vocabulary.LINK.items()]
    known = [
        (state, str(mark.word))
        for state, mark in vocabulary.CONNECTOR.items()
        if state not in {"", "offline", "stale"}
    ]
    set_up = [
        (word, str(vocabulary.find_mark("commissioning", word).word))
        for word in ("done", "risk", "running", "stopped")
    ]
    return (
        Filter("link", _("Online and offline"), links, _of_link),
        Filter("set_up", _("Set up or not"), set_up, _as_set_up),
        Filter("state", _("All states"), known, _with_connector),
        Filter(
            "site",
            _("All sites"),
            [(str(pk), name) for pk, name in sites],
            lambda value: Q(location_id=int(value)),
        ),
    )


def stations_of(person: Person) -> QuerySet[Station]:
    """Return the stations in use that a person may see, with their sites."""
    return Station.objects.visible_to(person).filter(is_active=True).select_related("location")


def describe_stations(stations: Sequence[Station]) -> list[StationRow]:
    """Return the rows of some stations; connectors and faults are read in one query each."""
    ids = [station.pk for station in stations]
    doings = states.read_doings(ids)
    found = health.health_of_stations(ids)
    well = StationHealth()
    return [_row(station, doings[station.pk], found.get(station.pk, well)) for station in stations]


def _row(station: Station, doings: list[Doing], found: StationHealth) -> StationRow:
    counts = Counter(each.state for each in doings)
    return StationRow(
        id=station.pk,
        name=station.name,
        location=station.location.name,
        city=station.location.city,
        model=" ".join(part for part in (station.vendor, station.model) if part),
        link=link_of(station),
        state=state_of(station, [each.state for each in doings]),
        counts=sorted(counts.items(), key=lambda pair: vocabulary.rank(pair[0])),
        connectors=len(doings),
        power_w=sum(each.power_w for each in doings) if station.is_online else 0,
        seen_at=station.last_seen_at,
        stale_after_s=STALE_HEARTBEATS * station.heartbeat_interval_s,
        health=found.whole.score,
        open_faults=found.open_faults,
        href=reverse("station_page", args=[station.pk]),
    )


def link_of(station: Station) -> str:
    """Return whether a station is online, offline or never was here."""
    if station.is_online:
        return "online"
    return "offline" if station.connected_at else "new"


def state_of(station: Station, states: Sequence[str]) -> str:
    """Return the one state a station wears; what an offline one said last does not count."""
    if not station.is_online:
        if LOCKED in states:
            return LOCKED
        return "offline" if station.connected_at else ""
    own = [station.status] if station.status in {"Faulted", "Unavailable"} else []
    return vocabulary.worst([*own, *states])


def site_map(person: Person) -> SiteMap:
    """Return every site with a place on the map, wearing the worst state of its stations."""
    worn: dict[int, list[str]] = defaultdict(list)
    stations = list(stations_of(person))
    doings = states.read_doings([station.pk for station in stations])
    for station in stations:
        own = [each.state for each in doings[station.pk]]
        worn[station.location_id].append(state_of(station, own))
    sites = Location.objects.visible_to(person).filter(
        latitude__isnull=False, longitude__isnull=False, pk__in=worn
    )
    pins = [_pin(site, worn[site.pk]) for site in sites]
    return SiteMap("network", gettext_lazy("Sites"), pins, reverse("network_pins"))


def _pin(site: Location, states: list[str]) -> Pin:
    count = ngettext("%(count)s station", "%(count)s stations", len(states))
    worst = vocabulary.worst(states)
    affected = sum(state == worst for state in states)
    note = count % {"count": len(states)}
    if worst in vocabulary.TROUBLE:
        word = str(vocabulary.find_mark("connector", worst).word).lower()
        note = _("%(count)s, %(affected)s %(state)s") % {
            "count": note,
            "affected": affected,
            "state": word,
        }
    return Pin(
        name=site.name,
        latitude=float(site.latitude or 0),
        longitude=float(site.longitude or 0),
        state=worst,
        note=note,
        href=f"{reverse('station_list')}?site={site.pk}",
    )


def station_for(person: Person, station_id: int) -> Station:
    """Return one station with its site; raises Http404 for an outsider."""
    return access.get_or_404(
        Station.objects.select_related("location", "operator"), person, pk=station_id
    )
