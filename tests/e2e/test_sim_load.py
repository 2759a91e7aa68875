"""The load mode: what it says was acknowledged was acknowledged, also over a killed server."""

import asyncio
import functools
import json
from typing import Any

import pytest

from stations.simulator import fleet, load, reading
from tests.e2e.sim_fleet import running_server, station, write_fleet

pytestmark = pytest.mark.asyncio
STATIONS = [station(place, "1.6" if place % 2 else "2.0.1") for place in range(1, 5)]


def _has_seen(server: Any, many: int) -> bool:
    return len(server.seen) > many


async def _drive(server: Any, folder: Any, *, disturb: Any = None, **more: Any) -> Any:
    options = load.Options(
        url=server.url, fleet=write_fleet(folder, *STATIONS), acks=folder / "acks", **more
    )
    task = asyncio.create_task(load.drive(options, fleet.load_fleet(options.fleet)))
    if disturb is not None:
        await disturb()
    report = json.loads(await task)
    rows = [json.loads(line) for line in (folder / "acks").read_text().splitlines()]
    return report, rows


async def test_a_loop_is_complete_and_valid(tmp_path: Any) -> None:
    async with running_server() as server:
        report, rows = await _drive(server, tmp_path, loops=3)

        assert server.problems == []
    assert report["transactions"] == 12
    assert report["messages"] == len(rows) == 4 * 3 * 13
    assert report["errors"] == {}
    kinds = [row["kind"] for row in rows if row["station"] == "CP-1"][:13]
    assert kinds == ["Authorize", "StartTransaction", *["MeterValues"] * 10, "StopTransaction"]


async def test_what_was_acknowledged_was_received_also_over_a_killed_server(tmp_path: Any) -> None:
    async with running_server() as server:

        async def kill_twice() -> Any:
            for many in (60, 200):
                await server.until(functools.partial(_has_seen, server, many))
                await server.stop()
                await server.start(server.port)

        report, rows = await _drive(server, tmp_path, loops=12, disturb=kill_twice)

    received = {json.dumps(_key(one), sort_keys=True) for one in server.seen}
    acked = [json.dumps({"at": row["station"]} | row["key"], sort_keys=True) for row in rows]
    stops = [ack for row, ack in zip(rows, acked, strict=True) if row["kind"] == "StopTransaction"]
    assert stops
    assert set(stops) <= received
    assert len(set(acked)) >= len(stops)
    assert report["reconnects"] >= 4
    assert report["transactions"] == 48


def _key(seen: Any) -> Any:
    names = {"transaction": "transactionId", "meter_stop": "meterStop", "timestamp": "timestamp"}
    return {"at": seen.station} | {ours: seen.payload.get(name) for ours, name in names.items()}


async def test_a_wrong_password_ends_the_load_with_a_reason(tmp_path: Any) -> None:
    async with running_server() as server:
        server.passwords["CP-3"] = "another"
        with pytest.raises(reading.BadInput, match="CP-3: login refused with HTTP 401"):
            await _drive(server, tmp_path, loops=1)


async def test_a_start_without_an_answer_is_asked_again_before_it_counts(tmp_path: Any) -> None:
    async with running_server() as server:
        lost: dict[str, Any] = {}

        def mute(seen: Any) -> bool:
            if seen.action != "StartTransaction" or seen.station in lost:
                return False
            lost[seen.station] = seen.payload
            server.drop(seen.station)
            return True

        server.mute = mute
        report, rows = await _drive(server, tmp_path, loops=1)

    starts = {row["station"]: row for row in rows if row["kind"] == "StartTransaction"}
    assert set(starts) == set(lost) == {"CP-1", "CP-3"}
    assert {row["answer"]["transactionId"] for row in starts.values()} == set(server.given)
    assert {name: one["meterStart"] for name, one in lost.items()} == {
        name: row["key"]["meter_start"] for name, row in starts.items()
    }
    assert report["resent"] == 2
