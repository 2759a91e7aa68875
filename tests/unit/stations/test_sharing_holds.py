"""The fuse holds whatever stations do: refuse, lose answers, go offline, begin sessions unheard.

The world below knows the truth: which limits each station really holds. The test drives the same
pure functions as the verb does and looks at the truth after every step.
"""

import os
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from stations.metering import sharing
from stations.metering.sharing import Fuse, Point

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HARDWARE_A = 32
COUNT = 4


@dataclass
class Truth:
    """One charger as it really is."""

    online: bool = True
    charging: bool = False
    default_a: int | None = None
    session_a: int | None = None
    session: int = 0

    @property
    def may_draw_a(self) -> int:
        default = HARDWARE_A if self.default_a is None else self.default_a
        if not self.charging or self.session_a is None:
            return default  # a vehicle may be plugged in this very moment
        return max(self.session_a, 0)


class Site:
    """A fuse, four chargers, and lines that fail."""

    def __init__(self, limit: int, phases: list[tuple[int, ...]]) -> None:
        self.now = START
        self.fuse = Fuse(limit)
        self.safe = sharing.safe_default(self.fuse, phases)
        self.truth = [Truth(default_a=self.safe) for _ in range(COUNT)]
        self.points = [
            Point(key=n, phases=phases[n], max_a=HARDWARE_A, default_a=self.safe)
            for n in range(COUNT)
        ]
        self.known_session = [0] * COUNT
        self.flying: dict[int, tuple[int, int]] = {}

    def plug_in(self, n: int) -> None:
        one = self.truth[n]
        if not one.charging:
            one.charging, one.session_a, one.session = True, None, one.session + 1
        self.hear(n)

    def leave(self, n: int) -> None:
        one = self.truth[n]
        one.charging, one.session_a = False, None
        self.hear(n)

    def line(self, n: int, *, online: bool) -> None:
        self.truth[n].online = online
        self.hear(n)

    def answer(self, n: int, outcome: str) -> None:
        if not self.flying:
            return
        n = sorted(self.flying)[n % len(self.flying)]
        amperes, session = self.flying.pop(n)
        one, point = self.truth[n], self.points[n]
        is_there = one.online and one.charging and one.session == session
        if outcome in ("ok", "unheard") and is_there:
            one.session_a = amperes
        said = {"no": sharing.REJECTED, "lost": sharing.LOST, "unheard": sharing.LOST}
        word = said.get(outcome, sharing.ACCEPTED if is_there else sharing.LOST)
        if self.known_session[n] == session and point.pending_a is not None:
            self.points[n] = sharing.after(point, word, self.now)
        self.reconcile()

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.reconcile()

    def want(self, amount: int, n: int) -> None:
        drawn = max(0, self.points[n].current_a + amount)
        self.points[n] = replace(
            self.points[n], wants_a=sharing.wanted(self.points[n], drawn, self.now)
        )

    def reconcile(self) -> None:
        made = sharing.plan(self.fuse, self.points, self.now)
        for n, amperes in made.orders.items():
            self.points[n] = replace(self.points[n], pending_a=amperes)
            self.flying[n] = (amperes, self.known_session[n])
        for n, state in made.states.items():
            runs = state == sharing.RUNNING
            point = self.points[n]
            self.points[n] = replace(point, turn_since=self.now if runs else None)

    def hear(self, n: int) -> None:
        """Let our side learn what an online station tells; an offline one tells nothing."""
        one, point = self.truth[n], self.points[n]
        if one.online and self.known_session[n] != (one.session if one.charging else 0):
            self.points[n] = point = sharing.freed(point)
            self.known_session[n] = one.session if one.charging else 0
        steers = one.online and self.known_session[n] != 0
        self.points[n] = replace(point, can_steer=steers)
        self.reconcile()

    def check(self) -> None:
        """See that what may be drawn in truth is what the fuse carries, on every phase."""
        for phase in range(3):
            drawn = sum(
                one.may_draw_a
                for one, point in zip(self.truth, self.points, strict=True)
                if phase in point.phases
            )
            assert drawn <= self.fuse.limit_a


WEIGHTS = {"plug_in": 4, "leave": 2, "line": 1, "answer": 8, "wait": 2, "want": 1}
OUTCOMES = ["ok"] * 5 + ["no", "lost", "unheard"]
RUNS = 4000 if os.environ.get("CHARGENET_LONG") else 400


def step(site: Site, luck: random.Random) -> None:
    """Let one thing happen."""
    deed = luck.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    n = luck.randrange(COUNT)
    if deed == "line":
        site.line(n, online=luck.random() < 0.7)
    elif deed == "answer":
        site.answer(n, luck.choice(OUTCOMES))
    elif deed == "wait":
        site.wait(luck.randint(1, 1200))
    elif deed == "want":
        site.want(luck.randint(-8, 8), n)
    else:
        getattr(site, deed)(n)


@pytest.mark.parametrize("block", range(4))
def test_what_every_station_may_draw_never_adds_up_to_more_than_the_fuse(block: int) -> None:
    for seed in range(block * RUNS // 4, (block + 1) * RUNS // 4):
        luck = random.Random(seed)
        places = [(0, 1, 2), (0, 1, 2), (0,), (1,)]
        site = Site(luck.randint(13, 90), [luck.choice(places) for _ in range(COUNT)])
        for _ in range(80):
            step(site, luck)
            site.check()
