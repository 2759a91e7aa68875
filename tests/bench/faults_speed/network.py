"""The product's own processes around a talking network, and somebody who watches what comes."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.db.models import Min
from redis import Redis

from chargenet import nudging
from chargenet.celery import DEFAULT, SLOW, URGENT
from chargenet.core import clock
from faults.models import Fault, RuleState, Ticket
from faults.queries.work import USAGE_CODES
from faults.rules import station_offline
from stations.models import Station
from tests.bench.gateway.servers import ROOT, cpu_s, store_processes
from tests.integration.stations.conftest import database_url

LOOKS_EVERY_S, ASKS_EVERY_S = 0.02, 1.0


@contextmanager
def running(log: Path, *arguments: str, niceness: int = 0) -> Iterator[int]:
    """Run a part of the product beside the bench; yields its process."""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "CHARGENET_DB_ROLE": "system",
        "DEBUG": "1",
    }
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=written,
            preexec_fn=lambda: os.nice(niceness),
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_port(port: int) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("nobody listens")


class Talk:
    """The process that speaks for all stations; its lines are kept as they come."""

    def __init__(self, **how: object) -> None:
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in how.items()]
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.faults_speed.talk", *flags],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None, "it is a pipe"
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def wait_for(self, name: str, within_s: float) -> dict[str, Any]:
        """Return the line that has a name."""
        until = time.monotonic() + within_s
        while time.monotonic() < until and self.process.poll() is None:
            for line in self.lines:
                if name in line:
                    return line
            time.sleep(0.1)
        raise AssertionError(f"the network never said {name!r}")

    def go_on(self) -> None:
        """Let it go on to what comes next."""
        assert self.process.stdin is not None, "it is a pipe"
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@dataclass
class Watcher:
    """What is seen of the work: tickets and nudges of pages as they come, queues and timers."""

    operator_id: int
    tickets: dict[str, float] = field(default_factory=dict)
    nudges: list[float] = field(default_factory=list)
    queued: list[int] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    _newest: int = 0
    _broker: Any = field(default_factory=lambda: Redis.from_url(settings.REDIS_URL))

    def listen(self) -> None:
        """Hear, beside all else, what an open page of the operator's hears."""
        threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True).start()

    async def _listen(self) -> None:
        layer = get_channel_layer()
        assert layer is not None, "the settings name one"
        name = await layer.new_channel()
        await layer.group_add(nudging.operator_group(self.operator_id), name)
        while True:
            await layer.receive(name)
            self.nudges.append(time.time())

    def watch(self, talk: Talk, until: str, within_s: float) -> dict[str, Any]:
        """Look until the network says that it is done; returns its word."""
        end, asked = time.monotonic() + within_s, 0.0
        while time.monotonic() < end and talk.process.poll() is None:
            self.look()
            if time.monotonic() - asked > ASKS_EVERY_S:
                asked = time.monotonic()
                self.queued.append(self.queue())
                self.lags_s.append(self.lag_s())
            for line in talk.lines:
                if until in line:
                    return line
            time.sleep(LOOKS_EVERY_S)
        raise AssertionError(f"the network never said {until!r}")

    def look(self) -> None:
        """See which tickets there are now."""
        rows = Ticket.objects.filter(pk__gt=self._newest).order_by("pk")
        for pk, name in rows.values_list("pk", "station__identity"):
            self.tickets.setdefault(name, time.time())
            self._newest = pk

    def queue(self, *names: str) -> int:
        """Return how many tasks wait, in all queues or in some."""
        return sum(int(self._broker.llen(name)) for name in names or (URGENT, DEFAULT, SLOW))

    def forget_queues(self) -> None:
        """Let no task wait."""
        self._broker.delete(URGENT, DEFAULT, SLOW)

    def lag_s(self) -> float:
        """Return for how long the oldest timer that is due has waited."""
        now = clock.now()
        faults = Fault.objects.exclude(state="cleared").exclude(code__in=USAGE_CODES)
        memories = RuleState.objects.exclude(code__in=USAGE_CODES | {station_offline.CODE})
        oldest = [
            Station.objects.filter(is_active=True).aggregate(at=Min("check_after"))["at"],
            faults.filter(station__isnull=False).aggregate(at=Min("check_at"))["at"],
            memories.filter(station__isnull=False).aggregate(at=Min("check_at"))["at"],
        ]
        waited = [(now - one).total_seconds() for one in oldest if one is not None]
        return max(0.0, *waited) if waited else 0.0


def spent(parts: dict[str, int]) -> dict[str, float]:
    """Return the CPU seconds of each part with its children, and of PostgreSQL."""
    # workers are replaced now and then: what the old ones spent is their parent's to tell
    found = {
        name: sum(cpu_s(one, with_ended=one == pid) for one in _family(pid))
        for name, pid in parts.items()
    }
    return found | {"postgres": sum(cpu_s(pid) for pid in store_processes())}


def _family(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in listed for one in _family(int(child)))]
