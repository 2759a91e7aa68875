"""kill -9 of the gateway in the middle of transactions: nothing acknowledged is lost or doubled.

Short here; 200 chargers and 20 kills with CHARGENET_LONG=1 (`make nightly`).
"""

import asyncio
import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db.models import Count
from websockets.exceptions import InvalidHandshake, WebSocketException

from stations import registry
from stations.models import Inbox, MeterValue, OrphanStop, Session, Station
from tests.cast import Cast, make_cast, make_station
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess, database_url

IS_LONG = os.environ.get("CHARGENET_LONG") == "1"
CHARGERS, KILLS = (200, 20) if IS_LONG else (20, 3)
BETWEEN_KILLS_S = (1.0, 3.0)
SAMPLES = 4
ANSWER_WITHIN_S = 10
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Retrying:
    """A charger that sends every transaction message until it is answered."""

    def __init__(self, url: str, identity: str, seed: int) -> None:
        self.charger = Charger(url, identity)
        self.chance = random.Random(seed)
        self.clock = EPOCH
        self.is_done = False
        self.is_connected = False
        self.acknowledged = 0
        # what the gateway promised: transaction id -> (start Wh, samples Wh, stop Wh)
        self.sessions: dict[int, tuple[int, list[int], int]] = {}

    async def run(self) -> None:
        wh = 1000
        while not self.is_done:
            wh = await self.session(wh)
        await self.charger.socket.close()

    async def session(self, start_wh: int) -> int:
        start = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": start_wh}
        answer = await self.deliver("StartTransaction", start | self.stamp())
        number: int = answer["transactionId"]
        wh, samples = start_wh, []
        for _ in range(SAMPLES):
            wh += self.chance.randint(50, 150)
            value = {"value": str(wh), "unit": "Wh"}
            await self.deliver(
                "MeterValues",
                {
                    "connectorId": 1,
                    "transactionId": number,
                    "meterValue": [self.stamp() | {"sampledValue": [value]}],
                },
            )
            samples.append(wh)
        stop = {"transactionId": number, "meterStop": wh}
        await self.deliver("StopTransaction", stop | self.stamp())
        assert number not in self.sessions, "the same number was given twice"
        self.sessions[number] = (start_wh, samples, wh)
        return wh

    def stamp(self) -> dict[str, str]:
        self.clock += timedelta(minutes=1)
        return {"timestamp": self.clock.isoformat().replace("+00:00", "Z")}

    async def deliver(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a message until it is answered: with the same id, or with a new one."""
        message_id = f"{self.chance.getrandbits(64):x}"
        while True:
            try:
                await self.connected()
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    answer = await self.charger.call(action, payload, message_id)
            except (OSError, TimeoutError, WebSocketException):
                self.is_connected = False
                if self.chance.random() < 0.5:
                    message_id = f"{self.chance.getrandbits(64):x}"
                continue
            self.acknowledged += 1
            return answer

    async def connected(self) -> None:
        while not self.is_connected:
            try:
                await self.charger.connect()
                self.is_connected = True
            except (OSError, TimeoutError, InvalidHandshake):
                await asyncio.sleep(0.1 + self.chance.random() * 0.2)


@pytest.fixture
def killed_gateway(
    committed_db: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """A gateway of this test alone, to be killed."""
    log: Path = tmp_path_factory.mktemp("killed") / "log.txt"
    process = GatewayProcess(log, database_url())
    process.start()
    yield process
    process.stop()


def make_chargers(cast: Cast) -> list[Station]:
    stations = [make_station(cast.location, f"CHAOS{n:04}")[0] for n in range(CHARGERS)]
    key = registry.hash_password(PASSWORD.encode())
    Station.objects.filter(identity__startswith="CHAOS").update(password_hash=key)
    return stations


async def run_and_kill(gateway: GatewayProcess, chargers: list[Retrying]) -> None:
    chance = random.Random(4)
    tasks = [asyncio.create_task(charger.run()) for charger in chargers]
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(*BETWEEN_KILLS_S))
        gateway.kill()
        await asyncio.to_thread(gateway.start)
    for charger in chargers:
        charger.is_done = True
    async with asyncio.timeout(120):
        await asyncio.gather(*tasks)


@pytest.mark.chaos
def test_nothing_acknowledged_is_lost_or_doubled(killed_gateway: GatewayProcess) -> None:
    stations = make_chargers(make_cast())
    chargers = [
        Retrying(killed_gateway.url, station.identity, seed=n)
        for n, station in enumerate(stations)
    ]

    async_to_sync(run_and_kill)(killed_gateway, chargers)

    for station, charger in zip(stations, chargers, strict=True):
        _check(station, charger)
    assert OrphanStop.objects.count() == 0
    resent = Inbox.objects.filter(duplicates__gt=0).count()
    doubled = Inbox.objects.values("station_id", "key").annotate(n=Count("id")).filter(n__gt=1)
    assert not doubled.exists()
    figures = {
        "chargers": CHARGERS,
        "kills": KILLS,
        "acknowledged": sum(charger.acknowledged for charger in chargers),
        "sessions": sum(len(charger.sessions) for charger in chargers),
        "resent_after_their_commit": resent,
    }
    print(json.dumps(figures))


def _check(station: Station, charger: Retrying) -> None:
    """Compare what a charger was promised with what is there, one to one."""
    rows = {int(s.ocpp_transaction_id): s for s in Session.objects.filter(station=station)}
    assert rows.keys() == charger.sessions.keys()
    for number, (start_wh, samples, stop_wh) in charger.sessions.items():
        row = rows[number]
        assert (row.meter_start_wh, row.meter_stop_wh) == (start_wh, stop_wh)
        assert (row.state, row.energy_wh) == ("completed", stop_wh - start_wh)
        stored = MeterValue.objects.filter(session_id=row.pk).order_by("energy_wh")
        assert [value.energy_wh for value in stored] == samples
