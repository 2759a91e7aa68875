"""Commands: rows that reach their station once, and always end somewhere."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from stations import commands
from stations.models import Command, OcppFrame, Station
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

Until = Callable[[Callable[[], object]], object]


def sent(station: Station, action: str, payload: Any = None, **more: Any) -> Command:
    return commands.send_command(
        station=station, action=action, payload=payload, as_of=datetime.now(UTC), **more
    )


def answered(
    gateway: GatewayProcess,
    command: Callable[[], Command],
    answer: Callable[[Charger, list[Any]], Awaitable[None]],
    **how: str,
) -> tuple[list[Any], Command]:
    """Send a command to a connected station, answer it, and return the call and its end."""

    async def run() -> tuple[list[Any], int]:
        async with Charger(gateway.url, how.pop("identity", "NORD-AC-1"), **how) as charger:
            row = await sync_to_async(command)()
            call = await charger.called()
            await answer(charger, call)
            await charger.call("Heartbeat", {})
            return call, row.pk

    call, pk = async_to_sync(run)()
    return call, Command.objects.get(pk=pk)


def with_status(status: str) -> Callable[[Charger, list[Any]], Awaitable[None]]:
    async def answer(charger: Charger, call: list[Any]) -> None:
        await charger.send(json.dumps([3, call[1], {"status": status}]))

    return answer


def ended(until: Until, command: Command) -> Command:
    until(lambda: Command.objects.get(pk=command.pk).state in Command.FINAL)
    return Command.objects.get(pk=command.pk)


@pytest.mark.parametrize(
    ("action", "payload", "name", "wire"),
    [
        (
            "remote_start",
            {"token": "ASTRID01", "evse": 1},
            "RemoteStartTransaction",
            {"idTag": "ASTRID01", "connectorId": 1},
        ),
        ("remote_stop", {"transaction": "17"}, "RemoteStopTransaction", {"transactionId": 17}),
        ("reset", {"type": "hard"}, "Reset", {"type": "Hard"}),
        (
            "trigger_message",
            {"message": "StatusNotification", "evse": 1},
            "TriggerMessage",
            {"requestedMessage": "StatusNotification", "connectorId": 1},
        ),
        ("UnlockConnector", {"connectorId": 1}, "UnlockConnector", {"connectorId": 1}),
    ],
)
def test_a_command_is_said_in_1_6(
    cast: Cast,
    gateway: GatewayProcess,
    until: Until,
    action: str,
    payload: dict[str, Any],
    name: str,
    wire: dict[str, Any],
) -> None:
    call, command = answered(
        gateway, lambda: sent(cast.ac_station, action, payload), with_status("Accepted")
    )

    assert call[2:] == [name, wire]
    command = ended(until, command)
    assert (command.state, command.answer) == ("accepted", {"status": "Accepted"})
    assert command.message_id == call[1]
    exchange = OcppFrame.objects.get(is_inbound=False, action=name)
    assert (exchange.message_id, exchange.error) == (call[1], "")
    assert json.loads(bytes(exchange.frame)) == call
    assert json.loads(bytes(exchange.answer or b"")) == [3, call[1], {"status": "Accepted"}]
    assert exchange.answered_at


@pytest.mark.parametrize(
    ("action", "payload", "name"),
    [
        ("remote_start", {"token": "BO0001", "evse": 1}, "RequestStartTransaction"),
        ("remote_stop", {"transaction": "t-1"}, "RequestStopTransaction"),
        ("reset", {}, "Reset"),
        ("trigger_message", {"message": "StatusNotification", "evse": 1}, "TriggerMessage"),
    ],
)
def test_a_command_is_said_in_2_0_1(
    cast: Cast,
    gateway: GatewayProcess,
    until: Until,
    action: str,
    payload: dict[str, Any],
    name: str,
) -> None:
    call, command = answered(
        gateway,
        lambda: sent(cast.dc_station, action, payload),
        with_status("Rejected"),
        identity="NORD-DC-1",
        subprotocol="ocpp2.0.1",
    )

    assert call[2] == name
    assert ended(until, command).state == "rejected"


@pytest.mark.parametrize(
    ("text", "state", "error"),
    [
        ('[4,"%s","NotSupported","no",{}]', "error", "NotSupported no"),
        ('[3,"%s",{"configurationKey":[]', "error", "BadAnswer The frame is no JSON."),
        # The schema makes it say yes or no: neither is no answer to rely on.
        ('[3,"%s",{}]', "unknown", "The answer does not say whether it will be done."),
    ],
)
def test_any_answer_ends_the_command(
    cast: Cast, gateway: GatewayProcess, until: Until, text: str, state: str, error: str
) -> None:
    async def answer(charger: Charger, call: list[Any]) -> None:
        await charger.send(text % call[1])

    _, command = answered(gateway, lambda: sent(cast.ac_station, "reset"), answer)

    command = ended(until, command)
    assert (command.state, command.error) == (state, error)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("remote_start", {}),
        ("Reset", {"type": "Sideways"}),
        ("NoSuchThing", {}),
        ("remote_stop", {"transaction": "not-a-number"}),
    ],
)
def test_what_breaks_the_schema_never_leaves(
    cast: Cast, gateway: GatewayProcess, until: Until, action: str, payload: dict[str, Any]
) -> None:
    async def run() -> Command:
        async with Charger(gateway.url, "NORD-AC-1"):
            command = await sync_to_async(sent)(cast.ac_station, action, payload)
            return await sync_to_async(ended)(until, command)

    command = async_to_sync(run)()

    assert command.state == "error"
    assert command.sent_at is None


def test_a_command_waits_for_its_station_and_one_is_open_at_a_time(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    rows = [sent(cast.ac_station, "reset"), sent(cast.ac_station, "Reset", {"type": "Hard"})]

    async def run() -> list[str]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            seen = []
            for _ in rows:
                call = await charger.called()
                # a call of the station comes before its answer to ours, and is answered first
                await charger.call("Heartbeat", {})
                assert charger.calls == []
                seen.append(call[3]["type"])
                await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            await charger.call("Heartbeat", {})
            return seen

    assert async_to_sync(run)() == ["Soft", "Hard"]
    assert [ended(until, row).state for row in rows] == ["accepted", "accepted"]


def test_a_connection_that_ends_before_the_answer_leaves_it_unknown(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    async def run() -> list[Any]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await sync_to_async(sent)(cast.ac_station, "reset")
            return await charger.called()

    async_to_sync(run)()

    assert ended(until, Command.objects.get()).state == "unknown"


def test_what_is_too_old_expires_unsent(cast: Cast, gateway: GatewayProcess, until: Until) -> None:
    command = sent(cast.ac_station, "reset", lifetime=timedelta(seconds=-1))

    assert ended(until, command).state == "expired"


@pytest.mark.chaos
def test_after_a_kill_the_unsent_is_sent_and_the_unanswered_is_unknown(
    cast: Cast, gateway_process: GatewayProcess, gateway: GatewayProcess, until: Until
) -> None:
    async def first() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await sync_to_async(sent)(cast.ac_station, "reset")
            await charger.called()
            gateway_process.kill()

    async_to_sync(first)()
    heard = Command.objects.get()
    claimed = sent(cast.ac_station, "Reset", {"type": "Hard"})
    Command.objects.filter(pk=claimed.pk).update(state="claimed", claimed_epoch=1)
    gateway_process.start()

    call, _ = answered(gateway, Command.objects.first, with_status("Accepted"))  # type: ignore[arg-type]

    assert call[3] == {"type": "Hard"}
    assert ended(until, heard).state == "unknown"
    assert ended(until, claimed).state == "accepted"
