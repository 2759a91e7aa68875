"""The fleet: stations by name, a clock of their timers, and one look after each news."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from faults import rules
from faults.engine import looking
from faults.engine.fleet import tuning
from faults.engine.fleet.elsewhere import Elsewhere
from faults.engine.fleet.news import News
from faults.engine.fleet.places import DisconnectFact, RepairFact, Spot, StationPlace, Whereabouts
from faults.engine.fleet.posts import Post, Told
from faults.engine.keeping import FIRING, GRACE_AFTER_REPAIR, Place
from faults.engine.looking import Look, Memory
from faults.engine.memory import Held, Job, Shelf
from faults.rules import station_offline
from faults.rules.error_codes import Meaning
from faults.rules.facts import Probe, SessionOutcome
from faults.rules.protocol import Rule, Snapshot
from stations.metering.facts import Facts, HeartbeatFact

# Whether a silent station answers when it is asked; without it, silence is believed.
Answers = Callable[[str, datetime], bool]
F01 = station_offline.CODE
# A socket that closed is asked about after this; short cuts of the line are daily bread.
GONE_GRACE = timedelta(seconds=60)
NETWORK_IS_HEARD_WITHIN = timedelta(minutes=2)


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
    ) -> None:
        self.now: datetime | None = None
        self.shelf = Shelf()
        self.rules = tuple(asked)
        self._answers = answers
        self._vendor_codes = vendor_codes or {}
        self._tuned = tuning.tuned_rules(self.rules, thresholds or {})
        self._numbers = count(1)
        self._posts: dict[str, Post] = {}
        self._by_id: dict[int, Post] = {}
        self._sites: dict[tuple[str, str], int] = {}
        self._operators: dict[str, int] = {}
        self._heap: list[tuple[datetime, int, Post]] = []
        self._elsewhere = Elsewhere()
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

    def take(
        self,
        station: str,
        received_at: datetime,
        facts: "Facts | Iterable[Told | RepairFact]",
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
            number = post.take(fact, received_at) or number
            if isinstance(fact, DisconnectFact):
                self._wait(post, received_at + GONE_GRACE)
        if post.news:
            self._look(post, received_at)
        return number

    def take_session(
        self, station: str, connector: int, received_at: datetime, **said: Any
    ) -> None:
        """Hear of a completed session, as a session list tells it.

        `said` are the fields of SessionOutcome but for id and connector_id.
        """
        post, received_at = self._post(station, received_at)
        spot = post.spot_at(connector)
        outcome = SessionOutcome(id=next(self._numbers), connector_id=spot.id, **said)
        post.news.sessions.append(outcome)
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
            when, _, post = heapq.heappop(self._heap)
            if post.due == when:
                post.due = None
                self._wake(post, when)
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

    def _site_name(self, place: Place) -> str:
        names = {number: name for (_, name), number in self._sites.items()}
        return names.get(place.location_id or 0, "")

    # --- looks -----------------------------------------------------------------------------

    def _wake(self, post: Post, when: datetime) -> None:
        if post.news or not self._is_mere_silence(post, when):
            self._look(post, when)

    def _is_mere_silence(self, post: Post, when: datetime) -> bool:
        """Return whether only F01 wanted to be asked, and the station was heard meanwhile.

        The gateway moves Station.check_after on with each frame; here it is moved when it is due.
        """
        key = (F01, looking.scope_key(post.id, None))
        memory = post.memories.get(key)
        if memory is None or memory.state or post.last_seen_at is None or not post.is_online:
            return False
        silence = station_offline.allowed_silence(post.heartbeat_interval_s, self._tuned[F01])
        limit = post.last_seen_at + silence
        if limit <= when:
            return False
        post.memories[key] = Memory(memory.state, memory.is_knowing, limit)
        due = _due_of(post)
        if due is not None and due <= when:
            return False
        self._wait(post, due)
        return True

    def _look(self, post: Post, as_of: datetime) -> None:
        news = post.take_news()
        self._elsewhere.count(post.id, news.sessions)
        snapshot = self._snapshot(post, news, as_of)
        at: Look[Held] = Look(
            keeper=self.shelf,
            station=Place(
                operator_id=post.operator_id,
                scope="station",
                scope_key=looking.scope_key(post.id, None),
                location_id=post.site_id,
                station_id=post.id,
            ),
            snapshot=snapshot,
            memories=post.memories,
            conditions=post.conditions,
            as_of=as_of,
            tuned=lambda rule, _: self._tuned[rule.code],
        )
        looking.look(at, self.rules)
        post.memories.update(at.changed)
        for key in [key for key, memory in at.changed.items() if memory == Memory({})]:
            del post.memories[key]
        due = _due_of(post)
        if at.wants_probe:
            self._ask(post, as_of)
            due = min(filter(None, (due, as_of + GONE_GRACE)))
        self._wait(post, due)

    def _snapshot(self, post: Post, news: News, as_of: datetime) -> Snapshot:
        statuses: dict[int | None, str] = {None: post.status}
        statuses.update((spot.id, spot.status) for spot in post.spots.values())
        times: dict[int | None, datetime]
        times = {one.id: one.status_at for one in post.spots.values() if one.status_at}
        open_codes: dict[int | None, set[str]] = {}
        for held in post.conditions.values():
            if held.state == FIRING:
                open_codes.setdefault(held.place.connector_id, set()).add(held.code)
        return Snapshot(
            as_of=as_of,
            station_id=post.id,
            connectors=tuple(spot.id for spot in post.spots.values()),
            statuses=statuses,
            status_times=times,
            open_codes={place: frozenset(codes) for place, codes in open_codes.items()},
            is_online=post.is_online,
            connected_at=post.connected_at,
            last_seen_at=post.last_seen_at,
            heartbeat_interval_s=post.heartbeat_interval_s,
            is_clock_trusted=post.is_clock_trusted(),
            probe=post.probe,
            is_network_alive=post.probe is None or post.probe.outcome != "not_sent",
            signs=tuple(news.signs),
            events=tuple(news.events),
            notices=tuple(news.notices),
            sessions=tuple(news.sessions),
            open_sessions=post.talks.under_way(),
            cards=post.cards(),
            vendor_codes=self._vendor_codes,
            is_attended=post.attended_until is not None and as_of < post.attended_until,
            tokens_elsewhere=self._elsewhere.of(post, news.sessions, as_of),
        )

    def _ask(self, post: Post, as_of: datetime) -> None:
        if self._answers is not None and self._answers(post.place.name, as_of):
            post.probe, post.last_seen_at = Probe(as_of, "answered"), as_of
        else:
            post.probe = Probe(as_of, "unanswered" if self._is_alive(post, as_of) else "not_sent")

    def _is_alive(self, post: Post, as_of: datetime) -> bool:
        """Return whether any other station was heard since this one; one alone tells nothing."""
        others = [one for one in self._posts.values() if one is not post and one.last_seen_at]
        since = min(post.last_seen_at or as_of, as_of - NETWORK_IS_HEARD_WITHIN)
        return not others or any(one.last_seen_at > since for one in others if one.last_seen_at)

    def _wait(self, post: Post, due: datetime | None) -> None:
        if due is not None and (post.due is None or due < post.due):
            post.due = due
            heapq.heappush(self._heap, (due, next(self._numbers), post))

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


def _due_of(post: Post) -> datetime | None:
    waits = [held.check_at for held in post.conditions.values() if held.check_at is not None]
    waits += [one.check_at for one in post.memories.values() if one.check_at is not None]
    return min(waits, default=None)


def _connector_name(spot: Spot) -> str:
    return str(spot.evse) if spot.connector == 1 else f"{spot.evse}:{spot.connector}"
