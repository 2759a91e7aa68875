"""What 2.1's frames add, and one call sent twice at once, over a real socket."""

import asyncio
import json
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from stations import commands
from stations.models import Command, OcppFrame, Station, StationReport, StatusChange
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.test_gateway_commands import Until, ended, sent

STREAM = '[6,"s1","NotifyPeriodicEventStream",{"id":3,"pending":0,"basetime":"%s","data":%s}]'
AT = "2026-11-22T08:00:00Z"


def test_a_send_is_stored_and_never_answered(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> dict[str, Any]:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.1") as charger:
            await charger.send(STREAM % (AT, '[{"t":0,"v":"230.1"}]'))
            await charger.send('[6,"s2","NoSuchStream",{}]')
            # Whatever the gateway says next must be the answer of this one.
            return await charger.call("Heartbeat", {})

    assert "currentTime" in async_to_sync(script)()
    report = StationReport.objects.get(kind="NotifyPeriodicEventStream")
    assert (report.request_id, report.payload["data"][0]["v"]) == (3, "230.1")
    row = OcppFrame.objects.get(action="NotifyPeriodicEventStream")
    assert row.answer is None


def test_an_answer_that_says_nothing_is_complained_about_in_2_1(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    async def script(answer: str) -> tuple[Command, list[Any]]:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.1") as charger:
            command = await sync_to_async(sent)(cast.dc_station, commands.RESET)
            call = await charger.frame()
            await charger.send(answer % call[1])
            complaint = await charger.frame()
            assert complaint[1] == call[1]
            return await sync_to_async(ended)(until, command), complaint

    command, complaint = async_to_sync(script)('[3,"%s",{}]')
    assert (command.state, complaint[0], complaint[2]) == ("unknown", 5, "FormatViolation")
    command, complaint = async_to_sync(script)('[3,"%s",[]]')
    assert (command.state, complaint[0]) == ("error", 5)


def test_what_a_2_1_station_holds_against_us_is_kept(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.1") as charger:
            await charger.send('[5,"m1","FormatViolation","no time",{}]')
            await charger.call("Heartbeat", {})

    async_to_sync(script)()

    row = OcppFrame.objects.get(message_id="m1")
    assert (row.error, row.answer) == ("FormatViolation", None)


def test_a_call_sent_twice_at_once_has_one_effect(cast: Cast, gateway: GatewayProcess) -> None:
    # Without a timestamp a status has no key of its own: only the message id tells.
    status = {"connectorId": 1, "status": "Charging", "errorCode": "NoError"}
    text = json.dumps([2, "m7", "StatusNotification", status])

    async def script() -> list[list[Any]]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await asyncio.gather(charger.send(text), charger.send(text))
            answers = [await charger.frame(), await charger.frame()]
            await charger.say(text.replace("m7", "m8"))
            return answers

    assert async_to_sync(script)() == [[3, "m7", {}], [3, "m7", {}]]
    assert StatusChange.objects.filter(status="Charging").count() == 2
    assert OcppFrame.objects.filter(message_id="m7").count() == 2


def test_a_2_x_station_is_heard_from_its_first_boot_on(
    cast: Cast, gateway: GatewayProcess
) -> None:
    Station.objects.filter(pk=cast.dc_station.pk).update(registration="new")
    boot = {"chargingStation": {"model": "X", "vendorName": "Y"}, "reason": "PowerUp"}

    async def script() -> list[Any]:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            before = await charger.say('[2,"m1","Heartbeat",{}]')
            booted = await charger.call("BootNotification", boot)
            return [before[2], booted["status"], await charger.call("Heartbeat", {})]

    early, booted, late = async_to_sync(script)()

    assert (early, booted) == ("SecurityError", "Accepted")
    assert "currentTime" in late
