"""One charger of the load generator: its socket, its frames, its place in the loop."""

import json
import socket
import struct
import zlib
from collections.abc import Iterator

from tests.bench.gateway import frames

PING, PONG, CLOSE, TEXT = 0x9, 0xA, 0x8, 0x1
TAIL = b"\x00\x00\xff\xff"


class Charger:
    """One connection, its place in the loop, and the message that waits for its answer."""

    __slots__ = ("due", "name", "number", "rest", "socket", "transaction", "version", "wants")

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version
        self.number = 0
        self.transaction = name.encode()
        self.rest = b""
        self.due = 0.0
        # messages that are due while one is under way (open loop)
        self.wants = 0
        self.socket: socket.socket

    def say(self) -> None:
        self.socket.send(frames.SAY[self.version](self.number, self.transaction))

    def take(self, body: bytes) -> bool:
        """Read one text frame; says whether it answers our call."""
        if body.startswith(b"[2,"):
            message_id = json.loads(body)[1]
            answer = json.dumps([3, message_id, {"status": "Rejected"}]).encode()
            self.socket.send(frames.frame(answer))
            return False
        if body.startswith(b"[4,"):
            raise SystemExit(f"refused: {body!r}")
        if self.version == "1.6" and self.number % frames.LOOP == 1:
            self.transaction = (
                body.split(b'"transactionId":', 1)[1].split(b",", 1)[0].rstrip(b"}]")
            )
        return True

    def texts(self, data: bytes) -> Iterator[bytes]:
        """Yield the text frames of what was received; a ping is answered."""
        data = self.rest + data
        at, size = 0, len(data)
        while size - at >= 2:
            first, length, start = data[at], data[at + 1], at + 2
            if length == 126:
                if size - at < 4:
                    break
                (length,) = struct.unpack_from("!H", data, start)
                start += 2
            if size < start + length:
                break
            body = data[start : start + length]
            at = start + length
            if first & 0x0F == TEXT:
                yield inflated(body) if first & 0x40 else body
            elif first & 0x0F == PING:
                self.socket.send(frames.frame(body, 0x80 | PONG))
            elif first & 0x0F == CLOSE:
                raise ConnectionResetError(f"closed: {body!r}")
        self.rest = data[at:]


def inflated(body: bytes) -> bytes:
    """Return a compressed message as it was; its stream has no end of its own."""
    return zlib.decompressobj(-15).decompress(body + TAIL)
