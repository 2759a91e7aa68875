"""How the sites of a trial are used: what the hourly look at silence is shown."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean

from faults.engine.fleet.posts import Post
from faults.rules import demand
from faults.rules.facts import Period, Usage

KEPT_FOR = timedelta(days=60)
RATES_OVER = timedelta(days=56)
# Of a connector known for less than this, no rate is told to its peers.
LEAST_KNOWN = timedelta(days=14)
ANEW_AFTER = timedelta(days=1)
REMOTE = "remote"
# A silence that a rule heard is no reason why nobody could have come.
HEARD_SILENCE = frozenset({"F11", "F12", "F36", "F39"})


@dataclass(slots=True)
class Starts:
    """The session starts of one connector, oldest first, and when it was first heard of."""

    all: list[datetime] = field(default_factory=list)
    remote: list[datetime] = field(default_factory=list)
    known_since: datetime | None = None
    shown: tuple[datetime, ...] | None = None

    def add(self, at: datetime, *, is_remote: bool) -> None:
        """Add a start; a late one goes where it belongs."""
        self.known_since = min(at, self.known_since or at)
        for times in (self.all, self.remote) if is_remote else (self.all,):
            times.insert(bisect_left(times, at), at)
        self.shown = None

    def forget(self, before: datetime) -> None:
        """Let go of what is too old to mean anything."""
        for times in (self.all, self.remote):
            gone = bisect_left(times, before)
            if gone:
                del times[:gone]
                self.shown = None

    def read(self) -> tuple[datetime, ...]:
        """Return the starts; the same tuple until there is a new one."""
        if self.shown is None:
            self.shown = tuple(self.all)
        return self.shown


@dataclass(slots=True)
class _Site:
    """One site: its stations, and the demand of its week as it was last worked out."""

    posts: list[Post] = field(default_factory=list)
    demand: tuple[float, ...] = demand.EVEN
    worked_out_at: datetime | None = None


@dataclass(slots=True)
class Habits:
    """The starts of a whole fleet, by connector, and its sites."""

    _starts: dict[int, Starts] = field(default_factory=dict)
    _sites: dict[int, _Site] = field(default_factory=dict)
    _rates: dict[tuple[str, bool], tuple[float, ...]] = field(default_factory=dict)
    _rates_at: datetime | None = None

    def join(self, post: Post) -> None:
        """Add a station to its site."""
        self._sites.setdefault(post.site_id, _Site()).posts.append(post)

    def count(self, connector_id: int, started_at: datetime, channel: str) -> None:
        """Remember that a session began."""
        starts = self._starts.setdefault(connector_id, Starts())
        starts.add(started_at, is_remote=channel == REMOTE)

    def of(self, post: Post, as_of: datetime) -> Usage:
        """Return how the site of a station is used."""
        site = self._sites[post.site_id]
        self._work_out(site, post, as_of)
        kinds = {spot.card.is_dc for spot in post.spots.values()}
        starts, remote, away = {}, {}, {}
        known_since = as_of
        for other in site.posts:
            for spot in other.spots.values():
                found = self._starts.get(spot.id)
                if found is None or spot.card.is_dc not in kinds:
                    continue
                found.forget(as_of - KEPT_FOR)
                starts[spot.id] = found.read()
                remote[spot.id] = tuple(found.remote)
                known_since = min(known_since, found.known_since or as_of)
        for spot in post.spots.values():
            away[spot.id] = tuple(_away(post, spot.id, as_of))
        return Usage(
            starts=starts,
            remote_starts=remote,
            peer_rates=self._peers(post, as_of),
            away=away,
            demand=site.demand,
            time_zone=post.place.time_zone,
            known_for=as_of - known_since,
        )

    def _work_out(self, site: _Site, post: Post, as_of: datetime) -> None:
        if site.worked_out_at is not None and as_of - site.worked_out_at < ANEW_AFTER:
            return
        site.worked_out_at = as_of
        ids = [spot.id for one in site.posts for spot in one.spots.values()]
        times = [at for one in ids if one in self._starts for at in self._starts[one].all]
        site.demand = demand.profile(times, post.place.time_zone)

    def _peers(self, post: Post, as_of: datetime) -> tuple[float, ...]:
        if self._rates_at is None or as_of - self._rates_at >= ANEW_AFTER:
            self._rates_at = as_of
            self._rates = self._measured(as_of)
        is_dc = any(spot.card.is_dc for spot in post.spots.values())
        return self._rates.get((post.place.model, is_dc), ())

    def _measured(self, as_of: datetime) -> dict[tuple[str, bool], tuple[float, ...]]:
        found: dict[tuple[str, bool], list[float]] = {}
        for site in self._sites.values():
            for post in site.posts:
                for spot in post.spots.values():
                    rate = self._rate(spot.id, as_of)
                    if rate is not None:
                        found.setdefault((post.place.model, spot.card.is_dc), []).append(rate)
        return {kind: tuple(rates) for kind, rates in found.items() if fmean(rates) > 0}

    def _rate(self, connector_id: int, as_of: datetime) -> float | None:
        starts = self._starts.get(connector_id)
        if starts is None or starts.known_since is None:
            return None
        known_for = min(as_of - starts.known_since, RATES_OVER)
        if known_for < LEAST_KNOWN:
            return None
        recent = len(starts.all) - bisect_left(starts.all, as_of - known_for)
        return recent / (known_for / timedelta(days=1))


def _away(post: Post, connector_id: int, as_of: datetime) -> Iterable[Period]:
    """Yield when a connector was known to be down, of late."""
    post.history = [one for one in post.history if _is_of_late(one.cleared_at, as_of)]
    for held in post.history:
        if held.code in HEARD_SILENCE or held.place.connector_id not in {None, connector_id}:
            continue
        if held.code == "F01":
            yield held.began_at, held.cleared_at
        else:
            yield from held.downs


def _is_of_late(ended_at: datetime | None, as_of: datetime) -> bool:
    return ended_at is None or ended_at > as_of - KEPT_FOR
