"""Plays the rows of a recorded conversation: connections, frames, our own calls and their ends."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chargenet.core.events import News
from stations.ocpp import calls, framing
from stations.ocpp.quirk_book import QuirkBook
from stations.ocpp.store import Connection
from stations.recordings import RecordedRow
from stations.replay.store import OneConnection, ReplayLink, Witness, view_of
from stations.replay.talk import OpenCall, Talk, read_answer
from stations.sessions import presence, replays
from stations.sessions.presence import Coming, Going

NORMAL_CLOSURE = 1000
OUTCOMES = {"conflict": "set_aside"}
STATION = """
SELECT id, operator_id, identity, registration, heartbeat_interval_s, last_boot_at,
    strict_inbound
FROM stations_station WHERE id = %s
"""


class ReplayRefused(Exception):
    """A row cannot be played: its line, and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one row; `session` is our number of the session it speaks of."""

    line: int
    station: str
    action: str
    outcome: str
    answer: Any = None
    session: int | None = None
    flags: tuple[str, ...] = ()


async def replay_rows(
    connection: Connection,
    rows: Iterable[RecordedRow],
    *,
    stations: Mapping[str, int],
    tell: Callable[[list[News]], None],
) -> AsyncIterator[Told]:
    """Play rows over one connection to the store and yield what became of them.

    `stations` is our id of each identity. What is in the log already is not written again.
    Raises ReplayRefused.
    """
    player = _Player(connection, stations, tell)
    for row in rows:
        told = await player.play(row)
        if told is not None:
            yield told
    await player.finish()


@dataclass(slots=True)
class _Player:
    """One replay under way."""

    connection: Connection
    stations: Mapping[str, int]
    tell: Callable[[list[News]], None]
    book: QuirkBook = field(default_factory=QuirkBook)
    talks: dict[str, Talk] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))

    async def play(self, row: RecordedRow) -> Told | None:
        """Play one row; None where it only teaches."""
        self.now = row.at
        talk = self.talks.get(row.station)
        if talk is None:
            talk = self.talks[row.station] = Talk(self.stations[row.station], row.station)
        if row.direction == "event":
            return await self._event(row, talk)
        if row.direction == "cs->cp":
            await self._ours(row, talk)
            return None
        frame = talk.in_our_numbers(row)
        read = framing.read_frame(frame, row.version)
        if isinstance(read, framing.Reply) and read.message_id in talk.calls:
            return await self._answered(row, talk, read, frame)
        return await self._frame(row, talk, read, frame)

    async def finish(self) -> None:
        """End what the recording leaves open."""
        left = [call.id for talk in self.talks.values() for call in talk.calls.values()]
        if left:
            await replays.leave_open(self.connection, command_ids=left, as_of=self.now)

    # --- connections -----------------------------------------------------------------------

    async def _event(self, row: RecordedRow, talk: Talk) -> Told:
        if row.event == "connect":
            is_new = await self._connect(row, talk)
        elif row.event == "disconnect" and talk.link is not None:
            is_new = await self._disconnect(row, talk)
        else:
            return Told(row.line, row.station, row.event, "skipped")
        return Told(row.line, row.station, row.event, "stored" if is_new else "duplicate")

    async def _connect(self, row: RecordedRow, talk: Talk) -> bool:
        where = {"station_id": talk.station_id}
        holder = await replays.find_holder(self.connection, **where)
        if holder:
            raise ReplayRefused(row.line, f"{row.station} is connected right now, from {holder}")
        is_there = await replays.is_there(
            self.connection, **where, kind="connected", occurred_at=row.at
        )
        if is_there:
            epoch = await replays.find_epoch(self.connection, **where)
        else:
            coming = Coming(talk.station_id, row.version, replays.ADDRESS, row.at)
            (epoch,), news = await presence.record_presence(self.connection, [coming])
            self.tell(news)
        await self._open(talk, row.version, epoch)
        return not is_there

    async def _open(self, talk: Talk, version: str, epoch: int) -> None:
        rows = await self.connection.execute(STATION, (talk.station_id,))
        found = await rows.fetchone()
        assert found is not None, "a replayed station is registered"
        talk.witness = Witness(OneConnection(self.connection), self.tell)
        talk.link = ReplayLink(
            view_of(found[:-1], version, epoch),
            talk.hear,
            talk.witness,
            _not_noted,
            is_strict=found[-1],
            now=lambda: self.now,
        )
        await self.book.read_makes(self.connection, [talk.station_id])
        self.book.dress(talk.link.view)
        talk.link.on_boot = self.book.learn

    async def _disconnect(self, row: RecordedRow, talk: Talk) -> bool:
        assert talk.link is not None, "asked only while connected"
        view, talk.link = talk.link.view, None
        is_there = await replays.is_there(
            self.connection, station_id=view.id, kind="disconnected", occurred_at=row.at
        )
        if not is_there:
            going = Going(view.id, view.epoch, NORMAL_CLOSURE, row.at)
            _, news = await presence.record_presence(self.connection, [going])
            self.tell(news)
        return not is_there

    # --- frames of the station -------------------------------------------------------------

    async def _frame(self, row: RecordedRow, talk: Talk, read: framing.Frame, frame: str) -> Told:
        message_id = getattr(read, "message_id", "")
        action = getattr(read, "action", "")
        logged = await replays.find_frame(
            self.connection,
            station_id=talk.station_id,
            received_at=row.at,
            message_id=message_id,
        )
        if talk.link is None:
            await self._connect(row, talk)
        assert talk.link is not None, "just connected"
        if logged is not None:
            answer, error = logged
            talk.learn_ours(read, answer)
            outcome = "refused" if error else "duplicate"
            return await self._told(row, talk, read, outcome, answer, ())
        assert talk.witness is not None, "made with the link"
        talk.said.clear()
        talk.witness.last = None
        await talk.link.receive(frame)
        outcome, flags = self._became(row, talk)
        answer = talk.said[-1] if talk.said else b""
        talk.learn_ours(read, answer)
        if talk.link.close_code:
            talk.link = None
        told = await self._told(row, talk, read, outcome, answer, flags)
        return told if action or outcome != "stored" else _but(told, "skipped")

    def _became(self, row: RecordedRow, talk: Talk) -> tuple[str, tuple[str, ...]]:
        last = talk.witness.last if talk.witness else None
        if last is None:
            return ("refused" if talk.said else "skipped"), ()
        arrival, recorded = last
        if recorded.state in {"superseded", "later"}:
            raise ReplayRefused(row.line, f"{row.station} is written to by somebody else now")
        if arrival.error:
            return "refused", ()
        return OUTCOMES.get(recorded.state, recorded.state), recorded.flags

    async def _told(
        self,
        row: RecordedRow,
        talk: Talk,
        read: framing.Frame,
        outcome: str,
        answer: bytes,
        flags: tuple[str, ...],
    ) -> Told:
        transaction = talk.transaction_of(read)
        session = None
        if transaction:
            session = await replays.find_session(
                self.connection, station_id=talk.station_id, transaction=transaction
            )
        said = read_answer(answer)
        action = getattr(read, "action", "")
        return Told(row.line, row.station, action, outcome, said, session, flags)

    # --- our own calls ---------------------------------------------------------------------

    async def _ours(self, row: RecordedRow, talk: Talk) -> None:
        if not isinstance(row.frame, list) or len(row.frame) < 3:
            return
        if row.frame[0] == framing.CALL_RESULT:
            talk.learn_recorded(row.frame)
            return
        frame = json.loads(talk.in_our_numbers(row))
        if frame[0] != framing.CALL or len(frame) != 4 or not isinstance(frame[3], dict):
            return
        if talk.link is None:
            await self._connect(row, talk)
        call = OpenCall(str(frame[1]), str(frame[2]), frame[3], row.at)
        await talk.begin_call(self.connection, call)

    async def _answered(
        self, row: RecordedRow, talk: Talk, read: framing.Reply, frame: str
    ) -> Told:
        assert talk.link is not None, "a call is open only while connected"
        version = talk.link.view.version
        call = talk.calls.pop(read.message_id)
        if call.is_over:
            return Told(row.line, row.station, call.action, "duplicate")
        state = "error" if read.error else calls.final_state(version, call.action, read.payload)
        news = await talk.end_call(self.connection, call, read, frame, state, as_of=row.at)
        self.tell(news)
        return Told(row.line, row.station, call.action, "stored", flags=(state,))


def _but(told: Told, outcome: str) -> Told:
    return Told(told.line, told.station, told.action, outcome, told.answer)


def _not_noted(_kind: str) -> None:
    """Stand in for notes of the line: what is noted of a live station is noted when it lives."""
