"""Plays a case of `quirks.jsonl` at a gateway: macros filled, answers kept, our calls answered."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from websockets.exceptions import InvalidStatus

from chargenet.core import clock
from faults import detection
from stations import commands
from stations.models import Command, Station
from tests.integration.stations.charger import Charger, basic

# What a case leaves open about a call of ours, filled with the least that is valid.
PAYLOADS: Mapping[str, Mapping[str, Any]] = {
    "GetConfiguration": {},
    "ChangeAvailability": {"connectorId": 1, "type": "Inoperative"},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 120},
    "TriggerMessage": {"requestedMessage": "BootNotification"},
    "RemoteStartTransaction": {"idTag": "TAG1", "connectorId": 1},
    "GetVariables": {
        "getVariableData": [
            {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": "Available"}}
        ]
    },
    "UpdateFirmware": {
        "requestId": 1,
        "firmware": {
            "location": "https://example.org/firmware.bin",
            "retrieveDateTime": "2026-01-01T00:00:00Z",
        },
    },
}
UNKNOWN_VARIABLE = {
    "getVariableResult": [
        {
            "attributeStatus": "UnknownVariable",
            "component": {"name": "SmartChargingCtrlr"},
            "variable": {"name": "Available"},
        }
    ]
}
FINAL_WITHIN_S = 20


class Player:
    """One case at one gateway."""

    def __init__(self, charger: Charger, station: Station) -> None:
        self.charger = charger
        self.station = station
        self.now = datetime.now(UTC)
        self.transaction: Any = 0
        self.answers: list[list[Any]] = []
        self.refusals: list[int] = []
        self.connects: list[str] = []
        self.commands: list[Command] = []
        self.last_call = "none"
        self.count = 0

    def fill(self, text: str) -> str:
        """Return a message with its macros replaced."""
        self.count += 1
        text = text.replace("$ID", f"q{self.count}").replace("$LASTCSID", self.last_call)
        text = text.replace('"$TX"', json.dumps(self.transaction))
        for name, seconds in (("$T0", 50), ("$T1", 40), ("$T2", 30), ("$NOW", 0)):
            text = text.replace(name, self.stamp(seconds))
        while "$T-" in text:
            head, _, tail = text.partition("$T-")
            digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
            text = head + self.stamp(int(digits)) + tail[len(digits) :]
        return text

    def stamp(self, seconds_ago: int) -> str:
        instant = self.now - timedelta(seconds=seconds_ago)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def play(self, message: Any) -> None:
        """Do what one line of a case says."""
        if isinstance(message, list):
            await self.say(self.fill(json.dumps(message)))
        elif "repeat" in message:
            inner = message["msg"]
            for _ in range(message["repeat"]):
                for one in inner if isinstance(inner[0], list) else [inner]:
                    await self.play(one)
        elif "raw" in message:
            await self.say_raw(self.fill(message["raw"]))
        else:
            await getattr(self, f"do_{message['event']}")(message)

    async def say(self, text: str) -> None:
        """Send a call and keep its answer; what we call meanwhile is answered Accepted."""
        await self.charger.send(text)
        answer = await self.heard()
        self.answers.append(answer)
        if answer[0] == 3 and "transactionId" in answer[2]:
            self.transaction = answer[2]["transactionId"]

    async def say_raw(self, text: str) -> None:
        """Send a broken frame; a heartbeat after it proves that the connection lives."""
        if text.startswith("[2,"):
            await self.say(text)
            return
        await self.charger.send(text)
        await self.charger.send('[2,"alive","Heartbeat",{}]')
        while (await self.heard())[1] != "alive":
            pass

    async def heard(self) -> list[Any]:
        """Return the next answer of the gateway."""
        while (frame := await self.charger.frame())[0] == 2:
            await self.charger.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        return frame

    async def do_reconnect(self, _: Any) -> None:
        await self.charger.socket.close()
        await self.charger.connect()

    async def do_drop(self, _: Any) -> None:
        self.charger.socket.transport.abort()
        await self.charger.socket.wait_closed()

    async def do_no_answer_60s(self, _: Any) -> None:
        """The answer was lost: the charger knows nothing of it."""
        self.transaction = 0

    async def do_silence(self, message: Mapping[str, Any]) -> None:
        """Let the rules look at a station that was silent for so long."""
        later = clock.now() + timedelta(minutes=message["minutes"])
        await sync_to_async(detection.examine_station)(station_id=self.station.pk, as_of=later)

    async def do_connect(self, message: Mapping[str, Any]) -> None:
        """Knock as the case says; what becomes of it is kept."""
        knocking = Knock(self.charger.url, self.station, message)
        try:
            self.connects.append(await knocking.knock())
        except InvalidStatus as refusal:
            self.refusals.append(refusal.response.status_code)

    async def do_csms_call(self, message: Mapping[str, Any]) -> None:
        """Queue a command, hear it, answer it as the case says, and wait for its end."""
        action = message["action"]
        row = await sync_to_async(commands.send_command)(
            station=self.station,
            action=action,
            payload=message.get("payload", PAYLOADS.get(action, {})),
            as_of=clock.now(),
        )
        call = await self.charger.called()
        assert call[2] == action, call
        self.last_call = call[1]
        if message["answer"] != "timeout":
            frame = json.dumps(answer_of(call[1], message["answer"]))
            await self.charger.send(self.fill(frame))
        else:
            # whatever it is asked and never answers, it is heard itself meanwhile
            await self.charger.call("Heartbeat", {})
        self.commands.append(await self._ended(row))

    async def _ended(self, row: Command) -> Command:
        async with asyncio.timeout(FINAL_WITHIN_S):
            while True:
                found = await Command.objects.aget(pk=row.pk)
                if found.state in Command.FINAL:
                    return found
                await asyncio.sleep(0.02)


def answer_of(message_id: str, written: Any) -> list[Any]:
    """Return the frame a case's answer stands for."""
    if isinstance(written, dict) and "callerror" in written:
        return [4, message_id, written["callerror"], "", {}]
    if isinstance(written, dict):
        return [3, message_id, written]
    if written.endswith("UnknownVariable"):
        return [3, message_id, UNKNOWN_VARIABLE]
    return [3, message_id, {"status": written}]


class Knock:
    """One handshake as a case describes it."""

    def __init__(self, url: str, station: Station, how: Mapping[str, Any]) -> None:
        self.url = url
        self.station = station
        self.how = how

    async def knock(self) -> str:
        """Return the subprotocol of the connection, or the status of a broken handshake."""
        if "drop_header" in self.how:
            return await self._without(self.how["drop_header"])
        charger = Charger(self.url.partition("/ocpp/")[0], self.station.identity)
        charger.headers = self._headers(charger)
        charger.offered = [
            name.strip() for name in self.how.get("subprotocol", "ocpp1.6").split(",")
        ]
        async with charger:
            return str(charger.socket.subprotocol)

    def _headers(self, charger: Charger) -> dict[str, str]:
        if "authorization" in self.how:
            return {"Authorization": self.how["authorization"]}
        if "password" in self.how:
            return basic(self.station.identity.encode(), self.how["bytes"])
        return charger.headers

    async def _without(self, header: str) -> str:
        host, _, path = self.url.removeprefix("ws://").partition("/")
        name, _, port = host.partition(":")
        lines = {
            "Host": host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "ocpp1.6",
        }
        del lines[header]
        said = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
        reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(f"GET /{path} HTTP/1.1\r\n{said}\r\n".encode())
        status = (await reader.readline()).split()[1].decode()
        writer.close()
        return status
