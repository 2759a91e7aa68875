"""One station of a replay: which of our numbers stand for the recorded ones, and what was said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargenet.core.events import Event, News
from stations import commands, secrets
from stations.ocpp import calls, framing
from stations.ocpp.store import Connection
from stations.recordings import RecordedRow
from stations.replay.store import ReplayLink, Witness
from stations.sessions import replays

START = "StartTransaction"
NUMBER = "transactionId"


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call of ours as the recording has it."""

    message_id: str
    action: str
    payload: Mapping[str, Any]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class SentCall:
    """The command a recorded call became."""

    id: int
    action: str
    message_id: str
    sent_at: datetime
    is_over: bool


@dataclass(slots=True)
class Talk:
    """What is known of one station while its conversation is played."""

    station_id: int
    identity: str
    link: ReplayLink | None = None
    witness: Witness | None = None
    said: list[bytes] = field(default_factory=list)
    # The recording's number of a session -> ours, and ours by the message that asked for it.
    ours: dict[int, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    calls: dict[str, SentCall] = field(default_factory=dict)

    async def hear(self, message: Mapping[str, Any]) -> None:
        """Take what the gateway would send."""
        if message["type"] == "websocket.send":
            self.said.append(str(message["text"]).encode())

    def in_our_numbers(self, row: RecordedRow) -> str:
        """Return a frame's text with our number of the session where the recording has its own."""
        if not isinstance(row.frame, list):
            return str(row.frame)
        frame = self._renumbered(row.frame) if row.version == "1.6" and self.ours else row.frame
        return json.dumps(frame, ensure_ascii=False)

    def _renumbered(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._renumbered(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        put = {name: self._renumbered(inner) for name, inner in value.items()}
        number = put.get(NUMBER)
        if isinstance(number, int) and not isinstance(number, bool):
            put[NUMBER] = self.ours.get(number, number)
        return put

    def learn_ours(self, read: framing.Frame, answer: bytes) -> None:
        """Remember which number we gave the session a call asked for."""
        if not isinstance(read, framing.Call) or read.action != START:
            return
        said = read_answer(answer)
        if isinstance(said, dict) and isinstance(said.get(NUMBER), int):
            self.asked[read.message_id] = said[NUMBER]

    def learn_recorded(self, frame: list[Any]) -> None:
        """Let a recorded answer say which number of the recording is which of ours."""
        payload = frame[2] if isinstance(frame[2], dict) else {}
        ours, theirs = self.asked.get(str(frame[1])), payload.get(NUMBER)
        if ours is not None and isinstance(theirs, int):
            self.ours[theirs] = ours

    def transaction_of(self, read: framing.Frame) -> str:
        """Return the number of the session a frame speaks of; empty where it speaks of none."""
        if not isinstance(read, framing.Call):
            return ""
        if read.action == START:
            return str(self.asked.get(read.message_id, ""))
        recorded = self.witness.last[1] if self.witness and self.witness.last else None
        if recorded is not None and recorded.transaction:
            return recorded.transaction
        detail = read.payload.get("transactionInfo")
        number = (detail if isinstance(detail, dict) else read.payload).get(NUMBER)
        return str(number) if isinstance(number, str | int) else ""

    async def begin_call(self, connection: Connection, call: OpenCall) -> None:
        """Write a recorded call as a command that was sent, and in the log."""
        assert self.link is not None, "calls go over a connection"
        shown = secrets.hidden(call.payload)
        row = await replays.add_sent(
            connection,
            station_id=self.station_id,
            action=call.action,
            payload=shown,
            message_id=call.message_id,
            sent_at=call.sent_at,
        )
        self.link.view.triggered.add(calls.triggered_by(call.action, call.payload))
        self.calls[call.message_id] = SentCall(
            row.id, call.action, call.message_id, call.sent_at, row.is_over
        )
        if row.is_new:
            await commands.keep_call(
                connection,
                station_id=self.station_id,
                action=call.action,
                message_id=call.message_id,
                frame=framing.call_frame(call.message_id, call.action, shown),
                sent_at=call.sent_at,
            )

    async def end_call(
        self,
        connection: Connection,
        call: SentCall,
        read: framing.Reply,
        frame: str,
        state: str,
        *,
        as_of: datetime,
    ) -> list[News]:
        """Write how a command ended, and what it was answered; returns the news of it."""
        await commands.keep_answer(
            connection,
            station_id=self.station_id,
            sent_at=call.sent_at,
            message_id=call.message_id,
            answer=secrets.hidden_frame(frame.encode("utf-8", "replace")),
            error=read.error,
            as_of=as_of,
        )
        await commands.finish_command(
            connection,
            command_id=call.id,
            state=state,
            answer=read.payload,
            error=f"{read.error} {read.description}".strip(),
            as_of=as_of,
        )
        return [(Event.COMMAND_FINISHED, {"station_id": self.station_id, "command_id": call.id})]


def read_answer(frame: bytes) -> Any:
    """Return what an answer says: its payload, or its error's code and description."""
    if not frame:
        return None
    said = json.loads(frame)
    if not isinstance(said, list):
        return said
    if said[0] == framing.CALL_ERROR:
        return {"code": said[2], "description": said[3]}
    return said[2] if len(said) > 2 else None
