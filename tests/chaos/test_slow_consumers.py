"""X22: chargers that go on talking and never read what they are answered."""

import asyncio
import base64
import json
import re
import socket

import psutil
import pytest
from asgiref.sync import async_to_sync

from stations.models import Station
from tests.chaos.checker import check_fleet
from tests.chaos.conftest import IS_LONG, MakeFleet, MakeGateway, Report
from tests.chaos.fleet import Retrying, run_all
from tests.chaos.test_connections import is_so
from tests.integration.stations.charger import PASSWORD

pytestmark = pytest.mark.chaos
HONEST, MUTE = (50, 50) if IS_LONG else (4, 3)
# The product's own time, and the same in miniature.
SENT_WITHIN_S = 30 if IS_LONG else 1
CUT_WITHIN_S = 300 if IS_LONG else 20
MOST_EACH = 1024**2
# A charger's own buffer is small: what it does not read stays with the gateway.
RECEIVE_BUFFER = 4096
# Ten times what may wait for one of them: what the system holds of it is not ours.
PINGS = 80_000
# Long, so that few of them have come in when the line is cut.
TALK = 20_000


class NeverReads:
    """A charger that asks and asks, and leaves every answer on the line."""

    def __init__(self, port: int, identity: str) -> None:
        self.port, self.identity = port, identity
        self.asked = 0
        self.wire = socket.socket()

    async def talk(self) -> None:
        """Talk until the gateway cuts the line."""
        loop = asyncio.get_running_loop()
        while (head := await self._come_in()).startswith(b"HTTP/1.1 503"):
            await asyncio.sleep(0.5)
        assert head.startswith(b"HTTP/1.1 101"), head
        with self.wire:
            try:
                # pongs alone must not pile up either
                await loop.sock_sendall(self.wire, _masked(0x89, b"p" * 125) * PINGS)
                while True:
                    await loop.sock_sendall(self.wire, self._frame())
                    self.asked += 1
            except ConnectionError:
                return

    async def _come_in(self) -> bytes:
        """Knock, and return the head of the answer."""
        loop = asyncio.get_running_loop()
        self.wire.close()
        self.wire = socket.socket()
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self.wire.setblocking(False)
        await loop.sock_connect(self.wire, ("127.0.0.1", self.port))
        await loop.sock_sendall(self.wire, self._handshake())
        return await loop.sock_recv(self.wire, 1024)

    def _handshake(self) -> bytes:
        login = base64.b64encode(f"{self.identity}:{PASSWORD}".encode()).decode()
        return (
            f"GET /ocpp/{self.identity} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n"
            f"Authorization: Basic {login}\r\n\r\n"
        ).encode()

    def _frame(self) -> bytes:
        payload = {"vendorId": "mute", "data": "x" * TALK}
        return _masked(
            0x81, json.dumps([2, f"m{self.asked:08}", "DataTransfer", payload]).encode()
        )


def _masked(kind: int, data: bytes) -> bytes:
    size = len(data)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2)
    return bytes((kind,)) + length + b"\0\0\0\0" + data


def test_x22_a_charger_never_reads(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway(
        application="tests.chaos.doomed:application",
        CHAOS_SENT_WITHIN_S=str(SENT_WITHIN_S),
        LOG_LEVEL="WARNING",
    )
    everybody = make_fleet(2 * max(HONEST, MUTE), lambda: gateway.url)
    # a mute one speaks 1.6, as every other of the fleet does
    quiet = [charger for charger in everybody if type(charger) is Retrying][:MUTE]
    mute = [NeverReads(gateway.port, charger.identity) for charger in quiet]
    theirs = {one.identity for one in mute}
    honest = [charger for charger in everybody if charger.identity not in theirs][:HONEST]
    server = psutil.Process(gateway.process.pid)
    before = highest = 0

    async def trouble() -> None:
        nonlocal before, highest
        while not all(charger.sessions for charger in honest):
            await asyncio.sleep(0.05)
        # what serving anybody costs is there by now
        before = server.memory_info().rss
        async with asyncio.timeout(CUT_WITHIN_S), asyncio.TaskGroup() as group:
            talking = [group.create_task(one.talk()) for one in mute]
            while not all(task.done() for task in talking):
                highest = max(highest, server.memory_info().rss)
                await asyncio.sleep(0.1)
        here = Station.objects.filter(identity__in=theirs, is_online=True)
        await is_so(lambda: not here.exists(), 10)

    async_to_sync(run_all)(honest, trouble)

    figures = check_fleet(honest)
    waited = [int(size) for size in re.findall(r"waiting bytes=(\d+)", gateway.log.read_text())]
    assert len(waited) == MUTE, "each was cut off, for it reads nothing"
    assert max(waited) <= MOST_EACH
    asked = sum(one.asked for one in mute)
    report(
        "X22",
        never_read=MUTE,
        cut_off=MUTE,
        pings=MUTE * PINGS,
        asked=asked,
        waiting_kib_most=round(max(waited) / 1024),
        grown_mib=max(0, round((highest - before) / MOST_EACH)),
        **figures,
    )
