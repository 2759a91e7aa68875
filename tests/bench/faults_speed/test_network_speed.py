"""From a station's word to the ticket in an open page, while a whole network charges.

The product's own processes: gateway, workers as the demo has them, beat. FAULTS_CONNECTORS and
FAULTS_SECONDS make it smaller or longer, FAULTS_REST=urgent begins before the network has come to
rest. What is printed goes into docs/capacity.md.
"""

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from django.db import connection

from chargenet import serving
from chargenet.celery import DEFAULT, URGENT
from chargenet.core import clock
from chargenet.core.models import Operator
from chargenet.embedded.parts import IN_TURN_NICENESS
from stations import registry
from stations.models import Token
from tests.bench.faults_speed import fleet, network
from tests.bench.faults_speed.network import Talk, Watcher, running, spent
from tests.bench.gateway.servers import PASSWORD
from tests.integration.stations.conftest import free_port

pytestmark = pytest.mark.usefixtures("committed_db")
CONNECTORS = int(os.environ.get("FAULTS_CONNECTORS", "5000"))
SECONDS = float(os.environ.get("FAULTS_SECONDS", "300"))
SETTLES_S = 900
# Failures begin once what followed the connections is done, or, with "urgent", in the midst of it.
RESTS = {"all": (URGENT, DEFAULT), "urgent": (URGENT,)}
REST = os.environ.get("FAULTS_REST", "all")
MOST_TICKET_S, MOST_PAGE_S, MOST_LAG_S = 1.0, 2.0, 30.0


def make_network() -> Operator:
    """A network that was looked at a moment ago, and is not connected yet."""
    at = clock.now() - timedelta(seconds=30)
    secret = registry.hash_password(PASSWORD.encode())
    stations = fleet.make(CONNECTORS, at, is_online=False, password_hash=secret)
    operator = stations[0].operator
    Token.objects.create(operator=operator, uid="BENCH")
    fleet.charge_all(at, days=2)
    fleet.count_from(at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return operator


def test_a_failure_is_a_ticket_in_a_page_within_two_seconds(tmp_path: Path) -> None:
    watcher = Watcher(make_network().pk)
    # what tests left in the broker is nobody's here
    watcher.forget_queues()
    port = free_port()
    celery = ("celery", "-A", "chargenet.celery")
    worker = (
        *celery,
        "worker",
        "--pool",
        "prefork",
        "--without-gossip",
        "--without-mingle",
        "--loglevel",
        "INFO",
    )
    urgent = (*worker, "--concurrency", "1", "--hostname", "u@bench", "--queues", "urgent")
    quick = (*worker, "--concurrency", "2", "--hostname", "q@bench", "--queues", "urgent,default")
    slow = (*worker, "--concurrency", "1", "--hostname", "s@bench", "--queues", "slow")
    beat = (*celery, "beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "")
    gateway = ("uvicorn", "chargenet.gateway:application", *serving.GATEWAY_FLAGS)
    with (
        running(tmp_path / "gateway.log", *gateway, f"--port={port}") as first,
        running(tmp_path / "worker.log", *quick, niceness=IN_TURN_NICENESS) as second,
        running(tmp_path / "slow.log", *slow, niceness=IN_TURN_NICENESS) as third,
        running(tmp_path / "urgent.log", *urgent) as fourth,
        running(tmp_path / "beat.log", *beat) as fifth,
    ):
        parts = {
            "gateway": first,
            "worker": second,
            "slow": third,
            "urgent": fourth,
            "beat": fifth,
        }
        found = measured(watcher, parts, port)
    print(json.dumps(found, indent=1), flush=True)
    assert found["ticket_s"]["p99"] < MOST_TICKET_S
    assert found["page_s"]["p99"] < MOST_PAGE_S
    assert found["timer_lag_s"]["max"] < MOST_LAG_S


def measured(watcher: Watcher, parts: dict[str, int], port: int) -> dict[str, Any]:
    """Let the network come, come to rest, and talk; returns what was seen."""
    network.await_port(port)
    talk = Talk(port=port, password=PASSWORD, stations=CONNECTORS // 2, seconds=SECONDS)
    came = talk.wait_for("connected", SETTLES_S)
    began = time.monotonic()
    while watcher.queue(*RESTS[REST]):
        assert time.monotonic() - began < SETTLES_S, watcher.queue(*RESTS[REST])
        time.sleep(0.2)
    settled_s = round(time.monotonic() - began, 1)
    watcher.look()
    watcher.tickets.clear()
    watcher.listen()
    before, load = spent(parts), os.getloadavg()[0]
    talk.go_on()
    report = watcher.watch(talk, "messages", SECONDS + 120)
    after = spent(parts)
    last = time.monotonic() + 30
    failed = {line["failed"]: line["at"] for line in talk.lines if "failed" in line}
    while failed.keys() - watcher.tickets.keys() and time.monotonic() < last:
        watcher.look()
        time.sleep(0.02)
    talk.go_on()
    # one that never came counts as late as we waited
    end, messages = time.time(), report["messages"]
    return {
        "connectors": CONNECTORS,
        "seconds": SECONDS,
        "load_average": [round(load, 1), round(os.getloadavg()[0], 1)],
        "all_connected_s": came["s"],
        "all_looked_at_after_s": settled_s,
        "said": report["said"],
        "messages_s": round(messages / SECONDS, 1),
        "answers": report["answers"],
        "cpu_ms_a_message": {
            name: round((after[name] - before[name]) * 1000 / messages, 2) for name in after
        },
        "cores": {name: round((after[name] - before[name]) / SECONDS, 2) for name in after},
        "failures": len(failed),
        "without_ticket": len(failed.keys() - watcher.tickets.keys()),
        "ticket_s": shown([watcher.tickets.get(one, end) - at for one, at in failed.items()]),
        "page_s": shown([_told(watcher, one) - at for one, at in failed.items()]),
        "timer_lag_s": shown(watcher.lags_s),
        "tasks_waiting": shown([float(one) for one in watcher.queued]),
    }


def _told(watcher: Watcher, station: str) -> float:
    """Return when an open page was told of a station's ticket: a page is told after the commit."""
    seen = watcher.tickets.get(station, time.time()) - 0.05
    return min((one for one in watcher.nudges if one >= seen), default=time.time())


def shown(values: list[float]) -> dict[str, float]:
    """Return the middle, the hundredth worst and the worst."""
    cuts = quantiles(values, n=100)
    return {
        "p50": round(cuts[49], 3),
        "p99": round(cuts[98], 3),
        "max": round(max(values), 3),
    }
