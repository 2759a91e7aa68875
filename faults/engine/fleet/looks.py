"""A look at one station of a trial, and at what is around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from faults import rules
from faults.engine import inhibition, looking
from faults.engine.fleet import neighbours
from faults.engine.fleet.elsewhere import Elsewhere
from faults.engine.fleet.habits import Habits
from faults.engine.fleet.news import News
from faults.engine.fleet.posts import Post
from faults.engine.fleet.region import Region
from faults.engine.inhibition import Around
from faults.engine.keeping import FIRING, Place
from faults.engine.looking import Inhibitor, Look, Memory
from faults.engine.memory import Held, Shelf
from faults.engine.wide import WideLook, look_wide
from faults.rules import station_offline
from faults.rules.error_codes import Meaning
from faults.rules.facts import Probe, Usage
from faults.rules.protocol import Rule, Snapshot

F01 = station_offline.CODE
# A silent station is looked at again this long after it was asked.
ANSWERED_WITHIN = timedelta(seconds=60)
NETWORK_IS_HEARD_WITHIN = timedelta(minutes=2)
# Whether a silent station answers when it is asked; without it, silence is believed.
Answers = Callable[[str, datetime], bool]


@dataclass(slots=True)
class Looks:
    """What all looks of a fleet share."""

    shelf: Shelf
    asked: tuple[Rule, ...]
    tuned: Mapping[str, Any]
    region: Region
    posts: Mapping[str, Post]
    wait: Callable[[Any, datetime | None], None]
    answers: Answers | None = None
    vendor_codes: Mapping[str, Meaning] = field(default_factory=dict)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    habits: Habits = field(default_factory=Habits)
    _hearing: tuple[Rule, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Put what may explain others first, and know which rules hear silence."""
        self.asked = tuple(sorted(self.asked, key=_explains_nothing))
        self._hearing = tuple(rule for rule in self.asked if "usage" in rule.wakes)

    def at(self, post: Post, as_of: datetime) -> None:
        """Look at one station: its news are counted, its conditions live."""
        news = post.take_news()
        self._count(post, news)
        self._look(post, self._snapshot(post, news, as_of), self.asked)
        self.region.changed(post, as_of)

    def at_usage(self, post: Post, as_of: datetime, every: timedelta) -> None:
        """Ask the rules that hear silence, and say when they are asked next."""
        post.usage_at = as_of + every
        snapshot = self._snapshot(post, News(), as_of, usage=self.habits.of(post, as_of))
        self._look(post, snapshot, self._hearing)

    def at_cohorts(self, as_of: datetime) -> None:
        """Ask the rules of cohorts."""
        for cohort, snapshot in self.region.cohorts.snapshots(as_of):
            at: WideLook[Held] = WideLook(
                keeper=self.shelf,
                place=cohort.place,
                snapshot=snapshot,
                memories=cohort.memories,
                conditions=cohort.conditions,
                as_of=as_of,
                tuned=lambda rule: self.region.tuned[rule.code],
            )
            look_wide(at, rules.WIDE)
            cohort.memories.update(at.changed)

    def is_mere_silence(self, post: Post, when: datetime) -> bool:
        """Return whether only F01 wanted to be asked, and the station was heard meanwhile.

        The gateway moves Station.check_after on with each frame; here it is moved when it is due.
        """
        key = (F01, looking.scope_key(post.id, None))
        memory = post.memories.get(key)
        if memory is not None and not memory.state and post.last_seen_at and post.is_online:
            silence = station_offline.allowed_silence(post.heartbeat_interval_s, self.tuned[F01])
            limit = post.last_seen_at + silence
            if limit > when:
                post.memories.take({key: Memory(memory.state, memory.is_knowing, limit)})
        if is_due(post, when):
            return False
        self.wait(post, due_of(post, when))
        return True

    def _count(self, post: Post, news: News) -> None:
        self.elsewhere.count(post.id, news.sessions)
        self.region.cohorts.count(post, news.sessions)
        for one in news.sessions:
            self.habits.count(one.connector_id, one.started_at, one.channel)
        power_lost_at = news.power_lost_at()
        if power_lost_at is not None:
            post.power_lost_at = power_lost_at

    def _look(self, post: Post, snapshot: Snapshot, asked: tuple[Rule, ...]) -> None:
        as_of = snapshot.as_of
        fired = len(self.shelf.fired)
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
            tuned=lambda rule, _: self.tuned[rule.code],
            inhibitor=self._inhibitor(post, as_of),
            keeps_blank=True,
        )
        looking.look(at, asked)
        post.memories.take(at.changed)
        post.history += self.shelf.fired[fired:]
        due = due_of(post, as_of)
        if at.wants_probe:
            self._ask(post, as_of)
            due = min(filter(None, (due, as_of + ANSWERED_WITHIN)))
        self.wait(post, due)

    def _inhibitor(self, post: Post, as_of: datetime) -> Inhibitor:
        """Return what explains a condition of a station, by all that holds when it is asked."""
        surroundings: list[Around] = []

        def explained(rule: Rule, subject: int | None) -> str:
            if not surroundings:
                surroundings.append(self.region.around(post, as_of))
            now = inhibition.with_own(surroundings[0], post.conditions.values())
            return inhibition.explanation(now, rule.code, subject)

        return explained

    def _snapshot(
        self, post: Post, news: News, as_of: datetime, usage: Usage | None = None
    ) -> Snapshot:
        statuses: dict[int | None, str] = {None: post.status}
        statuses.update((spot.id, spot.status) for spot in post.spots.values())
        open_codes: dict[int | None, set[str]] = {}
        for held in post.conditions.values():
            if held.state == FIRING:
                open_codes.setdefault(held.place.connector_id, set()).add(held.code)
        return Snapshot(
            as_of=as_of,
            station_id=post.id,
            connectors=tuple(spot.id for spot in post.spots.values()),
            statuses=statuses,
            status_times={
                spot.id: spot.status_at for spot in post.spots.values() if spot.status_at
            },
            open_codes={place: frozenset(codes) for place, codes in open_codes.items()},
            is_online=post.is_online,
            connected_at=post.connected_at,
            last_seen_at=post.last_seen_at,
            heartbeat_interval_s=post.heartbeat_interval_s,
            is_network_alive=post.probe is None or post.probe.outcome != "not_sent",
            is_clock_trusted=post.is_clock_trusted(),
            skews=tuple(post.skews),
            probe=post.probe,
            signs=tuple(news.signs),
            events=tuple(news.events),
            notices=tuple(news.notices),
            sessions=tuple(news.sessions),
            open_sessions=post.talks.under_way(),
            cards=post.cards(),
            vendor_codes=self.vendor_codes,
            usage=usage,
            is_attended=post.attendance.covers(as_of),
            tokens_elsewhere=self.elsewhere.of(post, news.sessions, as_of),
            neighbours=neighbours.neighbours_of(self.posts.values(), post, news),
        )

    def _ask(self, post: Post, as_of: datetime) -> None:
        if self.answers is not None and self.answers(post.place.name, as_of):
            post.probe, post.last_seen_at = Probe(as_of, "answered"), as_of
        else:
            post.probe = Probe(as_of, "unanswered" if self._is_alive(post, as_of) else "not_sent")

    def _is_alive(self, post: Post, as_of: datetime) -> bool:
        """Return whether any other station was heard since this one; one alone tells nothing."""
        others = [one for one in self.posts.values() if one is not post and one.last_seen_at]
        since = min(post.last_seen_at or as_of, as_of - NETWORK_IS_HEARD_WITHIN)
        return not others or any(one.last_seen_at > since for one in others if one.last_seen_at)


def _explains_nothing(rule: Rule) -> bool:
    """Return the key that has what may explain others asked first."""
    return rule.code not in inhibition.ORDER


def due_of(post: Post, as_of: datetime) -> datetime | None:
    """Return when, after an instant, waiting alone changes something at a station.

    A rule of the hourly look is not asked in any other: what it waited for waits for that.
    """
    waits = [held.check_at for held in post.conditions.values() if held.check_at is not None]
    later = [one if one > as_of else as_of + looking.LOOK_AGAIN_AFTER for one in waits]
    later += [one for one in post.memories.checks.values() if one > as_of]
    if post.usage_at is not None and post.usage_at > as_of:
        later.append(post.usage_at)
    return min(later, default=None)


def is_due(post: Post, as_of: datetime) -> bool:
    """Return whether a rule or a condition of a station waited for this instant."""
    if any(held.check_at and held.check_at <= as_of for held in post.conditions.values()):
        return True
    return any(one <= as_of for one in post.memories.checks.values())
