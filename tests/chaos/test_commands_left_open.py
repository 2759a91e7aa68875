"""X23 and X26: chargers that never answer a call, and a gateway that dies before the answer."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from websockets.exceptions import ConnectionClosed

from chargenet.core import clock
from stations import commands
from stations.models import Command, OcppFrame, Session, Station
from tests.chaos.checker import commands_left
from tests.chaos.conftest import IS_LONG, MakeFleet, MakeGateway, Report
from tests.chaos.fleet import Retrying
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

pytestmark = pytest.mark.chaos
CHARGERS = 20 if IS_LONG else 3
EACH = 3
TIMEOUT_S = 30 if IS_LONG else 1
ROUNDS = 15 if IS_LONG else 2


def station_of(identity: str) -> Station:
    return Station.objects.get(identity=identity)


async def ended(is_over: Callable[[], bool], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not await sync_to_async(is_over)():
            await asyncio.sleep(0.05)


def test_x23_a_charger_never_answers(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway(
        application="tests.chaos.doomed:application", CHAOS_CALL_TIMEOUT_S=str(TIMEOUT_S)
    )
    fleet = make_fleet(CHARGERS, lambda: gateway.url)

    def ask(identity: str) -> None:
        for _ in range(EACH):
            commands.send_command(station=station_of(identity), action="reset", as_of=clock.now())

    async def be_mute(identity: str, subprotocol: str) -> int:
        """Answer no call; say now and then that we live. Returns the calls heard."""
        async with Charger(gateway.url, identity, subprotocol) as charger:
            await sync_to_async(ask)(identity)
            while await sync_to_async(
                Command.objects.filter(station__identity=identity, action="reset")
                .exclude(state__in=Command.FINAL)
                .exists
            )():
                await charger.call("Heartbeat", {})
                await asyncio.sleep(0.1)
            await charger.call("Heartbeat", {})
            # the gateway asks for itself too how a station is that came without booting
            return sum(call[2] == "Reset" for call in charger.calls)

    async def script() -> list[int]:
        return await asyncio.gather(*(be_mute(c.identity, c.subprotocol) for c in fleet))

    heard = async_to_sync(script)()

    assert heard == [EACH] * CHARGERS
    asked = Command.objects.filter(action="reset")
    assert set(asked.values_list("state", flat=True)) == {"timeout"}
    for station in Station.objects.filter(identity__startswith="CHAOS"):
        # one the gateway queued for itself may not have left before the line ended
        sent = Command.objects.filter(station=station, sent_at__isnull=False)
        rows = list(sent.order_by("sent_at"))
        for earlier, later in itertools.pairwise(rows):
            assert earlier.finished_at is not None
            assert later.sent_at is not None
            assert later.sent_at >= earlier.finished_at, "two calls were open at once"
    report("X23", commands=sum(heard), timeouts=sum(heard), two_open_at_once=0)


class Silent:
    """Chargers that hear calls and answer none, at a gateway that is killed under them."""

    def __init__(self, gateway: GatewayProcess, fleet: list[Retrying]) -> None:
        self.gateway, self.fleet = gateway, fleet
        self.calls: list[str] = []
        self.listening: list[asyncio.Task[None]] = []
        self.chargers: list[Charger] = []

    async def come(self) -> None:
        url = self.gateway.url
        self.chargers = [Charger(url, c.identity, c.subprotocol) for c in self.fleet]
        await asyncio.gather(*(charger.connect() for charger in self.chargers))
        self.listening = [asyncio.create_task(self.listen(c)) for c in self.chargers]

    async def listen(self, charger: Charger) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = json.loads(await charger.socket.recv())
                if frame[0] == 2 and frame[2] != "TriggerMessage":
                    self.calls.append(frame[1])

    async def one_round(self, action: str, payload: dict[str, object]) -> None:
        await self.come()
        before = len(self.calls)
        await sync_to_async(self.ask)(action, payload)
        async with asyncio.timeout(30):
            while len(self.calls) < before + len(self.fleet):
                await asyncio.sleep(0.02)
        self.gateway.kill()
        await asyncio.gather(*self.listening)
        await asyncio.to_thread(self.gateway.start)

    def ask(self, action: str, payload: dict[str, object]) -> None:
        for charger in self.fleet:
            commands.send_command(
                station=station_of(charger.identity),
                action=action,
                payload=payload,
                as_of=clock.now(),
            )

    async def run(self) -> None:
        for _ in range(ROUNDS):
            await self.one_round("remote_start", {"token": "ASTRID01", "evse": 1})
            await self.one_round("reset", {})
        # they come back, and the doubt is settled; nothing is said a second time
        await self.come()
        await ended(lambda: not commands_left())
        await asyncio.gather(*(charger.socket.close() for charger in self.chargers))
        await asyncio.gather(*self.listening)


def test_x26_the_gateway_dies_before_the_answer(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    silent = Silent(gateway, make_fleet(CHARGERS, lambda: gateway.url))

    async_to_sync(silent.run)()

    sent = ROUNDS * 2 * CHARGERS
    assert len(silent.calls) == sent, "a command was sent a second time"
    asked = Command.objects.filter(action__in=["remote_start", "reset"])
    assert asked.count() == sent
    assert set(asked.values_list("state", flat=True)) == {"unknown"}
    assert Session.objects.count() == 0
    frames = OcppFrame.objects.filter(is_inbound=False).exclude(action="TriggerMessage")
    assert frames.count() == sent
    report("X26", sent=sent, sent_twice=0, unknown_after_kill=sent)
