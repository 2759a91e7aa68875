"""The wide half of a trial: its sites, its networks and its cohorts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from faults import rules
from faults.engine import inhibition
from faults.engine.fleet.cohorts import Cohorts
from faults.engine.fleet.posts import Post
from faults.engine.inhibition import Around
from faults.engine.keeping import FIRING, Place
from faults.engine.looking import Key, Memory
from faults.engine.memory import Held, Shelf
from faults.engine.wide import WideLook, look_wide, waits
from faults.rules import station_offline, wide
from faults.rules.protocol import Rule
from faults.rules.vocabulary.meaning import SAFETY
from faults.rules.wide import NetworkSnapshot, SiteSnapshot, StationSeen

COHORTS_EVERY = timedelta(hours=6)
# What began this little before a wider thing is of it.
TOGETHER = timedelta(minutes=10)
IN_USE = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE", "Preparing", "Occupied"})


@dataclass(slots=True, eq=False)
class Zone:
    """One place wider than a station: a site, or a network."""

    place: Place
    posts: list[Post] = field(default_factory=list)
    memories: dict[Key, Memory] = field(default_factory=dict)
    conditions: dict[Key, Held] = field(default_factory=dict)
    due: datetime | None = None
    gone: frozenset[int] = frozenset()


@dataclass(slots=True)
class Region:
    """All zones of a fleet; `wake` has a station looked at anew, `wait` has a zone looked at."""

    shelf: Shelf
    tuned: Mapping[str, Any]
    wait: Callable[[Zone, datetime | None], None]
    wake: Callable[[Post, datetime], None]
    sites: dict[int, Zone] = field(default_factory=dict)
    networks: dict[str, Zone] = field(default_factory=dict)
    cohorts: Cohorts = field(default_factory=Cohorts)

    def join(self, post: Post) -> None:
        """Add a station to its site and its network."""
        place = Place(post.operator_id, "site", wide.site_key(post.site_id), post.site_id)
        self.sites.setdefault(post.site_id, Zone(place)).posts.append(post)
        key = wide.network_key(post.operator_id, post.place.network)
        network = Zone(Place(post.operator_id, "network", key))
        self.networks.setdefault(key, network).posts.append(post)

    def around(self, post: Post, as_of: datetime) -> Around:
        """Return what holds around a station that may explain what is found there."""
        station: set[str] = set()
        connectors: dict[int, set[str]] = {}
        for held in post.conditions.values():
            if inhibition.fires(held):
                if held.place.connector_id is None:
                    station.add(held.code)
                else:
                    here = connectors.setdefault(held.place.connector_id, set())
                    here.add(held.code)
        return Around(
            scope_key=f"station:{post.id}",
            wide=self._wide(post),
            station=frozenset(station),
            connectors={one: frozenset(codes) for one, codes in connectors.items()},
            busy=frozenset(spot.id for spot in post.spots.values() if spot.status in IN_USE),
            shared=_shared(post),
            is_attended=post.attendance.covers(as_of),
        )

    def changed(self, post: Post, as_of: datetime) -> None:
        """Look at a station's site and network, if its silence began or ended."""
        site = self.sites[post.site_id]
        is_gone = _gone_at(post, as_of) is not None
        if is_gone == (post.id in site.gone) and not (site.gone or site.conditions):
            return
        self.look_at(site, as_of)
        key = wide.network_key(post.operator_id, post.place.network)
        self.look_at(self.networks[key], as_of)

    def look_at(self, zone: Zone, as_of: datetime) -> None:
        """Look at a site or a network, and wake the stations it explains no longer."""
        zone.due = None
        before = _states(zone)
        at: WideLook[Held] = WideLook(
            keeper=self.shelf,
            place=zone.place,
            snapshot=self._snapshot(zone, as_of),
            memories=zone.memories,
            conditions=zone.conditions,
            as_of=as_of,
            tuned=lambda rule: self.tuned[rule.code],
            inhibitor=lambda rule: self._explained(zone, rule),
        )
        look_wide(at, rules.WIDE)
        zone.memories.update(at.changed)
        self.wait(zone, min((one for one in waits(at) if one > as_of), default=None))
        if before != _states(zone):
            self._tell(zone, as_of)

    def _tell(self, zone: Zone, as_of: datetime) -> None:
        """Let the children wait, or go on; what they were sent for joins the wider ticket."""
        for held in list(zone.conditions.values()):
            if held.job is not None and inhibition.fires(held):
                self._take_over(zone, held, as_of)
        for post in zone.posts:
            if post.conditions:
                self.wake(post, as_of)
        if zone.place.scope == "network":
            for site in {post.site_id for post in zone.posts}:
                if self.sites[site].conditions:
                    self.look_at(self.sites[site], as_of)

    def _take_over(self, zone: Zone, wider: Held, as_of: datetime) -> None:
        assert wider.job is not None, "asked only of what has a ticket"
        explained = inhibition.EXPLAINS.get(wider.code, frozenset())
        for post in zone.posts:
            for held in post.conditions.values():
                if (
                    held.job is not None
                    and held.severity > SAFETY
                    and held.code in explained
                    and held.began_at >= (wider.began_at - TOGETHER)
                ):
                    self.shelf.join(held.job, wider.job, as_of)

    def _wide(self, post: Post) -> dict[str, str]:
        key = wide.network_key(post.operator_id, post.place.network)
        found = inhibition.wide_keys(self.sites[post.site_id].conditions.values())
        found.update(inhibition.wide_keys(self.networks[key].conditions.values()))
        found.update(self.cohorts.explains(post))
        return found

    def _explained(self, zone: Zone, rule: Rule) -> str:
        wider: dict[str, str] = {}
        if zone.place.scope == "site":
            for post in zone.posts[:1]:
                key = wide.network_key(post.operator_id, post.place.network)
                wider = inhibition.wide_keys(self.networks[key].conditions.values())
        around = Around(scope_key=zone.place.scope_key, wide=wider)
        return inhibition.explanation(around, rule.code, None)

    def _snapshot(self, zone: Zone, as_of: datetime) -> SiteSnapshot | NetworkSnapshot:
        seen = tuple(_seen(post, as_of) for post in zone.posts)
        zone.gone = frozenset(one.id for one in seen if one.gone_at is not None)
        if zone.place.scope == "site":
            return SiteSnapshot(as_of=as_of, site_id=zone.place.location_id or 0, stations=seen)
        dark = (number for number, site in self.sites.items() if _is_powerless(site))
        return NetworkSnapshot(
            as_of=as_of,
            key=zone.place.scope_key,
            stations=seen,
            dark_sites=frozenset(dark),
        )


def _states(zone: Zone) -> list[tuple[str, str, str, bool]]:
    return [
        (one.code, one.state, one.inhibited_by, one.job is not None)
        for one in zone.conditions.values()
    ]


def _is_powerless(site: Zone) -> bool:
    return any(one.code == "F40" and one.state == FIRING for one in site.conditions.values())


def _seen(post: Post, as_of: datetime) -> StationSeen:
    return StationSeen(
        id=post.id,
        site_id=post.site_id,
        network=post.place.network,
        gone_at=_gone_at(post, as_of),
        back_at=post.connected_at if post.is_online else None,
        power_lost_at=post.power_lost_at,
    )


def _gone_at(post: Post, as_of: datetime) -> datetime | None:
    """Return since when a station is silent, as far as anybody can tell by now."""
    held = post.conditions.get((station_offline.CODE, f"station:{post.id}"))
    return wide.gone_at(
        as_of=as_of,
        is_online=post.is_online,
        last_seen_at=post.last_seen_at,
        disconnected_at=post.disconnected_at,
        offline_since=held.began_at if held is not None else None,
    )


def _shared(post: Post) -> dict[int, frozenset[int]]:
    """Return the connectors that share a power stage with each: an EVSE's, or a whole station."""
    if len(post.spots) < 2:
        return {}
    found = {}
    for spot in post.spots.values():
        found[spot.id] = frozenset(
            one.id
            for one in post.spots.values()
            if one is not spot and (post.place.has_shared_power or one.evse == spot.evse)
        )
    return found
