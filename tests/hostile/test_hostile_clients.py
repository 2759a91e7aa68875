"""X21, S19, S20, S25: clients that want to hurt; memory and the neighbour say whether they did."""

import asyncio
import base64
import contextlib
import json
import os
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from websockets.exceptions import ConnectionClosed

from stations import registry
from stations.models import Session
from tests import figures
from tests.cast import Cast, make_station
from tests.hostile.conftest import Target
from tests.hostile.neighbour import Neighbour
from tests.integration.stations.charger import PASSWORD, Charger

KIB, MIB = 1024, 1024**2
CLIENTS = 50 if os.environ.get("CHARGENET_LONG") else 10
MOST_GROWTH = 150 * MIB
FRAME_LIMIT = 256 * KIB
TOO_BIG = 1009
RESULTS = 10_000
Attack = Callable[[str, str], Awaitable[Any]]


def attacked(cast: Cast, target: Target, attack: Attack, clients: int = CLIENTS) -> list[Any]:
    """Let clients attack beside an honest neighbour, hold the proofs, return what each saw."""
    for number in range(clients):
        station, _ = make_station(cast.location, f"HOSTILE-{number}")
        registry.set_password(station, PASSWORD)

    async def script() -> tuple[Neighbour, list[Any]]:
        neighbour = Neighbour(target.url)
        honest = asyncio.create_task(neighbour.charge())
        saw = await asyncio.gather(
            *(attack(target.url, f"HOSTILE-{number}") for number in range(clients))
        )
        neighbour.end()
        await honest
        return neighbour, list(saw)

    before = target.resident_bytes()
    neighbour, saw = async_to_sync(script)()
    assert target.process.poll() is None
    grown = target.resident_bytes() - before
    assert grown <= MOST_GROWTH
    assert target.holes() == []
    session = Session.objects.get(ocpp_transaction_id="honest")
    assert (session.state, session.energy_wh) == ("completed", neighbour.energy_wh)
    name = attack.__qualname__.partition(".")[0].removeprefix("test_")
    figures.keep_worst(
        "X21",
        name,
        clients=clients,
        grown_mib=max(0, round(grown / MIB)),
        honest_messages=neighbour.sent,
        honest_p99_ms=neighbour.p99_ms,
    )
    return saw


async def closed_code(charger: Charger, texts: Sequence[str]) -> int | None:
    """Send texts until the gateway closes, and return its code."""
    with contextlib.suppress(ConnectionClosed):
        for text in texts:
            await charger.send(text)
        while True:
            await charger.frame()
    return charger.socket.close_code


def test_a_frame_over_the_limit_ends_its_connection_and_no_other(
    cast: Cast, target: Target
) -> None:
    async def attack(url: str, identity: str) -> Any:
        async with Charger(url, identity) as charger:
            return await closed_code(charger, ["x" * (300 * KIB)])

    assert set(attacked(cast, target, attack)) == {TOO_BIG}


def test_the_largest_frame_allowed_is_answered(cast: Cast, target: Target) -> None:
    async def attack(url: str, identity: str) -> Any:
        async with Charger(url, identity) as charger:
            head, tail = '[2,"a","DataTransfer",{"vendorId":"v","data":"', '"}]'
            fill = "x" * (FRAME_LIMIT - len(head) - len(tail))
            return (await charger.say(head + fill + tail))[:2]

    assert attacked(cast, target, attack) == [[3, "a"]] * CLIENTS


def test_a_deflate_bomb_ends_its_connection_and_costs_little(cast: Cast, target: Target) -> None:
    """The frame is 64 MiB of blanks in 64 KiB: it must not be unpacked first."""
    # Once, and before anybody waits: packing takes half a second of the loop the neighbour is on.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = (packer.compress(b" " * 64 * MIB) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]

    async def attack(url: str, identity: str) -> Any:
        return await _bomb(url, identity, packed)

    assert set(attacked(cast, target, attack)) == {TOO_BIG}


async def _bomb(url: str, identity: str, packed: bytes) -> int:
    """Send one compressed frame by hand and return the code the gateway closes with."""
    host, _, port = url.removeprefix("ws://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    login = base64.b64encode(f"{identity}:{PASSWORD}".encode()).decode()
    writer.write(
        f"GET /ocpp/{identity} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n"
        f"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        f"Authorization: Basic {login}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"permessage-deflate" in head, head
    mask = b"\x00\x00\x00\x00"
    writer.write(b"\xc1\xff" + len(packed).to_bytes(8, "big") + mask + packed)
    await writer.drain()
    while (first := (await reader.readexactly(2)))[0] & 15 != 8:
        await reader.readexactly(first[1] & 127)
    code = int.from_bytes((await reader.readexactly(first[1] & 127))[:2], "big")
    writer.close()
    return code


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 40_000,
        '[2,"a","Heartbeat",{"n":' + "9" * 5000 + "}]",
        '[2,"a","Heartbeat",{"n":NaN}]',
        '[2,"a","Heartbeat",{"n":"\\u0000"}]',
        '[2,"a","Heartbeat",{"n":"\\ud800"}]',
        '[2,"a","Heartbeat",{"n":1,"n":2}]',
        '[2,"' + "a" * 5000 + '","Heartbeat",{}]',
        '[2,{},"Heartbeat",{}]',
        '[2,"a",[],{}]',
        '"' + "\\" * 99_999,
        "\u0000" * 1000,
    ],
    ids=range(12),
)
def test_a_text_nobody_should_send_leaves_the_connection_alive(
    cast: Cast, target: Target, text: str
) -> None:
    async def attack(url: str, identity: str) -> Any:
        async with Charger(url, identity) as charger:
            for _ in range(20):
                await charger.send(text)
            await charger.send('[2,"alive","Heartbeat",{}]')
            answers: list[Any] = []
            while not answers or answers[-1][1] != "alive":
                answers.append(await charger.frame())
            return answers

    for answers in attacked(cast, target, attack, clients=3):
        assert answers[-1][0] == 3
        assert {answer[0] for answer in answers} <= {2, 3, 4}
        assert all(len(json.dumps(answer)) < 600 for answer in answers)


def test_answers_nobody_waits_for_are_dropped(cast: Cast, target: Target) -> None:
    async def attack(url: str, identity: str) -> Any:
        async with Charger(url, identity) as charger:
            for number in range(RESULTS // CLIENTS):
                await charger.send(f'[3,"n{number}",{{"status":"Accepted"}}]')
            return await charger.call("Heartbeat", {})

    assert all("currentTime" in answer for answer in attacked(cast, target, attack))


def test_who_says_a_byte_at_a_time_holds_nobody_up(cast: Cast, target: Target) -> None:
    async def attack(url: str, identity: str) -> Any:
        host, _, port = url.removeprefix("ws://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        for byte in f"GET /ocpp/{identity} HTTP/1.1\r\n".encode()[:20]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
        writer.close()
        async with Charger(url, identity) as charger:
            return await charger.call("Heartbeat", {})

    assert all("currentTime" in answer for answer in attacked(cast, target, attack))


def test_a_flood_of_headers_is_refused(cast: Cast, target: Target) -> None:
    async def attack(url: str, identity: str) -> Any:
        host, _, port = url.removeprefix("ws://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with contextlib.suppress(ConnectionError):
            writer.write(f"GET /ocpp/{identity} HTTP/1.1\r\n".encode())
            writer.write(b"X-Flood: 1234567890\r\n" * 5000 + b"\r\n")
            await writer.drain()
        said = b""
        with contextlib.suppress(ConnectionError):
            said = (await reader.readline())[:12]
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return said

    assert set(attacked(cast, target, attack)) <= {b"HTTP/1.1 400", b"HTTP/1.1 431", b""}
