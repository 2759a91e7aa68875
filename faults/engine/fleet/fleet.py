"""The fleet: stations by name, a clock of their timers, and one look after each news."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from faults import rules
from faults.engine import ladder, looking
from faults.engine.fleet import tuning
from faults.engine.fleet.looks import Answers, Looks
from faults.engine.fleet.places import (
    AttendFact,
    DisconnectFact,
    RepairFact,
    Spot,
    StationPlace,
    Whereabouts,
)
from faults.engine.fleet.posts import Post, Told
from faults.engine.fleet.region import COHORTS_EVERY, Region, Zone
from faults.engine.keeping import GRACE_AFTER_REPAIR, Place
from faults.engine.ladder import Circumstances
from faults.engine.memory import Held, Job, Shelf
from faults.rules import wide
from faults.rules.error_codes import Meaning
from faults.rules.facts import SessionOutcome
from faults.rules.protocol import Rule
from stations.metering.facts import Facts, HeartbeatFact
from stations.metering.facts import Place as FactPlace


@dataclass(slots=True)
class _Alarm:
    """A time at which the cohorts are looked at."""

    due: datetime | None = None


class Fleet:
    """Stations on trial.

    `places` are the stations known beforehand, others are added when first heard of;
    `thresholds` are {"F01": {"fires_after": 900}}, durations in seconds.
    """

    def __init__(
        self,
        places: Iterable[StationPlace] = (),
        *,
        thresholds: tuning.Changed | None = None,
        answers: Answers | None = None,
        vendor_codes: Mapping[str, Meaning] | None = None,
        asked: Iterable[Rule] = rules.RULES,
        usage_every: timedelta = timedelta(hours=1),
    ) -> None:
        self.now: datetime | None = None
        self.shelf = Shelf()
        self._usage_every = usage_every
        self._numbers = count(1)
        self._posts: dict[str, Post] = {}
        self._by_id: dict[int, Post] = {}
        self._sites: dict[tuple[str, str], int] = {}
        self._operators: dict[str, int] = {}
        self._heap: list[tuple[datetime, int, Any]] = []
        self._cohorts = _Alarm()
        kinds = tuple(asked)
        tuned = tuning.tuned_rules((*rules.WIDE, *kinds), thresholds or {})
        region = Region(self.shelf, tuned.wide, self._wait, self._look)
        self._looks = Looks(
            self.shelf,
            kinds,
            tuned.own,
            region,
            self._posts,
            self._wait,
            answers,
            vendor_codes or {},
        )
        for place in places:
            self.add(place)

    def add(self, place: StationPlace) -> None:
        """Add a station; one that is there already stays as it is."""
        if place.name in self._posts:
            return
        operator_id = self._operators.setdefault(place.operator, len(self._operators) + 1)
        site = (place.operator, place.site or place.name)
        post = Post(
            next(self._numbers),
            place,
            self._numbers,
            site_id=self._sites.setdefault(site, len(self._sites) + 1),
            operator_id=operator_id,
        )
        self._posts[place.name] = self._by_id[post.id] = post
        self._looks.region.join(post)
        self._looks.habits.join(post)

    def take(
        self,
        station: str,
        received_at: datetime,
        facts: "Facts | Iterable[Told | RepairFact | AttendFact]",
    ) -> str:
        """Hear one frame's facts; returns our number of the 1.6 session it began, if any.

        Frames come in order of receipt; the timers before it fire first. `facts` are the structs
        of `stations.metering.facts`, of `faults.engine.fleet.places`, or a whole `Facts`.
        """
        post, received_at = self._post(station, received_at)
        told: Iterable[Any] = facts.facts if isinstance(facts, Facts) else facts
        if isinstance(facts, Facts) and facts.key and post.once.is_repeated(facts.key):
            told = (HeartbeatFact(),)
        number = ""
        for fact in told:
            if isinstance(fact, RepairFact):
                self._repair(post, fact, received_at)
                continue
            if isinstance(fact, AttendFact):
                post.attendance.people_until = fact.until
                post.news.is_other = True
                continue
            number = post.take(fact, received_at) or number
            if isinstance(fact, DisconnectFact):
                self._wait(post, received_at + wide.GONE_GRACE)
        if post.news:
            self._look(post, received_at)
        return number

    def take_session(
        self, station: str, connector: int, received_at: datetime, **said: Any
    ) -> None:
        """Hear of a completed session, as a session list tells it.

        `said` are the fields of SessionOutcome but for id and connector_id.
        """
        outcome = SessionOutcome(id=0, connector_id=0, **said)
        self.take_outcome(station, FactPlace(connector), received_at, outcome)

    def take_outcome(
        self, station: str, place: FactPlace, received_at: datetime, outcome: SessionOutcome
    ) -> None:
        """Hear of a completed session at a connector; its ids become the trial's own."""
        post, received_at = self._post(station, received_at)
        spot = post.spot(place) or post.spot_at(1)
        post.news.sessions.append(replace(outcome, id=next(self._numbers), connector_id=spot.id))
        self._look(post, received_at)

    def name_session(self, station: str, ours: str, theirs: str) -> None:
        """Let a session be known by the number a recording has for it."""
        talks = self._posts[station].talks
        if ours in talks.known:
            talks.known[theirs] = talks.known.pop(ours)

    def beat_every(self, station: str, interval_s: int) -> None:
        """Say how often a station was asked to give a sign of life."""
        self._posts[station].heartbeat_interval_s = interval_s

    def _post(self, station: str, received_at: datetime) -> tuple[Post, datetime]:
        """Return a station and the instant of a fact of it: the clock never goes back."""
        self.advance(received_at)
        if station not in self._posts:
            self.add(StationPlace(name=station))
        return self._posts[station], max(received_at, self.now or received_at)

    def advance(self, as_of: datetime) -> None:
        """Let time pass: every timer fires at its own instant."""
        while self._heap and self._heap[0][0] <= as_of:
            when, _, thing = heapq.heappop(self._heap)
            if thing.due == when:
                thing.due = None
                self._wake(thing, when)
        if self.now is None or as_of > self.now:
            self.now = as_of

    def tickets(self) -> list[Job]:
        """Return every trial ticket, in the order they were opened."""
        return self.shelf.jobs

    def conditions(self) -> list[Held]:
        """Return every condition that ever fired, in the order they did."""
        return self.shelf.fired

    def where(self, place: Place) -> Whereabouts:
        """Return the names of what a condition or a ticket is about."""
        post = self._by_id.get(place.station_id or 0)
        site = post.place.site if post else self._site_name(place)
        spot = post.spot_of(place.connector_id or 0) if post else None
        name = post.place.name if post else ""
        return Whereabouts(site, name, "" if spot is None else _connector_name(spot))

    def circumstances(self, held: Held, resets: Sequence[datetime]) -> Circumstances:
        """Return how it stands around a condition, for the ladder of what may be tried."""
        post = self._by_id[held.place.station_id or 0]
        under_way = post.talks.under_way()
        return Circumstances(
            severity=held.severity,
            is_online=post.is_online,
            is_attended=self.now is not None and post.attendance.covers(self.now),
            is_explained=bool(held.inhibited_by),
            own_session=held.place.connector_id in under_way,
            any_session=bool(under_way),
            resets=resets,
            at_plug_since=_at_plug_since(post, self.now),
        )

    def _site_name(self, place: Place) -> str:
        names = {number: name for (_, name), number in self._sites.items()}
        return names.get(place.location_id or 0, "")

    def _look(self, post: Post, as_of: datetime) -> None:
        self._looks.at(post, as_of)
        if post.usage_at is None:
            # spread over the hour, as the hourly look of production is
            post.usage_at = as_of + self._usage_every * (1 + post.id % 60 / 60)
            self._wait(post, post.usage_at)
        if self._cohorts.due is None:
            self._wait(self._cohorts, as_of + COHORTS_EVERY)

    # --- time ------------------------------------------------------------------------------

    def _wake(self, thing: Any, when: datetime) -> None:
        if isinstance(thing, Post):
            is_hour = thing.usage_at is not None and thing.usage_at <= when
            if is_hour:
                self._looks.at_usage(thing, when, self._usage_every)
            if thing.news or not self._looks.is_mere_silence(thing, when):
                self._looks.at(thing, when)
        elif isinstance(thing, Zone):
            self._looks.region.look_at(thing, when)
        else:
            self._looks.at_cohorts(when)
            self._wait(thing, when + COHORTS_EVERY)

    def _wait(self, thing: Any, due: datetime | None) -> None:
        if due is not None and (thing.due is None or due < thing.due):
            if self.now is not None and due < self.now:
                due = self.now
            thing.due = due
            heapq.heappush(self._heap, (due, next(self._numbers), thing))

    # --- people ----------------------------------------------------------------------------

    def _repair(self, post: Post, fact: RepairFact, at: datetime) -> None:
        spot = post.spots.get((fact.evse, fact.connector)) if fact.evse else None
        mended = {looking.scope_key(post.id, spot.id if spot else None)}
        if spot is None:
            mended |= {looking.scope_key(post.id, one.id) for one in post.spots.values()}
        elif fact.is_cable_new:
            post.fit_cable(spot, at)
        for job in self.shelf.open_jobs(mended):
            if not fact.families or job.family in fact.families:
                self.shelf.resolve(job, at)
        post.news.is_other = True
        self._wait(post, at + GRACE_AFTER_REPAIR)


def _connector_name(spot: Spot) -> str:
    return str(spot.evse) if spot.connector == 1 else f"{spot.evse}:{spot.connector}"


def _at_plug_since(post: Post, now: datetime | None) -> datetime | None:
    """Return when a connector somebody is at said so last; what lies ahead says nothing."""
    said = (spot.status_at for spot in post.spots.values() if spot.status in ladder.AT_PLUG)
    return max((at for at in said if at and now and at <= now), default=None)
