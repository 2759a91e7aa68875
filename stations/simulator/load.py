"""The load mode: a closed loop of transactions by many chargers, with a record of every answer."""

import asyncio
import contextlib
import json
import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from stations.simulator import fleet, reading, script, wire

SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}
PATIENCE_S = 30.0
TAIL_S = 30.0
PERMANENT = {401, 403, 404}


@dataclass(frozen=True)
class Options:
    """What `load` was asked for."""

    url: str
    fleet: Path
    chargers: int | None = None
    duration_s: float | None = None
    loops: int | None = None
    samples: int = 10
    acks: Path | None = None
    seed: int = 1


class Bench:
    """What all chargers share: the record, the counts and the end."""

    def __init__(self, options: Options, acks: IO[str] | None) -> None:
        self.options = options
        self.acks = acks
        self.ready = 0
        self.go = asyncio.Event()
        self.over = False
        self.messages = 0
        self.transactions = 0
        self.resent = 0
        self.reconnects = 0
        self.errors: dict[str, int] = {}
        self.round_trips = array("f")

    def note(
        self, identity: str, step: script.Step, answer: dict[str, Any], took_s: float
    ) -> None:
        """Record one acknowledged message."""
        self.messages += 1
        self.transactions += step.action == "StopTransaction" or step.key.get("event") == "Ended"
        self.round_trips.append(took_s)
        if self.acks is not None and step.key:
            row = {"station": identity, "kind": step.action, "key": step.key, "answer": answer}
            self.acks.write(json.dumps(row, separators=(",", ":")) + "\n")

    def note_error(self, code: str) -> None:
        """Count one failure."""
        self.errors[code] = self.errors.get(code, 0) + 1

    def report(self, seconds: float) -> str:
        """Return the result as JSON."""
        trips = sorted(self.round_trips)
        at = (
            (lambda share: round(1000 * trips[int(share * (len(trips) - 1))], 2))
            if trips
            else None
        )
        return json.dumps(
            {
                "chargers": self.ready,
                "seconds": round(seconds, 3),
                "messages": self.messages,
                "messages_per_second": round(self.messages / max(seconds, 1e-9), 1),
                "transactions": self.transactions,
                "p50_ms": at(0.5) if at else None,
                "p99_ms": at(0.99) if at else None,
                "reconnects": self.reconnects,
                "resent": self.resent,
                "errors": self.errors,
            }
        )


class Charger:
    """One charger that asks again until it is answered."""

    def __init__(self, spec: fleet.StationSpec, bench: Bench, *, keeps_ids: bool) -> None:
        self.spec = spec
        self.bench = bench
        self.keeps_ids = keeps_ids
        self.socket: ClientConnection | None = None
        self.asked_at: float | None = None
        self._ids = 0
        # Ids must not repeat over the runs of one charger.
        self._prefix = f"{time.time_ns():x}"

    async def run(self) -> None:
        """Live through the whole script."""
        options = self.bench.options
        for step in script.opening(self.spec):
            await self._ask(step)
        self.bench.ready += 1
        await self.bench.go.wait()
        lines = script.of(
            self.spec, seed=options.seed, samples=options.samples, loops=options.loops
        )
        with contextlib.suppress(StopIteration):
            step = next(lines)
            while not (self.bench.over and step.action == "Authorize"):
                began = time.perf_counter()
                answer = await self._ask(step)
                self.bench.note(self.spec.identity, step, answer, time.perf_counter() - began)
                step = lines.send(answer)
        if self.socket is not None:
            await self.socket.close()

    def watch(self, now: float) -> None:
        """Give a connection up that has not answered for long."""
        if self.asked_at is not None and now - self.asked_at > PATIENCE_S and self.socket:
            self.socket.transport.abort()

    async def _ask(self, step: script.Step) -> dict[str, Any]:
        message_id = self._next_id()
        tries = 0
        while True:
            if self.socket is None:
                self.socket = await self._connect()
            if tries:
                self.bench.resent += 1
                message_id = message_id if self.keeps_ids else self._next_id()
            tries += 1
            try:
                return await self._once(self.socket, message_id, step)
            except wire.Refused as refused:
                self.bench.note_error(f"{step.action} {refused.code}")
                await asyncio.sleep(0.2)
            except (ConnectionClosed, OSError):
                self.socket = None
                self.bench.reconnects += 1

    async def _once(
        self, socket: ClientConnection, message_id: str, step: script.Step
    ) -> dict[str, Any]:
        self.asked_at = time.monotonic()
        await socket.send(f'[2,"{message_id}","{step.action}",{step.payload}]')
        while True:
            message = json.loads(await socket.recv())
            if message[0] == 2:
                await socket.send(f'[4,"{message[1]}","NotImplemented","",{{}}]')
            elif message[1] == message_id:
                self.asked_at = None
                if message[0] == 3:
                    answer: dict[str, Any] = message[2]
                    return answer
                raise wire.Refused(str(message[2]), str(message[3]))

    async def _connect(self) -> ClientConnection:
        wait_s = 0.05
        while True:
            try:
                return await wire.open_socket(
                    self.bench.options.url,
                    identity=self.spec.identity,
                    password=self.spec.password,
                    subprotocol=SUBPROTOCOLS[self.spec.ocpp],
                )
            except InvalidStatus as error:
                code = error.response.status_code
                if code in PERMANENT:
                    raise reading.BadInput(
                        self.spec.identity,
                        f"login refused with HTTP {code}",
                        "Check the fleet file",
                    ) from error
                self.bench.note_error(f"HTTP {code}")
            except (OSError, TimeoutError, WebSocketException) as error:
                self.bench.note_error(type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 1.0)

    def _next_id(self) -> str:
        self._ids += 1
        return f"{self._prefix}{self._ids:x}"


async def drive(options: Options, specs: tuple[fleet.StationSpec, ...]) -> str:
    """Let every charger run its script and return the result as JSON."""
    with contextlib.ExitStack() as stack:
        acks = options.acks and stack.enter_context(options.acks.open("w", encoding="utf-8"))
        bench = Bench(options, acks or None)
        chargers = [
            Charger(spec, bench, keeps_ids=place % 2 == 0) for place, spec in enumerate(specs)
        ]
        tasks = [asyncio.create_task(one.run()) for one in chargers]
        watcher = asyncio.create_task(_watch(chargers))
        try:
            while bench.ready < len(chargers) and not any(task.done() for task in tasks):
                await asyncio.sleep(0.01)
            bench.go.set()
            began = time.perf_counter()
            done, _ = await asyncio.wait(
                tasks, timeout=options.duration_s, return_when=asyncio.FIRST_EXCEPTION
            )
            bench.over = True
            ended, late = await asyncio.wait(tasks, timeout=0 if _failed(done) else TAIL_S)
            seconds = time.perf_counter() - began
        finally:
            for task in (*tasks, watcher):
                task.cancel()
            await asyncio.gather(*tasks, watcher, return_exceptions=True)
        for task in ended:
            task.result()
        if late:
            bench.errors["unfinished"] = len(late)
        return bench.report(seconds)


def _failed(tasks: set[asyncio.Task[None]]) -> bool:
    return any(task.exception() for task in tasks)


async def _watch(chargers: list[Charger]) -> None:
    while True:
        await asyncio.sleep(5)
        now = time.monotonic()
        for one in chargers:
            one.watch(now)


def run(options: Options) -> str:
    """Drive the load and return its result as JSON; raises reading.BadInput."""
    specs = fleet.load_fleet(options.fleet)[: options.chargers]
    work = drive(options, specs)
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
