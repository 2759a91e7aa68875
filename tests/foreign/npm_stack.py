"""A charger made of npm's ocpp-rpc: its client checks our frames against the OCA's schemas."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.integration.stations.charger import PASSWORD, WITHIN_S

SCRIPT = Path(__file__).with_name("station.cjs")


class NpmStation:
    """One station in a Node process; `invalid` lists what its validator found wrong with us."""

    def __init__(
        self,
        url: str,
        identity: str,
        subprotocol: str,
        answers: Mapping[str, Any],
        modules: Path,
    ) -> None:
        self.invalid: list[Any] = []
        self.called: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.connected = ""
        self._arguments = (f"{url}/ocpp", identity, PASSWORD, subprotocol)
        self._environment = os.environ | {
            "NODE_PATH": str(modules),
            "ANSWERS": json.dumps(answers),
        }
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._next = 0
        self._process: asyncio.subprocess.Process
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *("node", str(SCRIPT), *self._arguments),
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        first = await self._row()
        assert "connected" in first, first
        self.connected = first["connected"]
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._write({"close": True})
        async with asyncio.timeout(WITHIN_S):
            await self._process.wait()
        self._reader.cancel()

    async def call(self, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Call the gateway; fails on a CALLERROR and on an answer the schema refuses."""
        self._next += 1
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._next] = future
        self._write({"id": self._next, "call": action, "payload": payload})
        async with asyncio.timeout(WITHIN_S):
            row = await future
        assert "answer" in row, (action, row)
        answer: dict[str, Any] = row["answer"]
        return answer

    async def hear(self) -> tuple[str, dict[str, Any]]:
        """Return the next call of the gateway, which was answered already."""
        async with asyncio.timeout(WITHIN_S):
            row = await self.called.get()
        return row["called"], row["payload"]

    async def _read(self) -> None:
        while row := await self._row():
            if "id" in row:
                self._waiting.pop(row["id"]).set_result(row)
            elif "called" in row:
                self.called.put_nowait(row)
            elif "invalid" in row:
                self.invalid.append(row["invalid"])

    async def _row(self) -> dict[str, Any]:
        assert self._process.stdout
        line = await self._process.stdout.readline()
        row: dict[str, Any] = json.loads(line) if line else {}
        return row

    def _write(self, row: Mapping[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(row).encode() + b"\n")
