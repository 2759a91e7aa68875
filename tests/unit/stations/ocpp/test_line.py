"""A frame goes straight to its link, in order, and the ordinary way where it cannot."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from stations.ocpp.line import IN_A_ROW, Line, Turns, line_of

HEAD = (
    b"GET /ocpp/A HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
SMALL, LONG, HUGE = "[2]", "x" * 300, "x" * 70_000


def framed(text: str, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    frame = Frame(opcode, text.encode("latin-1"), fin)
    return frame.serialize(mask=True)


class Talk:
    """A line with an application that notes what comes the ordinary way."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.direct: list[str] = []
        self.queued: list[str] = []
        self.is_busy = False

    def take(self, text: str) -> bool:
        if self.is_busy:
            return False
        self.direct.append(text)
        return True


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def talk(script: Callable[[Talk], Any], *, most: int = 262_144) -> Talk:
    """Run a script against an open line; its application hears until it is told to go."""

    async def run() -> Talk:
        held: dict[str, Talk] = {}

        async def application(_: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            found = line_of(receive)
            assert found is not None
            found.taker = held["talk"].take
            while (message := await receive())["type"] == "websocket.receive":
                held["talk"].queued.append(message.get("text") or "bytes")

        config = Config(app=application, ws=Line, ws_max_size=most, lifespan="off")
        config.load()
        line = Line(config, ServerState(), {})
        held["talk"] = Talk(line)
        transport = mock.Mock()
        transport.is_closing.return_value = False
        transport.get_extra_info.return_value = None
        line.connection_made(transport)
        line.data_received(HEAD)
        await _settled()
        await script(held["talk"])
        line.connection_lost(None)
        await _settled()
        return held["talk"]

    return asyncio.run(run())


@pytest.mark.parametrize("text", [SMALL, "x" * 125, "x" * 126, LONG, HUGE])
def test_a_frame_of_any_length_goes_straight_to_the_link(text: str) -> None:
    async def script(said: Talk) -> None:
        for _ in range(3):
            said.line.data_received(framed(text))

    found = talk(script)

    assert found.direct == [text] * 3
    assert found.queued == []
    found.line.transport.pause_reading.assert_not_called()  # type: ignore[attr-defined]


def test_a_frame_that_comes_in_pieces_is_one_frame() -> None:
    whole = framed(LONG)

    async def script(said: Talk) -> None:
        for cut in range(len(whole)):
            said.line.data_received(whole[:cut])
            said.line.data_received(whole[cut:])

    assert talk(script).direct == [LONG] * len(whole)


@pytest.mark.parametrize("cut", range(1, 7))
def test_the_rest_of_a_frame_is_no_frame_however_it_looks(cut: int) -> None:
    # on the wire what is masked is a whole frame of its own, and so is what follows each cut
    looks = b"\x81\x81\x01\x01\xc1\xc1a"
    whole = b"\x81\x87\x80\x80\x00\x00" + looks

    async def script(said: Talk) -> None:
        said.line.data_received(whole[:6])
        said.line.data_received(looks)
        said.line.data_received(whole[:cut])
        said.line.data_received(whole[cut:])

    assert talk(script).direct == ["\x01\x01\x01\x01AAa"] * 2


def test_a_fragmented_message_is_whole_before_it_is_handed_over() -> None:
    async def script(said: Talk) -> None:
        said.line.data_received(framed("[2,", fin=False))
        said.line.data_received(framed("", Opcode.PING))
        said.line.data_received(framed("1]", Opcode.CONT))
        said.line.data_received(framed(SMALL))

    assert talk(script).direct == ["[2,1]", SMALL]


def test_what_must_wait_is_queued_in_order_and_reading_rests() -> None:
    async def script(said: Talk) -> None:
        said.line.data_received(framed("1"))
        await _settled()
        said.is_busy = True
        said.line.data_received(framed("2"))
        said.line.data_received(framed("3"))
        said.is_busy = False
        # the link would take it, but it must not overtake the one before
        assert said.line.read_paused
        await _settled()
        assert not said.line.read_paused
        said.line.data_received(framed("4"))

    found = talk(script)

    assert found.direct == ["1", "4"]
    assert found.queued == ["2", "3"]


def test_several_frames_at_once_keep_their_order() -> None:
    async def script(said: Talk) -> None:
        said.line.data_received(framed("1") + framed("2") + framed("3"))
        await _settled()

    found = talk(script)

    assert found.direct == ["1", "2", "3"]


def test_binary_goes_the_ordinary_way() -> None:
    async def script(said: Talk) -> None:
        said.line.data_received(framed(SMALL, Opcode.BINARY))
        await _settled()

    found = talk(script)

    assert (found.direct, found.queued) == ([], ["bytes"])


@pytest.mark.parametrize(
    ("said", "code"), [(framed("\xff"), 1007), (framed("x" * 201), 1009), (b"\x81\x01a", 1002)]
)
def test_what_is_no_frame_closes_as_it_always_did(said: bytes, code: int) -> None:
    async def script(found: Talk) -> None:
        found.line.data_received(framed(SMALL))
        found.line.data_received(said)

    found = talk(script, most=200)

    assert found.direct == [SMALL]
    assert found.line.conn.close_sent is not None
    assert found.line.conn.close_sent.code == code


def test_nothing_is_taken_after_our_goodbye() -> None:
    async def script(said: Talk) -> None:
        await said.line.send({"type": "websocket.close", "code": 1008})
        said.line.data_received(framed(SMALL))
        await _settled()

    found = talk(script)

    assert (found.direct, found.queued) == ([], [])


def test_a_ping_is_answered_but_to_one_who_reads_nothing() -> None:
    sent: list[Any] = []

    async def script(talk: Talk) -> None:
        talk.line.transport = mock.Mock(write=sent.append)
        talk.line.data_received(framed("one", Opcode.PING))
        talk.line.pause_writing()
        talk.line.data_received(framed("two", Opcode.PING))
        talk.line.resume_writing()
        talk.line.data_received(framed("three", Opcode.PING))

    talk(script)

    assert sent[:2] == [b"\x8a\x03one", b"\x8a\x05three"]


def test_many_frames_are_begun_with_a_few_at_a_time_so_that_the_store_is_heard_between() -> None:
    begun: list[int] = []

    class Holding:
        def __init__(self, number: int) -> None:
            self.number = number

        def begin_held(self) -> None:
            begun.append(self.number)

    async def script() -> list[int]:
        turns = Turns(asyncio.get_running_loop())
        for number in range(2 * IN_A_ROW + 1):
            turns.add(Holding(number))  # type: ignore[arg-type]
        counts = []
        for _ in range(4):
            await asyncio.sleep(0)
            counts.append(len(begun))
        return counts

    assert asyncio.run(script()) == [
        IN_A_ROW,
        2 * IN_A_ROW,
        2 * IN_A_ROW + 1,
        2 * IN_A_ROW + 1,
    ]
    assert begun == sorted(begun)


def test_a_frame_that_breaks_its_line_cuts_that_one_off_and_leaves_no_other_waiting() -> None:
    broken = mock.Mock()
    broken.begin_held.side_effect = MemoryError
    fine = mock.Mock()

    async def script() -> None:
        turns = Turns(asyncio.get_running_loop())
        for line in (broken, fine):
            turns.add(line)
        await _settled()
        turns.add(fine)
        await _settled()

    asyncio.run(script())

    broken.transport.abort.assert_called_once_with()
    assert fine.begin_held.call_count == 2


def test_a_frame_read_just_before_the_end_is_begun_with() -> None:
    async def script(said: Talk) -> None:
        said.line.data_received(framed("1"))  # the first one is the parser's
        said.line.data_received(framed(SMALL))
        assert said.direct == ["1"]

    assert talk(script).direct == ["1", SMALL]


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_frame_that_waits_for_its_turn_is_overtaken_by_none(is_busy: bool) -> None:
    said_in_order: list[str] = []

    async def script(said: Talk) -> None:
        said.line.data_received(framed("0"))
        said.is_busy = is_busy
        said.direct = said.queued = said_in_order
        said.line.data_received(framed("1"))
        said.line.data_received(framed("x", Opcode.BINARY))
        said.is_busy = False
        await _settled()

    talk(script)

    assert said_in_order == ["1", "bytes"]
