"""A network that charges all the time: its stations' frames, said on bare sockets by one thread.

Every connector is in a session and sends its meter values once a minute; a session lasts forty
minutes, then the next one begins. Now and then a reader fails, and works again a minute later.
Lines of JSON tell what happens: "connected", then each failure and when it left, then the report.
"""

import argparse
import heapq
import json
import random
import resource
import select
import socket
import sys
import time
from collections import deque
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.bench.gateway import frames
from tests.bench.gateway.line import Charger
from tests.bench.gateway.load import Fleet, quantile

SAMPLE_S, LASTS_S, MENDED_AFTER_S = 60.0, 2400.0, 60.0
WAIT_S = 0.2
CONNECTORS = (1, 2)
PER_SAMPLE = (
    ("Energy.Active.Import.Register", "Wh"),
    ("Power.Active.Import", "W"),
    ("Current.Import", "A"),
    ("Voltage", "V"),
    ("Temperature", "Celsius"),
)


class Talker(Charger):
    """One station: what it still wants to say, one call at a time, and its sessions."""

    __slots__ = ("asked", "said_at", "transactions", "waiting")

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name, version)
        self.waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self.transactions: dict[int, int] = {}
        self.asked: tuple[str, dict[str, Any]] | None = None
        self.said_at = 0.0

    def want(self, action: str, **payload: Any) -> None:
        """Say something once everything before it is answered."""
        self.waiting.append((action, payload))
        if self.asked is None:
            self.next()

    def next(self) -> None:
        """Say what waits, if anything does."""
        self.asked = self.waiting.popleft() if self.waiting else None
        if self.asked is not None:
            action, payload = self.asked
            self.number += 1
            self.said_at = time.perf_counter()
            if action in {"MeterValues", "StopTransaction"}:
                payload["transactionId"] = self.transactions.get(payload.pop("at"), 0)
            text = json.dumps([2, str(self.number), action, payload])
            self.socket.send(frames.frame(text.encode()))

    def take(self, body: bytes) -> bool:
        """Read one text frame; says whether it answers our call."""
        if body.startswith(b"[2,"):
            answer = json.dumps([3, json.loads(body)[1], {"status": "Accepted"}]).encode()
            self.socket.send(frames.frame(answer))
            return False
        assert self.asked is not None, body
        action, payload = self.asked
        if action == "StartTransaction":
            connector = payload["connectorId"]
            self.transactions[connector] = json.loads(body)[2]["transactionId"]
        return True


class Network:
    """The stations, and what is due when."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.fleet = Fleet(given)
        self.chance = random.Random(4)
        self.due: list[tuple[float, int, Talker, int, str]] = []
        self.numbers = count()
        self.latencies: list[float] = []
        self.counts: dict[str, int] = {}

    def connect(self) -> None:
        """Bring every station in and begin its sessions, spread over their own length."""
        for name in range(self.given.stations):
            talker = Talker(f"SPEED-{name}", "1.6")
            self.fleet._knock(talker)
            head = talker.socket.recv(4096)
            assert head.startswith(b"HTTP/1.1 101 "), head
            talker.rest = head.split(b"\r\n\r\n", 1)[1]
            talker.socket.setblocking(False)
            self.fleet.chargers[talker.socket.fileno()] = talker
            self.fleet.poll.register(talker.socket, select.EPOLLIN)
            boot = {"chargePointVendor": "Speed", "chargePointModel": f"Model {name % 4}"}
            talker.want("BootNotification", **boot)
            for connector in CONNECTORS:
                self.begin(talker, connector)
            self.hear(0)
        while any(one.asked for one in self.talkers()):
            self.hear(WAIT_S)

    def listen(self) -> None:
        """Only answer, until we are told to go on: a silent station would be cut off."""
        while not select.select([sys.stdin], [], [], 0)[0]:
            self.hear(WAIT_S)
        sys.stdin.readline()

    def talkers(self) -> list[Talker]:
        """Return all stations."""
        return [one for one in self.fleet.chargers.values() if isinstance(one, Talker)]

    def hear(self, wait: float) -> None:
        """Take answers, and let who was answered go on."""
        for number, _ in self.fleet.poll.poll(wait):
            talker = self.fleet.chargers[number]
            assert isinstance(talker, Talker), "this fleet has no others"
            data = talker.socket.recv(65536)
            if not data:
                raise ConnectionResetError(talker.name)
            for body in talker.texts(data):
                if talker.take(body):
                    self.latencies.append(time.perf_counter() - talker.said_at)
                    talker.next()

    def begin(self, talker: Talker, connector: int) -> None:
        """Begin a session, as a driver makes it."""
        talker.want("StatusNotification", **said(connector, "Preparing"))
        start = {"connectorId": connector, "idTag": "BENCH", "meterStart": 1000}
        talker.want("StartTransaction", **start, timestamp=stamp())
        talker.want("StatusNotification", **said(connector, "Charging"))

    def plan(self) -> None:
        """Let samples and ends be due at moments of their own, and failures every so often."""
        now = time.perf_counter()
        for talker in self.talkers():
            for connector in CONNECTORS:
                self.wait(now + self.chance.uniform(0, SAMPLE_S), talker, connector, "sample")
                self.wait(now + self.chance.uniform(0, LASTS_S), talker, connector, "end")
        hit = self.chance.sample(self.talkers(), len(self.talkers()))
        for turn in range(int(self.given.seconds / self.given.fail_every)):
            if turn < len(hit):
                self.wait(now + self.given.fail_every * turn + 1, hit[turn], 1, "fail")

    def wait(self, at: float, talker: Talker, connector: int, what: str) -> None:
        """Have something done at a moment."""
        heapq.heappush(self.due, (at, next(self.numbers), talker, connector, what))

    def run(self) -> None:
        """Let time pass."""
        self.latencies.clear()
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + self.given.seconds:
            while self.due[0][0] <= now:
                at, _, talker, connector, what = heapq.heappop(self.due)
                self.counts[what] = self.counts.get(what, 0) + 1
                getattr(self, what)(at, talker, connector)
            self.hear(max(0.0, min(WAIT_S, self.due[0][0] - time.perf_counter())))

    def sample(self, at: float, talker: Talker, connector: int) -> None:
        """Send the five values of one sample, and wait a minute."""
        values = (1000 + 183 * (int(at) % 40), 11_000, 16.0, 230.4, 31)
        sampled = [
            {"value": str(value), "measurand": name, "unit": unit, "location": "Outlet"}
            for (name, unit), value in zip(PER_SAMPLE, values, strict=True)
        ]
        value = {"timestamp": stamp(), "sampledValue": sampled}
        talker.want("MeterValues", at=connector, connectorId=connector, meterValue=[value])
        self.wait(at + SAMPLE_S, talker, connector, "sample")

    def end(self, at: float, talker: Talker, connector: int) -> None:
        """End a session; the next driver comes at once."""
        stop = {"meterStop": 8320, "timestamp": stamp(), "reason": "Local"}
        talker.want("StopTransaction", at=connector, **stop)
        talker.want("StatusNotification", **said(connector, "Finishing"))
        talker.want("StatusNotification", **said(connector, "Available"))
        self.begin(talker, connector)
        self.wait(at + LASTS_S, talker, connector, "end")

    def fail(self, at: float, talker: Talker, connector: int) -> None:
        """Let the reader fail; who listens is told when."""
        talker.want("StatusNotification", **said(connector, "Faulted", "ReaderFailure"))
        tell(failed=talker.name, at=time.time())
        self.wait(at + MENDED_AFTER_S, talker, connector, "mend")

    def mend(self, _: float, talker: Talker, connector: int) -> None:
        """Let it work again."""
        talker.want("StatusNotification", **said(connector, "Charging"))


def said(connector: int, status: str, code: str = "NoError") -> dict[str, Any]:
    """Return the payload of a state."""
    return {
        "connectorId": connector,
        "status": status,
        "errorCode": code,
        "timestamp": stamp(),
    }


def stamp() -> str:
    """Return now, as a station writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell(**what: Any) -> None:
    """Write one line for who listens."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Talk until the time is over, then wait to be let go."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--stations", type=int, default=2500)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--fail-every", type=float, default=1.0)
    parser.set_defaults(version="1.6", deflate=False)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    socket.setdefaulttimeout(60)
    network = Network(parser.parse_args())
    began = time.perf_counter()
    network.connect()
    tell(connected=len(network.talkers()), s=round(time.perf_counter() - began, 1))
    network.listen()
    network.plan()
    network.run()
    answers = {"p50_ms": quantile(network.latencies, 0.5)}
    answers["p99_ms"] = quantile(network.latencies, 0.99)
    tell(messages=len(network.latencies), answers=answers, said=network.counts)
    network.listen()


if __name__ == "__main__":
    main()
