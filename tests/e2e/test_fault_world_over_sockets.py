"""One seed of the benchmark over real sockets: the tickets are those of the engine in memory.

The world's frames go to a real gateway process whose clock is told the world's time, so rows carry
the instants they would have; looks and sweeps are the worker's verbs with the same `as_of`.
"""

import json
import os
import struct
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from faults import detection, recorded
from faults.engine.fleet import ConnectorPlace, Fleet, StationPlace
from faults.models import Ticket
from stations import recordings, registry
from stations.models import Location, Station
from tests import cast as scene
from tests.bench.faults.world import frames
from tests.bench.faults.world.world import World
from tests.e2e.virtual_gateway import FILE, reader
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess, database_url

IS_LONG = bool(os.environ.get("CHARGENET_LONG"))
SEED, SIZE, DENSITY, HOURS = (1, 16, 250.0, 24) if IS_LONG else (1, 8, 300.0, 5)
SWEEP_EVERY = timedelta(seconds=60)
# Sweeps run on the minute, and a ticket waits half a minute for company.
NEAR = timedelta(seconds=180)
# What a worker is nudged by; ordinary samples and heartbeats are not among it.
NUDGING = {
    "StatusNotification", "StartTransaction", "StopTransaction", "TransactionEvent",
    "BootNotification", "NotifyEvent", "SecurityEventNotification", "FirmwareStatusNotification",
}  # fmt: skip


class VirtualGateway(GatewayProcess):
    application = "tests.e2e.virtual_gateway:application"


class Ticker:
    """The clock both sides read."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(struct.pack("d", 0.0))
        self.path, self.told = path, reader(path)

    def set(self, at: datetime) -> None:
        self.told[:8] = struct.pack("d", at.timestamp())


class Answering(Charger):
    """A charger that turns down whatever the gateway asks of it."""

    async def call(self, action: str, payload: Any, message_id: str = "") -> dict[str, Any]:
        await self.send(json.dumps([2, message_id, action, payload]))
        while True:
            frame = await self.frame()
            if frame[0] == 2:
                await self.send(json.dumps([3, frame[1], {"status": "Rejected"}]))
                continue
            assert frame[0] == 3, frame
            answer: dict[str, Any] = frame[2]
            return answer


@pytest.fixture
def ticker(tmp_path: Path) -> Ticker:
    return Ticker(tmp_path / "clock")


@pytest.fixture
def virtual(committed_db: None, ticker: Ticker, tmp_path: Path) -> Iterator[VirtualGateway]:
    process = VirtualGateway(tmp_path / "log.txt", database_url())
    process.environment[FILE] = str(ticker.path)
    process.start()
    yield process
    process.stop()
    assert "Traceback" not in process.log.read_text(), process.log.read_text()


def _world() -> World:
    return World(SEED, 1, SIZE, density=DENSITY)


def _rows(path: Path) -> list[recordings.RecordedRow]:
    world = _world()
    until = world.begin + timedelta(hours=HOURS)
    with path.open("w") as out:
        for row in frames.rows(world):
            if datetime.fromisoformat(row["ts"]) < until:
                out.write(json.dumps(row) + "\n")
    return list(recordings.read_conversation(path))


def _places(world: World) -> Iterator[StationPlace]:
    for site in world.sites:
        for station in site.stations:
            yield StationPlace(
                name=frames.name_of(station.id),
                site=f"Site {site.id}",
                version=station.make.version,
                connectors=tuple(
                    ConnectorPlace(
                        evse=one.evse, max_power_w=one.power_w, is_dc=station.make.is_dc
                    )
                    for one in station.connectors
                ),
            )


def _in_memory(rows: list[recordings.RecordedRow], until: datetime) -> dict[Any, list[datetime]]:
    fleet = Fleet(_places(_world()))
    for _ in recorded.play_conversation(fleet, rows):
        pass
    fleet.advance(until)
    found: dict[Any, list[datetime]] = {}
    for job in fleet.tickets():
        where = fleet.where(job.place)
        key = (job.code, job.severity, where.station or where.site, where.connector)
        found.setdefault(key, []).append(job.opened_at)
    return found


def _register() -> None:
    owner = scene.make_cast().operator
    for site in _world().sites:
        location = Location.objects.create(operator=owner, name=f"Site {site.id}")
        for station in site.stations:
            kind = "tethered" if station.make.is_dc else "socket"
            made, connectors = scene.make_station(
                location,
                frames.name_of(station.id),
                kind=kind,
                version=station.make.version,
                count=len(station.connectors),
            )
            registry.set_password(made, PASSWORD)
            for row, one in zip(connectors, station.connectors, strict=True):
                type(row).objects.filter(pk=row.pk).update(max_power_w=one.power_w)


class Play:
    """The rows over sockets, with the worker's verbs between them."""

    def __init__(self, url: str, ticker: Ticker) -> None:
        self.url, self.ticker = url, ticker
        self.chargers: dict[str, Answering] = {}
        # Numbers of sessions: ours by the message that asked, ours by the world's.
        self.ours: dict[str, int] = {}
        self.numbers: dict[int, int] = {}
        self.ids = dict(Station.objects.values_list("identity", "pk"))
        self.swept: datetime | None = None

    async def run(self, rows: list[recordings.RecordedRow], until: datetime) -> None:
        for row in rows:
            if row.direction == "cs->cp":
                self._learn(row.frame)
                continue
            await self._sweep(row.at)
            self.ticker.set(row.at)
            if row.direction == "event":
                await self._event(row)
            elif row.station in self.chargers:
                await self._say(row)
        await self._sweep(until)
        for charger in self.chargers.values():
            await charger.socket.close()

    async def _event(self, row: recordings.RecordedRow) -> None:
        if row.event == "connect":
            charger = Answering(self.url, row.station, f"ocpp{row.version}")
            await charger.connect()
            self.chargers[row.station] = charger
        elif row.station in self.chargers:
            await self.chargers.pop(row.station).socket.close()
            await sync_to_async(self._gone)(row.station)
        await self._look(row)

    def _gone(self, identity: str) -> None:
        deadline = time.monotonic() + 20
        while Station.objects.filter(identity=identity, is_online=True).exists():
            assert time.monotonic() < deadline, f"{identity} never went"
            time.sleep(0.005)

    async def _say(self, row: recordings.RecordedRow) -> None:
        _, message, action, payload = row.frame
        if "transactionId" in payload and action != "StartTransaction":
            number = payload["transactionId"]
            payload = {**payload, "transactionId": self.numbers.get(number, number)}
        answer = await self.chargers[row.station].call(action, payload, message)
        if action == "StartTransaction":
            self.ours[message] = answer["transactionId"]
        if action in NUDGING:
            await self._look(row)

    def _learn(self, frame: list[Any]) -> None:
        """Take from the world's answer which of our numbers stands for its own."""
        if frame[1] in self.ours:
            self.numbers[frame[2]["transactionId"]] = self.ours.pop(frame[1])

    async def _look(self, row: recordings.RecordedRow) -> None:
        await sync_to_async(detection.examine_station)(
            station_id=self.ids[row.station], as_of=row.at
        )

    async def _sweep(self, at: datetime) -> None:
        self.swept = self.swept or at
        while self.swept + SWEEP_EVERY <= at:
            self.swept += SWEEP_EVERY
            self.ticker.set(self.swept)
            await sync_to_async(_sweep_all)(self.swept)


def _sweep_all(as_of: datetime) -> None:
    detection.sweep_silent(as_of=as_of)
    detection.sweep_unexamined(as_of=as_of)


def _in_database() -> dict[Any, list[datetime]]:
    found: dict[Any, list[datetime]] = {}
    for row in Ticket.objects.select_related("station", "connector__evse", "location"):
        place = row.station.identity if row.station else str(row.location)
        connector = str(row.connector.evse.number) if row.connector else ""
        found.setdefault((row.code, row.severity, place, connector), []).append(row.opened_at)
    return found


def test_a_world_over_sockets_gives_the_tickets_it_gives_in_memory(
    virtual: VirtualGateway, ticker: Ticker, tmp_path: Path
) -> None:
    rows = _rows(tmp_path / "rows.jsonl")
    until = _world().begin + timedelta(hours=HOURS)
    expected = _in_memory(rows, until)
    ticker.set(rows[0].at)
    _register()
    async_to_sync(Play(virtual.url, ticker).run)(rows, until)
    got = _in_database()
    assert sorted(got, key=str) == sorted(expected, key=str)
    assert len(got) >= 2, "a world in which nothing happens proves nothing"
    for key, instants in expected.items():
        assert len(got[key]) == len(instants), key
        for ours, theirs in zip(sorted(got[key]), sorted(instants), strict=True):
            assert abs(ours - theirs) <= NEAR, key
