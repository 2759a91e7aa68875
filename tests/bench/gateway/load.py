"""Many chargers in one thread on bare sockets: the load generator must not be what is measured.

`closed`: every charger says its next message when the last one is answered. `open`: messages
begin at a given rate whatever the answers do; a late answer counts from when the message was due.
`connect`: handshakes only. `idle`: connections that send a heartbeat now and then.
"""

import argparse
import base64
import heapq
import json
import os
import resource
import select
import socket
import sys
import time

from tests.bench.gateway import frames
from tests.bench.gateway.line import Charger

WITHIN_S = 60
now = time.perf_counter


class Fleet:
    """Connected chargers and the poll that hears them."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.poll = select.epoll()
        self.chargers: dict[int, Charger] = {}
        self.latencies: list[float] = []
        self.booted = 0

    def connect(self, first: int, count: int) -> list[float]:
        """Connect chargers, so many at a time; returns how long each handshake took."""
        took: list[float] = []
        waiting: dict[int, tuple[Charger, float]] = {}
        numbers = iter(range(first, first + count))
        poll = select.epoll()
        while len(took) < count:
            while len(waiting) < self.given.at_once and (n := next(numbers, -1)) >= 0:
                charger = Charger(f"BENCH-{n}", self.given.version)
                began = now()
                self._knock(charger)
                poll.register(charger.socket, select.EPOLLIN)
                waiting[charger.socket.fileno()] = charger, began
            for number, _ in poll.poll(WITHIN_S):
                charger, began = waiting.pop(number)
                head = charger.socket.recv(4096)
                assert head.startswith(b"HTTP/1.1 101 "), head
                charger.rest = head.split(b"\r\n\r\n", 1)[1]
                took.append(now() - began)
                poll.unregister(number)
                charger.socket.setblocking(False)
                self.chargers[number] = charger
                self.poll.register(number, select.EPOLLIN)
        return took

    def _knock(self, charger: Charger) -> None:
        login = f"{charger.name}:{self.given.password}".encode()
        lines = [
            f"GET /ocpp/{charger.name} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            f"Sec-WebSocket-Protocol: {frames.SUBPROTOCOLS[charger.version]}",
            f"Authorization: Basic {base64.b64encode(login).decode()}",
        ]
        if self.given.deflate:
            offer = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
            lines.append(f"Sec-WebSocket-Extensions: {offer}")
        charger.socket = socket.create_connection(("127.0.0.1", self.given.port))
        charger.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        charger.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def hear(self, timeout: float) -> list[Charger]:
        """Return the chargers whose call was answered meanwhile."""
        heard = []
        for number, _ in self.poll.poll(timeout):
            charger = self.chargers[number]
            data = charger.socket.recv(65536)
            if not data:
                raise ConnectionResetError(charger.name)
            for body in charger.texts(data):
                if charger.take(body):
                    heard.append(charger)
        return heard

    def boot(self) -> None:
        """Let every charger say who it is, a few at a time."""
        self.booted = len(self.chargers)
        waiting = list(self.chargers.values())
        busy = 0
        while waiting or busy:
            while waiting and busy < 200:
                charger = waiting.pop()
                charger.socket.send(frames.boot(charger.version, 1))
                busy += 1
            busy -= len(self.hear(WITHIN_S))

    # --- the loops -------------------------------------------------------------------------

    def run_closed(self, seconds: float) -> None:
        """Say the next message whenever one is answered."""
        began = now()
        end = began + seconds
        for charger in self.chargers.values():
            charger.due = began
            charger.say()
        while now() < end:
            for charger in self.hear(0.2):
                at = now()
                self.latencies.append(at - charger.due)
                charger.due = at
                charger.number += 1
                charger.say()
        self._come_to_rest()

    def _come_to_rest(self) -> None:
        """Hear the answers under way: the next loop begins with none."""
        left = {id(charger) for charger in self.chargers.values()}
        while left:
            for charger in self.hear(WITHIN_S):
                charger.number += 1
                left.discard(id(charger))

    def run_open(self, seconds: float, rate: float) -> None:
        """Let messages be due at a steady rate, each charger in its turn."""
        chargers = list(self.chargers.values())
        began, sent, busy = now(), 0, 0
        total = int(seconds * rate)
        while sent < total or busy:
            at = now() - began
            while sent < total and sent / rate <= at:
                charger = chargers[sent % len(chargers)]
                charger.wants += 1
                if charger.wants == 1:
                    charger.due = began + sent / rate
                    charger.say()
                    busy += 1
                sent += 1
            # the kernel counts whole milliseconds
            wait = max(0.0, began + sent / rate - now()) if sent < total else WITHIN_S
            for charger in self.hear(wait):
                self.latencies.append(now() - charger.due)
                charger.number += 1
                charger.wants -= 1
                busy -= 1
                if charger.wants:
                    charger.due += len(chargers) / rate
                    charger.say()
                    busy += 1

    def run_idle(self, seconds: float, every: float) -> None:
        """Send a heartbeat of every charger now and then."""
        began = now()
        due = [
            (began + every * n / len(self.chargers), n, charger)
            for n, charger in enumerate(self.chargers.values())
        ]
        heapq.heapify(due)
        while now() < began + seconds:
            while due[0][0] <= now():
                at, n, charger = heapq.heappop(due)
                charger.due = now()
                charger.number = 0
                charger.socket.send(frames.heartbeat(n))
                heapq.heappush(due, (at + every, n, charger))
            for charger in self.hear(max(0.0, min(0.2, due[0][0] - now()))):
                self.latencies.append(now() - charger.due)


def quantile(values: list[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    ordered = sorted(values)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 2)


def run(given: argparse.Namespace, fleet: Fleet) -> dict[str, float]:
    began = now()
    took = fleet.connect(given.first, given.chargers)
    report = {"connected_in_s": round(now() - began, 2), "handshake_p99_ms": quantile(took, 0.99)}
    if given.mode == "connect":
        return report
    if given.boot:
        fleet.boot()
    if given.mode == "idle":
        print(json.dumps(report), flush=True)
        fleet.run_idle(given.seconds, given.every)
    elif given.mode == "open":
        fleet.run_open(given.warm_up, given.rate)
        fleet.latencies.clear()
        print(json.dumps(report), flush=True)
        fleet.run_open(given.seconds, given.rate)
    else:
        fleet.run_closed(given.warm_up)
        fleet.latencies.clear()
        print(json.dumps(report), flush=True)
        began = now()
        fleet.run_closed(given.seconds)
        report["messages_per_s"] = round(len(fleet.latencies) / (now() - began), 1)
    for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1.0)):
        report[name] = quantile(fleet.latencies, share)
    report["messages"] = len(fleet.latencies)
    # every message of this run, warm-up and boots too: all of them were answered
    report["said"] = sum(charger.number for charger in fleet.chargers.values()) + fleet.booted
    spent = os.times()
    report["load_cpu_us"] = round((spent.user + spent.system) / len(fleet.latencies) * 1e6, 1)
    return report


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["closed", "open", "connect", "idle"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--version", choices=list(frames.SAY), default="1.6")
    parser.add_argument("--chargers", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--every", type=float, default=30)
    parser.add_argument("--password", default="")
    parser.add_argument("--deflate", action="store_true")
    parser.add_argument("--boot", action="store_true")
    given = parser.parse_args()
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2
    )
    fleet = Fleet(given)
    report = run(given, fleet)
    print(json.dumps(report), flush=True)
    if given.mode in ("connect", "idle"):
        # hold the connections until whoever started this has looked
        sys.stdin.readline()


if __name__ == "__main__":
    main()
