"""What the schema checks of the transaction loop cost, beside what a message costs in all."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stations.ocpp import schemas
from tests.bench.gateway import frames
from tests.bench.gateway.servers import GATEWAY, measure, serving

TIMES, ROUNDS = 200, 30
ANSWERS = {
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 1, "idTagInfo": {"status": "Accepted"}},
    "MeterValues": {},
    "StopTransaction": {},
    "TransactionEvent": {},
}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_schema_checks_are_a_small_part(
    network: Callable[[int], None], tmp_path: Path, version: str
) -> None:
    network(200)
    with serving(GATEWAY, tmp_path / "log") as server:
        ours = measure("closed", server, version=version, chargers=200, seconds=4, boot=True)

    checks_us = _checks_us(version)
    share = checks_us / ours["server_cpu_us"]
    print(
        json.dumps(
            {"version": version, "checks_us": round(checks_us, 2), "share": round(share, 3)}
        )
    )
    assert share <= 0.15


def _checks_us(version: str) -> float:
    """Return what the checks of one message take, both ways, on average over the loop."""
    pairs = []
    for number in range(frames.LOOP):
        body = frames.SAY[version](number, b"1")
        _, _, action, payload = json.loads(body[body.index(b"[2,") :])
        answer = ANSWERS[action]
        if version != "1.6" and action == "Authorize":
            answer = {"idTokenInfo": {"status": "Accepted"}}
        pairs += [
            (schemas.checker(version, action, is_answer=False), payload),
            (schemas.checker(version, action, is_answer=True), answer),
        ]
    best = min(_once(pairs) for _ in range(ROUNDS))
    return best / TIMES / frames.LOOP * 1e6


def _once(pairs: list[tuple[Callable[[object], bool], object]]) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        for check, value in pairs:
            assert check(value)
    return time.perf_counter() - began
