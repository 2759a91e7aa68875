"""Each kind of misbehaviour is on the wire when its scenario says so."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.sim_fleet import fleet_running, running_server, station

pytestmark = pytest.mark.asyncio


def _bad(kind: Any, **options: Any) -> Any:
    return [{"kind": kind, "stations": ["*"]} | options]


def _faults(server: Any) -> Any:
    return [
        one.payload
        for one in server.of("StatusNotification")
        if "Faulted" in (one.payload.get("status"), one.payload.get("connectorStatus"))
    ]


async def test_a_16_fault_carries_its_codes_and_clears(tmp_path: Any) -> None:
    trouble = _bad(
        "faulted", connector=1, from_s=0.5, to_s=1.0, error_code="GroundFailure",
        vendor_error_code="CX002", vendor_id="v", info="leak",
    )  # fmt: skip
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble, demand=0.0),
    ):
        await server.until(lambda: bool(_faults(server)))
        seen = len(server.seen)
        await server.until(
            lambda: any(
                (one.payload.get("status"), one.payload.get("connectorId")) == ("Available", 1)
                for one in server.seen[seen:]
            )
        )

    assert _faults(server)[0] | {"timestamp": ""} == {
        "connectorId": 1,
        "errorCode": "GroundFailure",
        "status": "Faulted",
        "timestamp": "",
        "info": "leak",
        "vendorId": "v",
        "vendorErrorCode": "CX002",
    }
    assert server.problems == []


async def test_a_201_fault_is_an_event_and_a_status(tmp_path: Any) -> None:
    trouble = _bad("faulted", connector=2, from_s=0.5, to_s=1.0, vendor_error_code="CX002")
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "2.0.1"), trouble=trouble, demand=0.0),
    ):
        await server.until(lambda: len(server.of("NotifyEvent")) >= 2)

    come, gone = (one.payload["eventData"][0] for one in server.of("NotifyEvent"))
    assert (come["techCode"], come["actualValue"], come["cleared"]) == ("CX002", "true", False)
    assert (gone["actualValue"], gone["cleared"]) == ("false", True)
    assert come["component"] == {"name": "Connector", "evse": {"id": 2, "connectorId": 1}}
    assert _faults(server)[0]["evseId"] == 2
    assert server.problems == []


async def test_a_warning_keeps_the_connector_in_service(tmp_path: Any) -> None:
    trouble = _bad("faulted", error_code="HighTemperature", keep_status=True)
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble),
    ):
        await server.until(lambda: bool(server.of("StopTransaction")))

    words = {
        one.payload["status"]
        for one in server.of("StatusNotification")
        if one.payload["errorCode"] == "HighTemperature"
    }
    assert "Charging" in words
    assert "Faulted" not in words


async def test_a_running_session_ends_when_its_connector_breaks(tmp_path: Any) -> None:
    trouble = _bad("faulted", from_s=2.0)
    slow: dict[str, Any] = {"speed": 50.0, "demand": 3600.0}
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble, **slow),
    ):
        await server.until(lambda: bool(_faults(server)))
        await server.until(lambda: bool(server.of("StopTransaction")))

    assert server.of("StopTransaction")[0].payload["reason"] == "Other"


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
async def test_failing_sessions_come_often_and_deliver_nothing(tmp_path: Any, ocpp: Any) -> None:
    trouble = _bad(
        "failing_sessions", connector=1, after_s=0.2, every_s=0.2, reason="EVCommunicationLost"
    )
    starts, stops = [], []
    async with running_server() as server:
        async with fleet_running(server, tmp_path, station(1, ocpp), trouble=trouble, demand=0.0):
            await server.until(lambda: len(_ends(server)) >= 4)

        starts = [_register(one.payload) for one in _begins(server)]
        stops = [_register(one.payload) for one in _ends(server)]
    assert all(0 <= stop - start < 50 for start, stop in zip(starts, stops, strict=False))
    if ocpp == "2.0.1":
        assert {one.payload["triggerReason"] for one in _ends(server)} == {"EVCommunicationLost"}


def _begins(server: Any) -> Any:
    events = server.of("TransactionEvent")
    started = [one for one in events if one.payload["eventType"] == "Started"]
    return server.of("StartTransaction") + started


def _ends(server: Any) -> Any:
    events = server.of("TransactionEvent")
    return server.of("StopTransaction") + [
        one for one in events if one.payload["eventType"] == "Ended"
    ]


def _register(payload: Any) -> Any:
    if "meterValue" in payload:
        return payload["meterValue"][0]["sampledValue"][0]["value"]
    return payload.get("meterStart", payload.get("meterStop"))


async def test_a_stuck_session_draws_nothing_and_does_not_end(tmp_path: Any) -> None:
    trouble = _bad("stuck_session", connector=2)
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble, demand=0.0) as fleet,
    ):
        connector = fleet.stations[0].connectors[2]
        connector.meter.register_wh = 1_000.0
        await server.until(lambda: bool(server.of("StartTransaction")))
        connector.meter.delivered_wh = 200.0
        await server.until(
            lambda: sum(_power(one.payload) == "0" for one in server.of("MeterValues")) >= 3
        )
        assert connector.word == "Charging"

    assert server.of("StopTransaction") == []


def _power(payload: Any) -> Any:
    return payload["meterValue"][0]["sampledValue"][1]["value"]


async def test_a_wrong_clock_is_in_every_timestamp(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(
            server, tmp_path, station(1, "1.6"), trouble=_bad("clock_skew", seconds=-3900)
        ),
    ):
        await server.until(lambda: bool(server.of("StartTransaction")))

    told = datetime.fromisoformat(server.of("StartTransaction")[0].payload["timestamp"])
    assert timedelta(seconds=3890) < datetime.now(UTC) - told < timedelta(seconds=3960)


@pytest.mark.parametrize("ids", ["same", "new"])
async def test_duplicates_repeat_the_frame(tmp_path: Any, ids: Any) -> None:
    trouble = _bad("duplicate", ids=ids, share=1.0)
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble),
    ):
        await server.until(lambda: len(server.of("StopTransaction")) >= 2)

    first, second = server.of("StopTransaction")[:2]
    assert first.payload == second.payload
    assert (first.message_id == second.message_id) == (ids == "same")


async def test_late_stops_come_at_the_end_and_in_order(tmp_path: Any) -> None:
    trouble = _bad("late", from_s=0, to_s=2.5)
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble) as fleet,
    ):
        await server.until(lambda: len(server.of("StartTransaction")) >= 2)
        early = len(server.of("StopTransaction", "MeterValues"))
        assert fleet.clock.elapsed_s() > 2.5 or early == 0
        await server.until(lambda: len(server.of("StopTransaction")) >= 2)

    stops = [one.payload["timestamp"] for one in server.of("StopTransaction")]
    received = server.seen.index(server.of("StopTransaction")[0])
    assert stops == sorted(stops)
    assert received > server.seen.index(server.of("StartTransaction")[1])


async def test_a_cable_gets_hot_and_tells_it(tmp_path: Any) -> None:
    trouble = _bad("hot_cable", connector=1, to_c=95, over_s=1)
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble, demand=0.0),
    ):
        await server.until(
            lambda: any(_temperature(one.payload) > 85 for one in server.of("MeterValues"))
        )

    told = [_temperature(one.payload) for one in server.of("MeterValues")]
    assert told == sorted(told)
    assert max(told) <= 95


def _temperature(payload: Any) -> Any:
    return float(payload["meterValue"][0]["sampledValue"][-1]["value"])


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
async def test_the_end_of_an_unknown_transaction_is_told(tmp_path: Any, ocpp: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(
            server, tmp_path, station(1, ocpp), trouble=_bad("stop_unknown_tx"), demand=0.0
        ),
    ):
        await server.until(lambda: bool(_ends(server)))

    assert _begins(server) == []
    assert server.problems == []


async def test_a_boot_loop_boots_again_and_again(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(
            server, tmp_path, station(1, "2.0.1"), trouble=_bad("boot_loop", every_s=0.5)
        ),
    ):
        await server.until(lambda: len(server.of("BootNotification")) >= 3)

    assert server.of("BootNotification")[-1].payload["reason"] == "Watchdog"


@pytest.mark.parametrize("how", ["close", "silent"])
async def test_an_offline_station_is_not_heard_and_comes_back(tmp_path: Any, how: Any) -> None:
    trouble = _bad("offline", how=how, from_s=1.0, to_s=2.0)
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble) as fleet,
    ):
        await server.until(lambda: bool(server.seen))
        async with asyncio.timeout(10):
            while fleet.stations[0].allowed.is_set():
                await asyncio.sleep(0.01)
        if how == "silent":
            assert fleet.stations[0].link is not None
        seen = len(server.seen)
        await server.until(lambda: server.connections >= 2)
        heard = len(server.seen)
        await server.until(lambda: len(server.seen) > heard + 5)

    assert heard - seen <= 2
