"""Start a fleet, keep it alive, tell how it fares, and switch it off."""

import asyncio
import contextlib
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from stations.simulator import (
    connection,
    director,
    fleet,
    memory,
    plan,
    scenario,
    stay,
    v16,
    v16_commands,
    v201,
    v201_commands,
)
from stations.simulator.charger import Station, World
from stations.simulator.clock import Clock, Counters

SPREAD_S = 10.0
FIRST_CONTACT_S = 20.0
TELL_S = 10.0
SAVE_S = 2.0
DRAIN_S = 5.0


@dataclass(frozen=True)
class Options:
    """What `run` was asked for."""

    url: str
    fleet: Path
    scenario: Path | None = None
    state: Path | None = None
    seed: int = 1
    pace: plan.Pace = field(default_factory=plan.Pace)
    duration_s: float | None = None
    quiet: bool = False


async def run_until_told(options: Options) -> None:
    """Run a fleet until its duration is over, Ctrl-C or SIGTERM."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await Fleet(options).run(ended)


class Fleet:
    """All stations of one process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock()
        self.counters = Counters()
        self.world = World(options.url, self.clock, self.counters, options.seed, options.pace)
        specs = fleet.load_fleet(options.fleet)
        entries = scenario.load_scenario(options.scenario) if options.scenario else ()
        shares, self.unmet = scenario.share_out(entries, specs)
        self.stations = [self._station(one, shares.get(one.identity, ())) for one in specs]
        if options.state:
            memory.load(options.state, self.stations)

    def _station(
        self, spec: fleet.StationSpec, entries: tuple[scenario.Misbehaviour, ...]
    ) -> Station:
        is_v16 = spec.ocpp == "1.6"
        return Station(
            spec,
            self.world,
            dialect=v16.V16() if is_v16 else v201.V201(),
            answer=v16_commands.answer if is_v16 else v201_commands.answer,
            troubles=scenario.Troubles(entries),
        )

    async def run(self, ended: asyncio.Event) -> None:
        """Live until the duration is over or `ended` is set."""
        self.clock.restart()
        for place in self.unmet:
            self._tell(f"note: {place} picks no station of this fleet")
        gap_s = min(0.2, SPREAD_S / len(self.stations))
        async with asyncio.TaskGroup() as group:
            work = [
                group.create_task(self._live(station, place * gap_s))
                for place, station in enumerate(self.stations)
            ]
            work += [group.create_task(self._tell_regularly()), group.create_task(self._save())]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.options.duration_s):
                    await ended.wait()
            await self._switch_off()
            self._tell(self.line())
            for task in work:
                task.cancel()

    def line(self) -> str:
        """Return how the fleet fares, in one line."""
        count = self.counters
        busy = sum(
            one.tx is not None for station in self.stations for one in station.connectors.values()
        )
        causes = ", ".join(f"{cause} {times}" for cause, times in sorted(count.causes.items()))
        return (
            f"{count.connected} of {len(self.stations)} stations connected, {busy} charging, "
            f"{count.started} sessions started, {count.ended} ended, {count.answered} answers, "
            f"{count.commands} commands, {count.resent} sent again, "
            f"{count.callerrors} refused, {count.discarded} given up"
            + (f" ({causes})" if causes else "")
        )

    async def _live(self, station: Station, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        async with asyncio.TaskGroup() as group:
            group.create_task(connection.stay_connected(station))
            group.create_task(connection.beat(station))
            for entry in station.troubles.entries:
                group.create_task(director.direct(station, entry))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(station.shorter(FIRST_CONTACT_S)):
                    await station.accepted.wait()
            for connector in station.connectors.values():
                group.create_task(stay.drive(connector))

    async def _tell_regularly(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            self._tell(self.line())

    async def _save(self) -> None:
        while self.options.state:
            memory.save(self.options.state, self.stations)
            await asyncio.sleep(SAVE_S)

    async def _switch_off(self) -> None:
        """With a memory the sessions stay open until the next start; without one they end."""
        if self.options.state:
            memory.save(self.options.state, self.stations)
            return
        for station in self.stations:
            station.powered.clear()
            for connector in station.connectors.values():
                connector.halt("PowerLoss")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._drained()

    async def _drained(self) -> None:
        while any(
            station.outbox.durable() or any(one.tx for one in station.connectors.values())
            for station in self.stations
            if station.is_online
        ):
            await asyncio.sleep(0.05)

    def _tell(self, line: str) -> None:
        if not self.options.quiet:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
