"""A server that goes away loses nothing: the queue is kept, in order, until it is answered."""

import asyncio
import json
from typing import Any

import pytest

from stations.simulator import memory
from tests.e2e.sim_fleet import fleet_running, running_server, station
from tests.e2e.sim_server import SimServer

pytestmark = pytest.mark.asyncio
DURABLE = ("StartTransaction", "MeterValues", "StopTransaction")


def _times(server: Any, *actions: Any, station: Any = None) -> Any:
    return [
        one.payload.get("timestamp") or one.payload["meterValue"][0]["timestamp"]
        for one in server.of(*actions, station=station)
    ]


async def _outage(server: SimServer, fleet, ready) -> None:
    """Take the server away until the fleet's queue holds what is wanted, and bring it back."""
    await server.stop()
    async with asyncio.timeout(20):
        while not ready(fleet.stations[0]):
            await asyncio.sleep(0.02)
    await server.start(server.port)


def _queued(role: Any, many: Any) -> Any:
    return lambda one: sum(i.role == role for i in one.outbox.queue) >= many


async def test_16_sessions_of_an_outage_arrive_in_order_with_their_numbers(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6")) as fleet,
    ):
        await server.until(lambda: bool(server.of("StopTransaction")))
        before = len(server.seen)
        await _outage(server, fleet, _queued("stop", 2))
        await server.until(
            lambda: sum(one.action == "StopTransaction" for one in server.seen[before:]) >= 3,
            40,
        )

    assert _times(server, *DURABLE) == sorted(_times(server, *DURABLE))
    stops = [one.payload["transactionId"] for one in server.of("StopTransaction")]
    assert -1 not in stops
    assert len(set(stops)) == len(stops)
    assert server.problems == []


async def test_201_events_of_an_outage_are_marked_offline_and_keep_their_order(
    tmp_path: Any,
) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(2, "2.0.1")) as fleet,
    ):
        await server.until(lambda: bool(server.of("TransactionEvent")))
        before = len(server.seen)
        await _outage(server, fleet, _queued("stop", 2))
        await server.until(
            lambda: (
                sum(one.payload.get("eventType") == "Ended" for one in server.seen[before:]) >= 3
            ),
            40,
        )

    offline = [one for one in server.of("TransactionEvent") if one.payload.get("offline")]
    assert len(offline) >= 3
    by_id: dict[str, list[int]] = {}
    for one in server.of("TransactionEvent"):
        payload = one.payload
        by_id.setdefault(payload["transactionInfo"]["transactionId"], []).append(payload["seqNo"])
    for numbers in by_id.values():
        assert numbers == list(range(len(numbers)))


async def test_an_unanswered_message_is_sent_again_with_the_same_content(tmp_path: Any) -> None:
    async with running_server() as server:
        first: list[Any] = []

        def mute(seen: Any) -> Any:
            if seen.action == "StopTransaction" and not first:
                first.append(seen)
                server.drop(seen.station)
            return first[:1] == [seen]

        server.mute = mute
        async with fleet_running(server, tmp_path, station(1, "1.6")):
            await server.until(
                lambda: (
                    sum(o.payload == first[0].payload for o in server.of("StopTransaction")) >= 2
                    if first
                    else False
                )
            )
            before = server.seen.index(first[0])

    later = server.seen[before + 1 :]
    again = next(one for one in later if one.action in DURABLE)
    assert again.payload == first[0].payload


async def test_a_refused_message_is_tried_three_times_and_does_not_block_the_queue(
    tmp_path: Any,
) -> None:
    async with running_server() as server:
        refused = SimServer.refusal("InternalError")
        server.answer = lambda seen: refused if seen.action == "StartTransaction" else None
        async with fleet_running(server, tmp_path, station(1, "1.6", speed_connector())) as fleet:
            await server.until(lambda: bool(server.of("StopTransaction")))

    starts = server.of("StartTransaction")
    assert starts[0].payload == starts[1].payload == starts[2].payload
    assert server.of("StopTransaction")[0].payload["transactionId"] == -1
    assert fleet.counters.discarded >= 1


def speed_connector() -> Any:
    return {"number": 1, "current": "DC", "max_power_kw": 150}


@pytest.mark.parametrize("status", [401, 404, 503])
async def test_a_refused_login_is_tried_again_with_back_off(tmp_path: Any, status: Any) -> None:
    async with running_server() as server:
        server.status = status
        async with fleet_running(server, tmp_path, station(1, "1.6")) as fleet:
            async with asyncio.timeout(10):
                while not fleet.counters.causes.get(f"HTTP {status}"):
                    await asyncio.sleep(0.02)
            server.status = None
            await server.until(lambda: bool(server.of("BootNotification")))


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
async def test_a_session_open_at_a_power_cut_is_ended_at_the_next_start(
    tmp_path: Any, ocpp: Any
) -> None:
    state = tmp_path / "state.json"
    async with running_server() as server:
        async with fleet_running(
            server, tmp_path, station(1, ocpp), state=state, speed=100.0, demand=3600.0
        ) as one:
            started = "StartTransaction" if ocpp == "1.6" else "TransactionEvent"
            await server.until(lambda: bool(server.of(started)))
            async with asyncio.timeout(10):
                while not any(c.tx and c.tx.id for c in one.stations[0].connectors.values()):
                    await asyncio.sleep(0.02)
            memory.save(state, one.stations)
        before = len(server.seen)
        kept = json.loads(state.read_text())["stations"]["CP-1"]
        async with fleet_running(
            server, tmp_path, station(1, ocpp), state=state, demand=0.0
        ) as two:
            await server.until(
                lambda: any("PowerLoss" in str(o.payload) for o in server.seen[before:])
            )
            registers = {
                str(number): connector.meter.register_wh
                for number, connector in two.stations[0].connectors.items()
            }

    assert kept["open"]
    assert registers == kept["registers"]
    assert server.problems == []
