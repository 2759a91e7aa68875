"""Chargers that send a transaction message until it is answered, and what they were promised."""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.integration.stations.charger import Charger

ANSWER_WITHIN_S = 10
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES = 4


@dataclass
class Promised:
    """One session as the gateway acknowledged it, in Wh."""

    start_wh: int
    samples: list[int] = field(default_factory=list)
    stop_wh: int = 0


class Retrying:
    """A charger that never gives a message up; after a failure with the same id or a new one."""

    subprotocol = "ocpp1.6"

    def __init__(self, urls: Callable[[], str], identity: str, seed: int) -> None:
        self.urls = urls
        self.charger = Charger(urls(), identity, self.subprotocol)
        self.identity = identity
        self.chance = random.Random(seed)
        self.clock = EPOCH
        self.is_done = False
        self.is_connected = False
        self.acknowledged = 0
        self.resent = 0
        self.connected_at: list[float] = []
        self.sessions: dict[str, Promised] = {}

    async def run(self, sessions: int | None = None) -> None:
        wh = 1000
        while not self.is_done and (sessions is None or len(self.sessions) < sessions):
            wh = await self.session(wh)
        if self.is_connected:
            await self.charger.socket.close()
            self.is_connected = False

    async def session(self, start_wh: int) -> int:
        start = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": start_wh}
        answer = await self.deliver("StartTransaction", start | self.stamp())
        number = str(answer["transactionId"])
        assert number not in self.sessions, "the same number was given twice"
        promised = self.sessions[number] = Promised(start_wh)
        wh = start_wh
        for _ in range(SAMPLES):
            wh += self.chance.randint(50, 150)
            sample = self.stamp() | {"sampledValue": [{"value": str(wh), "unit": "Wh"}]}
            payload = {"connectorId": 1, "transactionId": int(number), "meterValue": [sample]}
            await self.deliver("MeterValues", payload)
            promised.samples.append(wh)
        stop = {"transactionId": int(number), "meterStop": wh}
        await self.deliver("StopTransaction", stop | self.stamp())
        promised.stop_wh = wh
        return wh

    def stamp(self) -> dict[str, str]:
        self.clock += timedelta(minutes=1)
        return {"timestamp": self.clock.isoformat().replace("+00:00", "Z")}

    def new_id(self) -> str:
        return f"{self.chance.getrandbits(64):x}"

    async def deliver(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a message until it is answered; a CALLERROR is a failed assertion."""
        message_id = self.new_id()
        while True:
            try:
                await self.connected()
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    answer = await self.charger.call(action, payload, message_id)
            except (OSError, TimeoutError, WebSocketException):
                self.is_connected = False
                self.resent += 1
                if self.chance.random() < 0.5:
                    message_id = self.new_id()
                continue
            self.acknowledged += 1
            return answer

    async def connected(self) -> None:
        while not self.is_connected:
            try:
                self.charger.url = f"{self.urls()}/ocpp/{self.identity}"
                await self.charger.connect()
                self.is_connected = True
                self.connected_at.append(asyncio.get_running_loop().time())
            except (OSError, TimeoutError, InvalidHandshake):
                await asyncio.sleep(0.1 + self.chance.random() * 0.2)


class Retrying201(Retrying):
    """The same in OCPP 2.0.1: the charger names its transactions."""

    subprotocol = "ocpp2.0.1"

    async def session(self, start_wh: int) -> int:
        number = f"{self.identity}-{len(self.sessions)}"
        promised = Promised(start_wh)
        wh = start_wh
        await self.event(number, 0, "Started", wh, "Transaction.Begin")
        self.sessions[number] = promised
        for step in range(1, SAMPLES + 1):
            wh += self.chance.randint(50, 150)
            await self.event(number, step, "Updated", wh, "Sample.Periodic")
            promised.samples.append(wh)
        await self.event(number, SAMPLES + 1, "Ended", wh, "Transaction.End")
        promised.stop_wh = wh
        return wh

    async def event(self, number: str, seq_no: int, kind: str, wh: int, context: str) -> None:
        stamp = self.stamp()
        value = {"value": wh, "context": context, "measurand": "Energy.Active.Import.Register"}
        await self.deliver(
            "TransactionEvent",
            stamp
            | {
                "eventType": kind,
                "triggerReason": "MeterValuePeriodic",
                "seqNo": seq_no,
                "transactionInfo": {"transactionId": number},
                "evse": {"id": 1, "connectorId": 1},
                "meterValue": [stamp | {"sampledValue": [value]}],
            },
        )


async def run_all(
    chargers: Iterable[Retrying], trouble: Callable[[], Any], *, within_s: float = 180
) -> None:
    """Let the chargers charge while trouble comes, and finish what they began."""
    chargers = list(chargers)
    tasks = [asyncio.create_task(charger.run()) for charger in chargers]
    await trouble()
    for charger in chargers:
        charger.is_done = True
    async with asyncio.timeout(within_s):
        await asyncio.gather(*tasks)
