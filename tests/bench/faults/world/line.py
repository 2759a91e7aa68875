"""The line of one station: what it says arrives later, twice, after an outage, or not at all."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from stations.metering import facts
from stations.metering.facts import Fact, NoticeFact
from tests.bench.faults.world.places import Station

# When it comes in, in which order, from whom, what, its key; a 1.6 session's number at its start.
Message = tuple[float, int, int, Fact, str, str]
Kept = tuple[float, Fact, str, str]


@dataclass(slots=True)
class Gap:
    """A time without a line: `line` (the station lives), `power` (it is dark) or `boot`."""

    begin: float
    end: float
    why: str
    reason: str = ""
    last_status: dict[int, tuple[float, Fact]] = field(default_factory=dict)
    queued: list[Kept] = field(default_factory=list)


class Line:
    """Carries the facts of one station to us, in the order in which they would come in."""

    def __init__(self, station: Station, begin: datetime, rng: Random) -> None:
        self.station, self.begin, self.rng = station, begin, rng
        self.gaps: list[Gap] = []
        self.begins: list[float] = []
        self.out: list[Message] = []
        self.sequence = self.keys = 0
        self.skew: Callable[[float], float] = lambda _: station.clock_s
        # Nothing comes of any sample of these seconds.
        self.swallows: Callable[[float], bool] = lambda _: False

    def use(self, gaps: list[Gap]) -> None:
        """Take the outages of the whole run, those that run into each other as one."""
        merged: list[Gap] = []
        for gap in sorted(gaps, key=lambda one: one.begin):
            if merged and gap.begin <= merged[-1].end + 5:
                merged[-1].end = max(merged[-1].end, gap.end)
                if gap.why != "line":
                    merged[-1].why, merged[-1].reason = gap.why, gap.reason
            else:
                merged.append(gap)
        self.gaps, self.begins = merged, [gap.begin for gap in merged]

    def at(self, second: float) -> datetime:
        """Return an instant by the station's own clock."""
        return self.begin + timedelta(seconds=second + self.skew(second))

    def gap_at(self, second: float) -> Gap | None:
        """Return the outage at an instant."""
        index = bisect_right(self.begins, second) - 1
        return self.gaps[index] if index >= 0 and self.gaps[index].end > second else None

    def dark_after(self, second: float, until: float) -> float | None:
        """Return when the power goes before an instant, None where it does not."""
        for gap in self.gaps[max(0, bisect_right(self.begins, second) - 1) :]:
            if gap.begin >= until:
                return None
            if gap.why != "line" and gap.end > second:
                return max(gap.begin, second)
        return None

    def say(self, second: float, fact: Fact, *, keeps: bool = False, number: str = "") -> None:
        """Send a fact; `keeps` is what a station stores while nobody hears it."""
        gap = self.gap_at(second)
        key = ""
        if keeps:
            self.keys += 1
            key = str(self.keys)
        if gap is None:
            self._arrive(second + self.station.latency, fact, key, number)
            if keeps and self.rng.random() < 0.003:
                self._arrive(second + self.station.latency + 31, fact, key, number)
        elif keeps:
            gap.queued.append((second, fact, key, number))
        elif isinstance(fact, facts.StatusFact):
            place = fact.place.evse
            if place not in gap.last_status or gap.last_status[place][0] <= second:
                gap.last_status[place] = (second, fact)

    def tell(self, second: float, fact: Fact) -> None:
        """Tell what a person says of the station: it needs no line."""
        self._arrive(second, fact)

    def _arrive(self, second: float, fact: Fact, key: str = "", number: str = "") -> None:
        self.sequence += 1
        self.out.append((second, self.sequence, self.station.id, fact, key, number))

    def come_back(self, since: float, until: float) -> None:
        """Tell the begins and ends of outages of a period, with what was kept meanwhile."""
        for gap in self.gaps:
            if since <= gap.begin < until:
                late = 4.0 if gap.why == "boot" else self.rng.uniform(5, 75)
                ended = min(gap.begin + late, gap.end - 0.01)
                self._arrive(ended, self._notice("disconnected", ended))
            if since <= gap.end < until:
                self._return(gap)

    def _return(self, gap: Gap) -> None:
        at = gap.end
        self._arrive(at, self._notice("connected", at))
        if gap.why != "line":
            self._arrive(at + 0.5, self._boot(gap.reason))
            for connector in self.station.connectors:
                gap.last_status.setdefault(
                    connector.evse, (at, self.available(connector.evse, at))
                )
        kept = sorted(gap.queued, key=lambda one: one[0])
        for place, (_, fact, key, number) in enumerate(kept):
            self._arrive(at + 1.5 + 0.2 * place, fact, key, number)
        last = at + 2 + 0.2 * len(gap.queued)
        for evse, (_, fact) in sorted(gap.last_status.items()):
            self._arrive(last + 0.1 * evse, fact)

    def available(self, evse: int, second: float) -> Fact:
        """Return that a place is free."""
        return facts.StatusFact(
            place=facts.Place(evse, 1 if evse else 0),
            status="Available",
            occurred_at=self.at(second),
        )

    def _notice(self, kind: str, second: float) -> Fact:
        # what the gateway sees by itself carries the gateway's clock
        return NoticeFact(kind=kind, occurred_at=self.begin + timedelta(seconds=second))

    def _boot(self, reason: str) -> Fact:
        make = self.station.make
        return facts.BootFact(
            vendor=make.vendor,
            model=make.model,
            firmware_version=self.station.firmware,
            reason=reason if make.version != "1.6" else "",
        )

    def hello(self) -> None:
        """Say what a station says when the world begins."""
        self._arrive(0.0, self._notice("connected", 0.0))
        self._arrive(0.5, self._boot("PowerUp"))
        for evse in (0, *[connector.evse for connector in self.station.connectors]):
            self._arrive(1.0 + 0.1 * evse, self.available(evse, 1.0))
