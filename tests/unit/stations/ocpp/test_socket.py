"""A station that never reads is cut off; one that reads gets its answer at once."""

import asyncio
from typing import Any
from unittest import mock

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from stations.ocpp import socket
from stations.ocpp.socket import LinkClosed, Socket


def protocol(*, is_writable: bool) -> Any:
    """A connection of the server's, as far as sending needs one."""
    made: Any = WebSocketsSansIOProtocol.__new__(WebSocketsSansIOProtocol)
    made.writable = asyncio.Event()
    if is_writable:
        made.writable.set()
    made.close_sent = made.disconnected = False
    made.conn = mock.Mock(state=State.OPEN, extensions=[])
    made.transport = mock.Mock()
    return made


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (2, b"\x81\x02"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
    ],
)
def test_a_frame_leaves_at_once_with_its_head(size: int, head: bytes) -> None:
    made = protocol(is_writable=True)

    assert Socket(made.send).write(b"x" * size)

    made.transport.write.assert_called_once_with(head + b"x" * size)


def test_a_longer_frame_and_a_foreign_server_go_the_ordinary_way() -> None:
    made = protocol(is_writable=True)

    async def foreign(_: object) -> None: ...

    assert not Socket(made.send).write(b"x" * 65536)
    assert not Socket(foreign).write(b"x")
    made.transport.write.assert_not_called()


def test_who_never_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "SENT_WITHIN_S", 0.01)
    made = protocol(is_writable=False)

    async def script() -> None:
        await Socket(made.send).send(b"[3]")

    with pytest.raises(LinkClosed):
        asyncio.run(script())
    made.transport.write.assert_not_called()
    made.transport.abort.assert_called_once_with()


def test_a_goodbye_nobody_reads_cuts_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "SENT_WITHIN_S", 0.01)
    made = protocol(is_writable=False)

    asyncio.run(Socket(made.send).close(1013))

    made.transport.abort.assert_called_once_with()
