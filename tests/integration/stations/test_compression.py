"""Compression is had by who asks for it, and keeps nothing between two messages (RFC 7692)."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.typing import Subprotocol

from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, basic
from tests.integration.stations.conftest import GatewayProcess


@pytest.mark.parametrize("wish", ["deflate", None])
def test_a_station_gets_the_compression_it_asks_for(
    cast: Cast, gateway: GatewayProcess, wish: str | None
) -> None:
    async def script() -> tuple[list[Any], list[Any]]:
        async with connect(
            f"{gateway.url}/ocpp/NORD-AC-1",
            subprotocols=[Subprotocol("ocpp1.6")],
            additional_headers=basic(b"NORD-AC-1", PASSWORD.encode()),
            compression=wish,
        ) as socket:
            await socket.send('[2,"m1","Heartbeat",{}]')
            answer = json.loads(await socket.recv())
            return list(socket.protocol.extensions), answer

    extensions, answer = async_to_sync(script)()

    assert answer[:2] == [3, "m1"]
    if wish is None:
        assert extensions == []
    else:
        (deflate,) = extensions
        assert isinstance(deflate, PerMessageDeflate)
        assert deflate.local_no_context_takeover
        assert deflate.remote_no_context_takeover
