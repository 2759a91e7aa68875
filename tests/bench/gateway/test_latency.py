"""How long an answer takes at half of the highest rate, quiet and while others reconnect."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.gateway.servers import ECHO, GATEWAY, Load, Server, measure, serving

CHARGERS = int(os.environ.get("BENCH_MANY", "2000"))
NEWCOMERS = CHARGERS // 2
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def test_answers_at_half_of_the_highest_rate(
    network: Callable[[int], None], tmp_path: Path
) -> None:
    network(CHARGERS + NEWCOMERS)
    with serving(GATEWAY, tmp_path / "highest") as server:
        how = {"chargers": CHARGERS, "boot": True, "seconds": SECONDS, "warm_up": 3}
        highest = measure("closed", server, **how)
    rate = round(highest["messages_per_s"] / 2)
    rounds = []
    for number in range(ROUNDS):
        with serving(ECHO, tmp_path / f"echo{number}") as server:
            echo = measure("open", server, chargers=CHARGERS, rate=rate, seconds=SECONDS)
        with serving(GATEWAY, tmp_path / f"ours{number}") as server:
            ours, storm = _quiet_and_stormy(server, rate)
        rounds.append({"echo": echo, "quiet": ours, "storm": storm})
    best = {name: min(r[name]["p99_ms"] for r in rounds) for name in ("echo", "quiet", "storm")}
    report = {
        "highest": highest["messages_per_s"],
        "rate": rate,
        "rounds": rounds,
        "p99_ms": best,
        "quiet_to_echo": round(best["quiet"] / best["echo"], 1),
        "storm_to_echo": round(best["storm"] / best["echo"], 1),
    }
    print(json.dumps(report, indent=1))
    assert all(r["storm"]["messages"] > 0 for r in rounds)


def _quiet_and_stormy(server: Server, rate: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Measure a steady rate, then the same rate while other stations connect."""
    how = {"chargers": CHARGERS, "rate": rate, "seconds": SECONDS}
    quiet = measure("open", server, boot=True, **how)
    load = Load("open", server, boot=True, warm_up=2, **how)
    load.line()
    crowd = Load("connect", server, first=CHARGERS, chargers=NEWCOMERS, at_once=200)
    storm = load.line()
    storm["newcomers_in_s"] = crowd.line()["connected_in_s"]
    load.end()
    crowd.end()
    return quiet, storm
