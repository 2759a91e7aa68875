"""One site through the days: who comes, where they go, what the station says between visits."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random

from stations.metering import facts
from stations.metering.facts import Reading
from tests.bench.faults.world import effects, happenings, outages, speech
from tests.bench.faults.world.arrivals import Book, draw_arrivals
from tests.bench.faults.world.effects import Wrong
from tests.bench.faults.world.line import Gap, Line, Message
from tests.bench.faults.world.places import HEARTBEAT_S, Connector, Driver, Site, Station
from tests.bench.faults.world.power import GRID_V
from tests.bench.faults.world.scenario import Scenario, Trouble
from tests.bench.faults.world.visit import Visit
from tests.bench.faults.world.weather import Weather

DAY = 86_400.0
CLOCK_ALIGNED = 900.0
TRIES_AGAIN = 0.6
HEARTBEAT = facts.HeartbeatFact()


class Stage:
    """A site while the world turns."""

    def __init__(
        self,
        rng: Random,
        site: Site,
        scenario: Scenario,
        *,
        book: Book,
        begin: datetime,
        days: int,
        ours: list[Gap],
    ) -> None:
        self.rng, self.site, self.days, self.begin = rng, site, days, begin
        first_day = begin.timetuple().tm_yday
        self.weather = Weather(rng, site.warmth, days=days, first_day=first_day)
        self.numbers = count(site.id * 1_000_000)
        self.troubles = {one.id: scenario.of_station(one) for one in site.stations}
        self.lines = {one.id: self._line(one, ours) for one in site.stations}
        self.closed = self._closed()
        self.arrivals: list[tuple[float, int, Driver, Connector | None, int]] = []
        self.order = count()
        a_week = first_day // 7
        for second in draw_arrivals(book, rng, days=days, first_week=a_week, a_day=site.a_day):
            if not any(since <= second < until for since, until in self.closed):
                heapq.heappush(self.arrivals, (second, next(self.order), self._driver(), None, 2))
        self.book = book

    def day(self, number: int) -> list[Message]:
        """Play one day and return what came in of it or of the days before, not yet in order."""
        since, until = number * DAY, (number + 1) * DAY
        while self.arrivals and self.arrivals[0][0] < until:
            second, _, driver, wanted, tries = heapq.heappop(self.arrivals)
            self._come(second, driver, wanted, tries)
        out: list[Message] = []
        for station in self.site.stations:
            line = self.lines[station.id]
            happenings.say_day(line, self.troubles[station.id], self.rng, since, until)
            self._beat(line, since, until)
            line.come_back(since, until)
            out += line.out
            line.out = []
        return out

    def _line(self, station: Station, ours: list[Gap]) -> Line:
        line, troubles = Line(station, self.begin, self.rng), self.troubles[station.id]
        line.use(outages.gaps_of(self.rng, station, troubles, ours, days=self.days))
        happenings.disturb_line(line, troubles)
        line.hello()
        return line

    def _closed(self) -> list[tuple[float, float]]:
        """Return when nobody can get in: roadworks, a closed car park."""
        if self.rng.random() > 0.12:
            return []
        begin = self.rng.uniform(0.1, 0.9) * self.days * DAY
        return [(begin, begin + self.rng.uniform(1.5, 6) * DAY)]

    def _driver(self) -> Driver:
        # some come daily, most now and then
        index = min(int(self.rng.expovariate(4.0) * len(self.site.locals)), 10**9)
        return self.site.locals[index % len(self.site.locals)]

    # --- visits ----------------------------------------------------------------------------

    def _come(self, second: float, driver: Driver, avoided: Connector | None, tries: int) -> None:
        connector = self._choose(second, driver, avoided)
        if connector is None:
            return
        line = self.lines[connector.station.id]
        wrong = Wrong.at(connector, line, self._troubles_at(connector), second)
        connector.attempts.append(second)
        energy, plugged = self._wish(connector)
        visit = Visit(
            line=line,
            connector=connector,
            driver=driver,
            rng=self.rng,
            wrong=wrong,
            number=str(next(self.numbers)),
            wants_wh=energy * 1000,
            plugged=plugged,
            ambient_c=self.weather.at(second),
        )
        self._block_sibling(connector, second, is_free=False)
        charged, until = visit.play(second)
        connector.tries.append((second, driver.token, charged))
        if charged:
            connector.charged.append((second, until))
        connector.busy_until = max(until, second + 1) + self.rng.uniform(20, 90)
        connector.uses.append((second, connector.busy_until))
        self._block_sibling(connector, until + 2, is_free=True)
        if not charged and tries and self.rng.random() < TRIES_AGAIN:
            again = (max(until, second + 60) + self.rng.uniform(20, 120), next(self.order))
            heapq.heappush(self.arrivals, (*again, driver, connector, tries - 1))

    def _choose(
        self, second: float, driver: Driver, avoided: Connector | None
    ) -> Connector | None:
        """Return a free connector that works as far as one can see, preferably another one."""
        found, weights = [], []
        for station in self.site.stations:
            line = self.lines[station.id]
            gap = line.gap_at(second)
            if gap is not None and gap.why != "line":
                continue
            if station.make.shares_power and any(
                one.busy_until > second for one in station.connectors
            ):
                continue
            for one in station.connectors:
                if one.busy_until > second or self._is_closed(one, second):
                    continue
                found.append(one)
                # a car that can charge fast goes where it is fast
                weights.append(one.liking * (0.15 if one is avoided else 1.0))
        return self.rng.choices(found, weights)[0] if found else None

    def _is_closed(self, connector: Connector, second: float) -> bool:
        return any(
            one.holds(second) and effects.is_closed_by(one) for one in self._troubles_at(connector)
        )

    def _troubles_at(self, connector: Connector) -> list[Trouble]:
        return [
            one
            for one in self.troubles[connector.station.id]
            if one.connector is None or one.connector is connector
        ]

    def _wish(self, connector: Connector) -> tuple[float, float]:
        kind = "ac"
        if connector.station.make.is_dc:
            kind = "fast" if connector.power_w > 60_000 else "dc"
        energy, plugged = self.rng.choice(self.book.wishes[kind])
        return energy, min(plugged, 8 * 3600.0)

    def _block_sibling(self, connector: Connector, second: float, *, is_free: bool) -> None:
        if not connector.station.make.shares_power:
            return
        line = self.lines[connector.station.id]
        for other in connector.station.connectors:
            if other is not connector:
                speech.say_status(line, other, second, "Available" if is_free else "Unavailable")

    # --- between visits --------------------------------------------------------------------

    def _beat(self, line: Line, since: float, until: float) -> None:
        """Say heartbeats, and what the meters of idle connectors show each quarter."""
        beat = since + line.station.id % HEARTBEAT_S
        while beat < until:
            line.say(beat, HEARTBEAT)
            beat += HEARTBEAT_S
        if not line.station.make.has_temperature:
            return
        for connector in line.station.connectors:
            for second in self._idle(connector, since, until):
                self._aligned(line, connector, second)
            connector.uses = [one for one in connector.uses if one[1] > until]

    def _idle(self, connector: Connector, since: float, until: float) -> Iterator[float]:
        uses = iter(sorted(connector.uses))
        use = next(uses, None)
        second = since
        while second < until:
            while use is not None and use[1] <= second:
                use = next(uses, None)
            if use is None or second < use[0]:
                yield second
            second += CLOCK_ALIGNED

    def _aligned(self, line: Line, connector: Connector, second: float) -> None:
        at = line.begin + timedelta(seconds=second + line.skew(second))
        reading = Reading(at, "Sample.Clock", power_w=0)
        if not any(
            one.kind.name == "cable_stolen" and one.holds(second)
            for one in self._troubles_at(connector)
        ):
            reading.temperature_c = speech.tenths(self.weather.at(second) + 0.6)
        if not connector.station.make.is_dc:
            reading.voltage_l1_v = speech.tenths(GRID_V + self.rng.uniform(-3, 3))
        line.say(
            second,
            facts.MeterFact(place=speech.place_of(connector), transaction="", readings=(reading,)),
        )
