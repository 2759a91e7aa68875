"""Chargers that do nothing but the transaction loop, as fast as they are answered.

Own framing on plain asyncio streams: a WebSocket library would cost the client more than the
gateway spends, and the client must not be what is measured.
"""

import argparse
import asyncio
import base64
import json
import os
import struct
import time
from datetime import UTC, datetime, timedelta
from typing import Any

METER_VALUES = 10


class LoadCharger:
    def __init__(self, host: str, port: int, identity: str, password: str) -> None:
        self.host, self.port, self.identity = host, port, identity
        self.key = base64.b64encode(f"{identity}:{password}".encode()).decode()
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.latencies: list[float] = []
        self.answered = 0
        self.clock = datetime.now(UTC) - timedelta(days=30)

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.writer.write(
            (
                f"GET /ocpp/{self.identity} HTTP/1.1\r\nHost: {self.host}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
                "Sec-WebSocket-Protocol: ocpp1.6\r\n"
                f"Authorization: Basic {self.key}\r\n\r\n"
            ).encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.split(b"\r\n", 1)[0], head

    async def call(self, number: int, action: str, payload: dict[str, Any]) -> list[Any]:
        # a mask of zeros leaves the payload as it is, which is all a mask is for here
        body = json.dumps([2, str(number), action, payload], separators=(",", ":")).encode()
        began = time.perf_counter()
        self.writer.write(struct.pack("!BBH", 0x81, 0x80 | 126, len(body)) + b"\0\0\0\0" + body)
        while True:
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            data = await self.reader.readexactly(length)
            if first & 0x0F == 0x1:
                frame: list[Any] = json.loads(data)
                if frame[0] == 3:
                    break
        self.latencies.append(time.perf_counter() - began)
        self.answered += 1
        return frame

    async def run(self, until: float) -> None:
        number = 0
        while time.perf_counter() < until:
            number = await self.session(number)

    def instant(self) -> str:
        self.clock += timedelta(seconds=60)
        return self.clock.isoformat(timespec="seconds").replace("+00:00", "Z")

    async def session(self, number: int) -> int:
        wh = number * 100
        await self.call(number, "Authorize", {"idTag": "BENCH"})
        start = {
            "connectorId": 1,
            "idTag": "BENCH",
            "meterStart": wh,
            "timestamp": self.instant(),
        }
        answer = await self.call(number + 1, "StartTransaction", start)
        transaction = answer[2]["transactionId"]
        for step in range(METER_VALUES):
            wh += 100
            await self.call(number + 2 + step, "MeterValues", self.sample(transaction, wh))
        stop = {"transactionId": transaction, "meterStop": wh, "timestamp": self.instant()}
        await self.call(number + 12, "StopTransaction", stop)
        return number + 13

    def sample(self, transaction: int, wh: int) -> dict[str, Any]:
        def one(measurand: str, value: str, unit: str) -> dict[str, str]:
            return {
                "value": value,
                "context": "Sample.Periodic",
                "measurand": measurand,
                "location": "Outlet",
                "unit": unit,
            }

        values = [
            one("Energy.Active.Import.Register", str(wh), "Wh"),
            one("Power.Active.Import", "6000", "W"),
            one("Current.Import", "26.1", "A"),
            one("Voltage", "230.4", "V"),
        ]
        return {
            "connectorId": 1,
            "transactionId": transaction,
            "meterValue": [{"timestamp": self.instant(), "sampledValue": values}],
        }


async def measure(
    host: str, port: int, count: int, seconds: float, warm_up: float, password: str
) -> dict[str, float]:
    chargers = [LoadCharger(host, port, f"BENCH-{n}", password) for n in range(count)]
    for charger in chargers:
        await charger.connect()
    began = time.perf_counter()
    end = began + warm_up + seconds
    tasks = [asyncio.create_task(charger.run(end)) for charger in chargers]
    await asyncio.sleep(warm_up)
    for charger in chargers:
        charger.latencies.clear()
    marked, answered = time.perf_counter(), sum(c.answered for c in chargers)
    await asyncio.sleep(seconds)
    done = sum(c.answered for c in chargers) - answered
    took = time.perf_counter() - marked
    latencies = sorted(latency for c in chargers for latency in c.latencies)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "messages_per_s": round(done / took, 1),
        "p50_ms": round(latencies[len(latencies) // 2] * 1000, 1),
        "p99_ms": round(latencies[int(len(latencies) * 0.99)] * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--chargers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--warm-up", type=float, default=3)
    parser.add_argument("--password", default="")
    given = parser.parse_args()
    import uvloop

    found = uvloop.run(
        measure(
            "127.0.0.1", given.port, given.chargers, given.seconds, given.warm_up, given.password
        )
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
