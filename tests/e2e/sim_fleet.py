"""Run a small fleet against the test server, in a hurry."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from stations.simulator import plan, runner
from tests.e2e.sim_server import SimServer

# Sessions last a second or two; everything recorded is still power times real seconds.
HURRY: dict[str, Any] = {"speed": 30_000.0, "demand": 6.0, "floor_s": 0.0, "warm": False}


def station(place: int, ocpp: str, *connectors: dict[str, Any]) -> dict[str, Any]:
    usual = (
        {"number": 1, "kind": "socket", "current": "AC", "max_power_kw": 22},
        {"number": 2, "current": "DC", "max_power_kw": 150},
    )
    identity = f"CP-{place}"
    return {
        "identity": identity,
        "password": f"{identity}-password-1",
        "ocpp": ocpp,
        "connectors": list(connectors or usual),
    }


def write_fleet(folder: Path, *stations: dict[str, Any]) -> Path:
    path = folder / "fleet.json"
    tokens = [f"TAG{place}" for place in range(6)]
    path.write_text(json.dumps({"tokens": tokens, "stations": list(stations)}), encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def fleet_running(
    server: SimServer,
    folder: Path,
    *stations: dict[str, Any],
    trouble: list[dict[str, Any]] | None = None,
    state: Path | None = None,
    seed: int = 1,
    **pace: Any,
) -> AsyncIterator[runner.Fleet]:
    """Run a fleet; leaving the context switches its power off, without a word to the server."""
    scenario = None
    if trouble is not None:
        scenario = folder / "scenario.json"
        scenario.write_text(json.dumps({"misbehaviour": trouble}), encoding="utf-8")
    options = runner.Options(
        url=server.url,
        fleet=write_fleet(folder, *stations),
        scenario=scenario,
        state=state,
        seed=seed,
        pace=plan.Pace(**(HURRY | pace)),
        quiet=True,
    )
    fleet = runner.Fleet(options)
    task = asyncio.create_task(fleet.run(asyncio.Event()))
    try:
        yield fleet
        if task.done():
            task.result()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def running_server() -> AsyncIterator[SimServer]:
    server = SimServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
