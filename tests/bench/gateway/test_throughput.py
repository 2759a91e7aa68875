"""The gateway beside the bare server and beside the usual way, in one run: ratios are printed.

200 chargers in the transaction loop of either version, closed loop, every answer after its commit.
The server has one core, the load generator and PostgreSQL the other. What a noisy machine does to
a rate it does to its neighbour in the same round, so each round has its own ratio and the median
counts; CPU per message says the same with less noise.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from stations.models import OcppFrame
from tests.bench.gateway.servers import ECHO, GATEWAY, NAIVE, Load, measure, serving

CHARGERS = int(os.environ.get("BENCH_CHARGERS", "200"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
# The naive server stores half as much as ours and is measured once.
LEAST_OF_ECHO, LEAST_OF_NAIVE = 0.35, 10


def one_round(application: str, log: Path, **how: object) -> dict[str, Any]:
    with serving(application, log) as server:
        found = measure("closed", server, chargers=CHARGERS, **how)
    written = log.read_text()
    assert application != GATEWAY or "Traceback" not in written, written
    return found


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_gateway_beside_the_bare_server(
    network: Callable[[int], None], tmp_path: Path, version: str
) -> None:
    network(CHARGERS)
    rounds = []
    for number in range(ROUNDS):
        echo = one_round(ECHO, tmp_path / f"echo{number}", version=version, seconds=SECONDS)
        ours = one_round(
            GATEWAY, tmp_path / f"ours{number}", version=version, seconds=SECONDS, boot=True
        )
        rounds.append((echo, ours))
    report: dict[str, Any] = {
        "version": version,
        "chargers": CHARGERS,
        "echo": [echo for echo, _ in rounds],
        "gateway": [ours for _, ours in rounds],
        "gateway_to_echo": _ratio([(o["messages_per_s"], e["messages_per_s"]) for e, o in rounds]),
        "echo_cpu_to_gateway_cpu": _ratio(
            [(e["server_cpu_us"], o["server_cpu_us"]) for e, o in rounds]
        ),
        "frames": OcppFrame.objects.count(),
    }
    if version == "1.6":
        naive = one_round(NAIVE, tmp_path / "naive", version=version, seconds=SECONDS)
        report["naive"] = naive
        rates = median(ours["messages_per_s"] for _, ours in rounds)
        report["gateway_to_naive"] = round(rates / naive["messages_per_s"], 1)
        assert report["gateway_to_naive"] >= LEAST_OF_NAIVE
    print(json.dumps(report, indent=1))
    assert report["frames"] == sum(ours["said"] for _, ours in rounds)
    assert report["echo_cpu_to_gateway_cpu"] >= LEAST_OF_ECHO


def _ratio(pairs: list[tuple[float, float]]) -> float:
    return round(median(ours / theirs for ours, theirs in pairs), 2)


def test_two_gateways_cost_what_one_costs(network: Callable[[int], None], tmp_path: Path) -> None:
    network(2 * CHARGERS)
    one, both = [], []
    for number in range(ROUNDS):
        found = one_round(GATEWAY, tmp_path / f"one{number}", seconds=SECONDS, boot=True)
        one.append(found)
        both.append(_two(tmp_path, number))
    report = {
        "one_us": median(found["server_cpu_us"] for found in one),
        "two_us": median(cpu for cpu, _ in both),
        "frames": OcppFrame.objects.count(),
    }
    report["two_to_one"] = round(report["two_us"] / report["one_us"], 2)
    print(json.dumps(report, indent=1))
    said = sum(found["said"] for found in one) + sum(said for _, said in both)
    assert report["frames"] == said
    assert report["two_to_one"] <= 1.25


def _two(tmp_path: Path, number: int) -> tuple[float, int]:
    """Return CPU per message and messages of two gateways that share the server's core."""
    with (
        serving(GATEWAY, tmp_path / f"first{number}") as first,
        serving(GATEWAY, tmp_path / f"second{number}") as second,
    ):
        how = {"chargers": CHARGERS, "seconds": SECONDS, "boot": True}
        loads = [
            Load("closed", first, **how),
            Load("closed", second, first=CHARGERS, **how),
        ]
        for load in loads:
            load.line()
        before = first.cpu_s() + second.cpu_s()
        reports = [load.line() for load in loads]
        spent = first.cpu_s() + second.cpu_s() - before
        for load in loads:
            load.end()
    messages = sum(report["messages"] for report in reports)
    return round(spent / messages * 1e6, 1), sum(report["said"] for report in reports)
