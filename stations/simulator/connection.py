"""Keep a station connected: back-off, boot, then one CALL after the other from the outbox."""

import asyncio
import contextlib
import random
import uuid
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from stations.simulator import wire
from stations.simulator.charger import Station
from stations.simulator.outbox import Item

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
BOOT_RETRY_S = 10.0
BEAT_STEP_S = 1.0
LOST = (ConnectionClosed, wire.NoAnswer, OSError)


def wait_s(rng: random.Random, attempt: int) -> float:
    """Return the pause before a connection attempt: doubled each time, with jitter."""
    base = min(LONGEST_WAIT_S, FIRST_WAIT_S * float(1 << min(attempt, 10)))
    return base * rng.uniform(0.5, 1.5)


async def stay_connected(station: Station) -> None:
    """Connect, serve, and connect again, for ever."""
    attempt = 0
    while True:
        await station.allowed.wait()
        heard = await _one_connection(station)
        attempt = 0 if heard else attempt + 1
        await asyncio.sleep(wait_s(station.rng, attempt))


async def beat(station: Station) -> None:
    """Send a Heartbeat in the interval the other side gave."""
    last_s = station.clock.elapsed_s()
    while True:
        await asyncio.sleep(BEAT_STEP_S)
        interval_s = max(1, station.settings.whole("HeartbeatInterval"))
        if station.is_online and station.clock.elapsed_s() - last_s >= interval_s:
            last_s = station.clock.elapsed_s()
            station.post(station.dialect.heartbeat())


async def _one_connection(station: Station) -> bool:
    """Hold one connection; returns whether anything was answered on it."""
    spec, counters = station.spec, station.counters
    try:
        socket = await wire.open_socket(
            station.url,
            identity=spec.identity,
            password=station.password,
            subprotocol=station.dialect.subprotocol,
        )
    except (OSError, TimeoutError, WebSocketException) as error:
        counters.note_cause(_cause(error))
        return False
    if socket.subprotocol != station.dialect.subprotocol:
        counters.note_cause("no common subprotocol")
        await socket.close(1002)
        return False
    link = wire.Link(socket, lambda action, body: _reply(station, action, body))
    counters.connected += 1
    try:
        await _serve(station, link)
    finally:
        counters.connected -= 1
        counters.reconnects += 1
        station.disconnected()
        with contextlib.suppress(*LOST):
            await socket.close()
    return link.answers > 0


async def _serve(station: Station, link: wire.Link) -> None:
    station.link = link
    tasks = [asyncio.create_task(link.listen()), asyncio.create_task(_pump(station, link))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, LOST):
            raise end


async def _pump(station: Station, link: wire.Link) -> None:
    if station.boot_reason is not None or station.boots_again:
        await _boot(station, link)
    station.announce()
    while True:
        item = await station.outbox.head()
        await station.voice.wait()
        await _send(station, link, item)


async def _boot(station: Station, link: wire.Link) -> None:
    """Send BootNotification until it is accepted."""
    while True:
        item = station.dialect.boot(station.spec, station.boot_reason or "Unknown")
        interval_s = BOOT_RETRY_S
        try:
            answer = await link.call(item.action, item.payload, item.message_id)
        except wire.Refused as refused:
            station.counters.callerrors += 1
            station.counters.note_cause(f"BootNotification {refused.code}")
        else:
            station.counters.answered += 1
            interval_s = float(answer.get("interval") or 0)
            if answer.get("status") == "Accepted":
                station.boot_reason = None
                station.accepted.set()
                if interval_s >= 1:
                    station.settings.values["HeartbeatInterval"] = str(int(interval_s))
                return
        await asyncio.sleep(interval_s if interval_s >= 1 else BOOT_RETRY_S)


async def _send(station: Station, link: wire.Link, item: Item) -> None:
    """Make one CALL; without an answer it stays where it is and the connection is given up."""
    if item.tries:
        station.counters.resent += 1
        if not station.keeps_ids:
            item.message_id = str(uuid.uuid4())
    item.tries += 1
    payload = station.dialect.finish(item)
    try:
        answer = await link.call(item.action, payload, item.message_id)
    except wire.Refused as refused:
        await _refused(station, item, refused)
        return
    station.counters.answered += 1
    station.outbox.remove(item)
    station.learn(item, answer)
    await _repeat(station, link, item, payload)


async def _refused(station: Station, item: Item, refused: wire.Refused) -> None:
    """Try a refused transaction message again after a while, and give it up in the end."""
    station.counters.callerrors += 1
    station.counters.note_cause(f"{item.action} {refused.code}")
    item.refusals += 1
    if item.durable and item.refusals < station.settings.whole("TransactionMessageAttempts"):
        wait = station.settings.whole("TransactionMessageRetryInterval") * item.refusals
        await asyncio.sleep(station.shorter(float(wait)))
        return
    station.counters.discarded += item.durable
    station.outbox.remove(item)
    item.settle(None)


async def _repeat(station: Station, link: wire.Link, item: Item, payload: dict[str, Any]) -> None:
    entry = station.troubles.active("duplicate", station.clock.elapsed_s())
    if entry is None or station.rng.random() >= entry.options["share"]:
        return
    message_id = item.message_id if entry.options["ids"] == "same" else str(uuid.uuid4())
    with contextlib.suppress(wire.Refused):
        await link.call(item.action, payload, message_id)


def _reply(station: Station, action: str, body: dict[str, Any]) -> dict[str, Any]:
    station.counters.commands += 1
    return station.answer(station, action, body)


def _cause(error: Exception) -> str:
    if isinstance(error, InvalidStatus):
        return f"HTTP {error.response.status_code}"
    return type(error).__name__
