"""Make a scenario happen: the troubles that begin and end at a time. Others are asked for."""

import asyncio
import dataclasses
from collections.abc import Callable, Coroutine
from typing import Any

from stations.simulator.charger import Station
from stations.simulator.connector import Connector
from stations.simulator.dialect import Fault
from stations.simulator.scenario import FOREVER_S, Misbehaviour

LONG_SESSION_WH = 60_000.0
# A stuck session drew something before it stuck.
STUCK_AFTER_WH = 150.0


async def direct(station: Station, entry: Misbehaviour) -> None:
    """Begin and end one trouble of one station at its times."""
    play = PLAYS.get(entry.kind)
    if play is None:
        return
    await asyncio.sleep(max(0.0, entry.from_s - station.clock.elapsed_s()))
    await play(station, entry)


def _meant(station: Station, entry: Misbehaviour) -> list[Connector]:
    if entry.connector is None:
        return list(station.connectors.values())
    found = station.connectors.get(entry.connector)
    return [found] if found else []


async def _until_end(station: Station, entry: Misbehaviour) -> None:
    left_s = entry.to_s - station.clock.elapsed_s()
    if entry.to_s >= FOREVER_S:
        await asyncio.Event().wait()
    await asyncio.sleep(max(0.0, left_s))


async def _offline(station: Station, entry: Misbehaviour) -> None:
    station.allowed.clear()
    if entry.options["how"] == "silent":
        station.voice.clear()
        if station.link is not None:
            station.link.go_silent()
    else:
        station.drop_connection()
    await _until_end(station, entry)
    station.drop_connection()
    station.voice.set()
    station.allowed.set()


async def _faulted(station: Station, entry: Misbehaviour) -> None:
    for connector in _meant(station, entry):
        connector.break_down(Fault(**entry.options))
    await _until_end(station, entry)
    for connector in _meant(station, entry):
        connector.mend()


async def _stuck(station: Station, entry: Misbehaviour) -> None:
    stuck = []
    for connector in _meant(station, entry):
        visit = dataclasses.replace(
            connector.next_planned(), stuck=True, fail_after_s=None, energy_wh=STUCK_AFTER_WH
        )
        connector.halt("Local")
        connector.order(visit)
        stuck.append(connector)
    await _until_end(station, entry)
    for connector in stuck:
        if connector.visit is not None and connector.visit.stuck:
            connector.halt("Local")


async def _hot(station: Station, entry: Misbehaviour) -> None:
    """A cable is hot only under load: somebody charges for long."""
    for connector in _meant(station, entry):
        visit = dataclasses.replace(
            connector.next_planned(), fail_after_s=None, energy_wh=LONG_SESSION_WH, soc=5.0
        )
        connector.halt("Local")
        connector.order(visit)


async def _late(station: Station, entry: Misbehaviour) -> None:
    """Deliver at the end what was held back, over a new connection."""
    await _until_end(station, entry)
    station.drop_connection()
    station.outbox.release()


async def _again_and_again(
    station: Station, entry: Misbehaviour, act: Callable[[int], None]
) -> None:
    times = 0
    while station.clock.elapsed_s() < entry.to_s:
        act(times)
        times += 1
        await asyncio.sleep(entry.options["every_s"])


async def _stray_stops(station: Station, entry: Misbehaviour) -> None:
    first = station.rng.randrange(1_500_000_000, 2_000_000_000)
    await _again_and_again(station, entry, lambda times: station.stray_stop(first + times))


async def _boot_loop(station: Station, entry: Misbehaviour) -> None:
    def fall(_times: int) -> None:
        for connector in station.connectors.values():
            connector.halt("Reboot")
        station.boot_reason = "Watchdog"
        station.drop_connection()

    await _again_and_again(station, entry, fall)


PLAYS: dict[str, Callable[[Station, Misbehaviour], Coroutine[Any, Any, None]]] = {
    "offline": _offline,
    "faulted": _faulted,
    "stuck_session": _stuck,
    "hot_cable": _hot,
    "late": _late,
    "stop_unknown_tx": _stray_stops,
    "boot_loop": _boot_loop,
}
