"""What the fleet says is valid OCPP, and it says a session in the right order."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.sim_fleet import fleet_running, running_server, station

pytestmark = pytest.mark.asyncio
BOTH = (station(1, "1.6"), station(2, "2.0.1"), station(3, "1.6"), station(4, "2.0.1"))


def _ended(server: Any, many: Any) -> Any:
    stops = server.of("StopTransaction")
    ends = [one for one in server.of("TransactionEvent") if one.payload["eventType"] == "Ended"]
    return len(stops) >= many and len(ends) >= many


async def test_every_frame_of_both_versions_is_valid(tmp_path: Any) -> None:
    async with running_server() as server, fleet_running(server, tmp_path, *BOTH):
        await server.until(lambda: _ended(server, 6))

        assert server.problems == []


async def test_a_station_boots_tells_its_status_and_beats(tmp_path: Any) -> None:
    async with running_server() as server:
        server.answer = lambda seen: {"interval": 1} if seen.action == "BootNotification" else None
        async with fleet_running(server, tmp_path, *BOTH[:2], demand=0.0):
            await server.until(
                lambda: {s.station for s in server.of("Heartbeat")} >= {"CP-1", "CP-2"}
            )

        first = [(one.action, one.payload.get("connectorId")) for one in server.of(station="CP-1")]
        assert first[:4] == [
            ("BootNotification", None),
            ("StatusNotification", 0),
            ("StatusNotification", 1),
            ("StatusNotification", 2),
        ]
        second = [one.action for one in server.of(station="CP-2")]
        assert second[:3] == ["BootNotification", "StatusNotification", "StatusNotification"]


async def test_a_16_session_runs_through_the_states_and_its_register_only_rises(
    tmp_path: Any,
) -> None:
    async with running_server() as server, fleet_running(server, tmp_path, station(1, "1.6")):
        await server.until(lambda: len(server.of("StopTransaction")) >= 4)

    numbers = set()
    words = {one.payload["status"] for one in server.of("StatusNotification")}
    assert {"Available", "Preparing", "Charging", "SuspendedEV", "Finishing"} <= words
    for stop in server.of("StopTransaction"):
        numbers.add(stop.payload["transactionId"])
    assert len(numbers) == len(server.of("StopTransaction"))
    for connector in (1, 2):
        registers = [
            int(one.payload["meterValue"][0]["sampledValue"][0]["value"])
            for one in server.of("MeterValues")
            if one.payload["connectorId"] == connector
        ]
        assert registers == sorted(registers)


async def test_a_201_transaction_counts_from_0_without_a_gap(tmp_path: Any) -> None:
    stations = [station(place, "2.0.1") for place in range(1, 7)]
    async with running_server() as server, fleet_running(server, tmp_path, *stations):
        await server.until(
            lambda: (
                sum(e.payload["eventType"] == "Ended" for e in server.of("TransactionEvent")) >= 8
            )
        )

    by_id: dict[str, list[Any]] = {}
    for one in server.of("TransactionEvent"):
        by_id.setdefault(one.payload["transactionInfo"]["transactionId"], []).append(one.payload)
    starts = {events[0]["triggerReason"] for events in by_id.values()}
    assert {"CablePluggedIn", "Authorized"} <= starts
    for events in by_id.values():
        assert [event["seqNo"] for event in events] == list(range(len(events)))
        assert [event["eventType"] for event in events].count("Started") == 1
        assert any("idToken" in event for event in events) or len(events) < 3


async def test_energy_is_never_more_than_power_times_the_real_time(tmp_path: Any) -> None:
    async with running_server() as server, fleet_running(server, tmp_path, *BOTH):
        await server.until(lambda: _ended(server, 5))

    checked = 0
    for stop in server.of("StopTransaction"):
        starts = [
            one.payload
            for one in server.of("StartTransaction", station=stop.station)
            if one.payload["meterStart"] <= stop.payload["meterStop"]
            and one.payload["timestamp"] <= stop.payload["timestamp"]
        ]
        begin = max(starts, key=lambda one: one["meterStart"])
        ended = datetime.fromisoformat(stop.payload["timestamp"])
        hours = (ended - datetime.fromisoformat(begin["timestamp"])).total_seconds() / 3600
        delivered = stop.payload["meterStop"] - begin["meterStart"]
        limit_w = 22_000 if begin["connectorId"] == 1 else 150_000
        assert 0 <= delivered <= limit_w * hours + 1
        assert ended <= datetime.now(UTC)
        checked += 1
    assert checked


async def test_samples_tell_energy_power_current_voltage_and_temperature(tmp_path: Any) -> None:
    async with running_server() as server, fleet_running(server, tmp_path, station(1, "1.6")):
        await server.until(
            lambda: {one.payload["connectorId"] for one in server.of("MeterValues")} == {1, 2}
        )

    for connector, extra, rows in ((1, set(), 10), (2, {"SoC"}, 7)):
        sample = next(
            one.payload["meterValue"][0]["sampledValue"]
            for one in server.of("MeterValues")
            if one.payload["connectorId"] == connector
        )
        assert len(sample) == rows
        assert {row["measurand"] for row in sample} == extra | {
            "Energy.Active.Import.Register",
            "Power.Active.Import",
            "Power.Offered",
            "Current.Import",
            "Voltage",
            "Temperature",
        }
        assert sample[-1]["location"] == "Cable"


async def test_a_refused_token_never_starts_to_charge(tmp_path: Any) -> None:
    async with running_server() as server:
        server.answer = lambda seen: (
            {"idTagInfo": {"status": "Blocked"}} if seen.action == "Authorize" else None
        )
        async with fleet_running(server, tmp_path, station(1, "1.6")):
            await server.until(lambda: len(server.of("Authorize")) >= 3)

    assert server.of("StartTransaction") == []


async def test_a_start_that_is_not_accepted_is_stopped_as_deauthorized(tmp_path: Any) -> None:
    async with running_server() as server:
        server.answer = lambda seen: (
            {"transactionId": 7, "idTagInfo": {"status": "Blocked"}}
            if seen.action == "StartTransaction"
            else None
        )
        async with fleet_running(server, tmp_path, station(1, "1.6"), speed=50.0, demand=3600.0):
            await server.until(lambda: bool(server.of("StopTransaction")))

    stop = server.of("StopTransaction")[0]
    assert stop.payload["reason"] == "DeAuthorized"
    assert stop.payload["transactionId"] == 7


@pytest.mark.parametrize("word", ["Pending", "Rejected"])
async def test_nothing_but_boot_is_sent_until_the_station_is_accepted(
    tmp_path: Any, word: Any
) -> None:
    async with running_server() as server:
        boots = itertools.count(1)
        server.answer = lambda seen: (
            {"status": word if next(boots) < 3 else "Accepted", "interval": 1}
            if seen.action == "BootNotification"
            else None
        )
        async with fleet_running(server, tmp_path, station(1, "2.0.1")):
            await server.until(lambda: bool(server.of("StatusNotification")))

    assert [one.action for one in server.seen[:4]] == ["BootNotification"] * 3 + [
        "StatusNotification"
    ]
