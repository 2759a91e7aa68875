"""The log of frames: one row an exchange, also of what nobody understood, and never a flood."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from stations import commands
from stations.models import OcppFrame
from stations.ocpp import odd
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

Until = Callable[[Callable[[], object]], object]


def test_a_refused_frame_is_kept_with_its_error(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> list[Any]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            return [
                await charger.say('[2,"m1","CustomOperation",{}]'),
                await charger.say("garbage"),
            ]

    answers = async_to_sync(script)()

    rows = list(OcppFrame.objects.order_by("received_at"))
    assert [(row.action, row.message_id, row.error) for row in rows] == [
        ("CustomOperation", "m1", "NotImplemented"),
        ("", "-1", "FormationViolation"),
    ]
    assert [json.loads(bytes(row.answer or b"")) for row in rows] == answers
    assert bytes(rows[1].frame) == b"garbage"


def test_a_frame_that_deserves_no_answer_is_kept_without_one(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await charger.send('[6,"m1","NotifyPeriodicEventStream",{}]')
            await charger.send('[3,"never-asked",{}]')
            await charger.call("Heartbeat", {})

    async_to_sync(script)()

    ignored, unasked, heartbeat = OcppFrame.objects.order_by("received_at")
    assert (ignored.answer, ignored.answered_at, ignored.error) == (None, None, "")
    assert (unasked.message_id, unasked.answer) == ("never-asked", None)
    assert heartbeat.action == "Heartbeat"


def test_a_flood_of_garbage_is_answered_and_its_rest_only_counted(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    many = 4 * odd.MOST

    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            for _ in range(many):
                assert (await charger.say("[" + "x" * 9000))[0] == 4

    async_to_sync(script)()
    until(lambda: OcppFrame.objects.filter(error="LeftOut").exists())

    kept = OcppFrame.objects.exclude(error="LeftOut")
    # a minute may have begun meanwhile
    assert kept.count() in {odd.MOST, 2 * odd.MOST}
    assert max(len(bytes(row.frame)) for row in kept) == odd.MAX_KEPT
    told = OcppFrame.objects.filter(error="LeftOut")
    assert sum(json.loads(bytes(row.frame))["leftOut"] for row in told) == many - kept.count()


def test_a_call_of_ours_refused_by_the_station_shows_its_code(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await sync_to_async(commands.send_command)(
                station=cast.ac_station, action="ClearCache", payload={}, as_of=datetime.now(UTC)
            )
            call = await charger.called()
            await charger.send(json.dumps([4, call[1], "NotSupported", "no cache", {}]))
            await sync_to_async(until)(OcppFrame.objects.exclude(error="").exists)

    async_to_sync(script)()

    row = OcppFrame.objects.get(is_inbound=False)
    assert (row.action, row.error) == ("ClearCache", "NotSupported")
    assert b"no cache" in bytes(row.answer or b"")


def test_a_password_in_an_answer_is_not_readable(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    key = {"key": "AuthorizationKey", "readonly": False, "value": "correct-horse"}

    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await sync_to_async(commands.send_command)(
                station=cast.ac_station,
                action="GetConfiguration",
                payload={},
                as_of=datetime.now(UTC),
            )
            call = await charger.called()
            await charger.send(json.dumps([3, call[1], {"configurationKey": [key]}]))
            await sync_to_async(until)(
                OcppFrame.objects.filter(is_inbound=False, answer__isnull=False).exists
            )

    async_to_sync(script)()

    answer = bytes(OcppFrame.objects.get(is_inbound=False).answer or b"")
    assert b"AuthorizationKey" in answer
    assert b"correct-horse" not in answer
