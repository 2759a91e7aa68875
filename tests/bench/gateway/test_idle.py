"""What ten thousand silent stations cost one process, and how fast a thousand come in."""

import json
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench.gateway.servers import GATEWAY, Load, serving

CHARGERS = int(os.environ.get("BENCH_IDLE", "10000"))
SECONDS = float(os.environ.get("BENCH_IDLE_SECONDS", "30"))
# KiB a connection, by the issue; milliseconds; seconds for a thousand handshakes.
MOST_KIB = {False: 40, True: 90}
MOST_P99_MS, MOST_S = 100, 10


@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflate"])
def test_ten_thousand_idle_stations(
    network: Callable[[int], None], tmp_path: Path, deflate: bool
) -> None:
    network(CHARGERS)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving(GATEWAY, tmp_path / "log", deflate=deflate) as server:
        # what a process needs whoever comes: routes, schemas, statements
        first = Load("connect", server, chargers=20, deflate=deflate)
        first.line()
        before = server.memory_kib()
        first.end()
        load = Load(
            "idle",
            server,
            chargers=CHARGERS,
            at_once=50,
            every=30,
            seconds=SECONDS,
            deflate=deflate,
        )
        connected: dict[str, Any] = load.line()
        report = connected | load.line()
        report["kib_each"] = round((server.memory_kib() - before) / CHARGERS, 1)
        load.end()
    report["deflate"] = deflate
    report["thousand_in_s"] = round(connected["connected_in_s"] / CHARGERS * 1000, 2)
    print(json.dumps(report, indent=1))
    assert report["kib_each"] <= MOST_KIB[deflate]
    assert report["thousand_in_s"] <= MOST_S
