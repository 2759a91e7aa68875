"""The command desk: queued commands find the connection of their station."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from chargenet.core import clock, sealing
from chargenet.core.events import Event, News
from stations import commands, secrets
from stations.ocpp import calls, framing, habits
from stations.ocpp.calling import Answered, new_message_id
from stations.ocpp.link import CALL_TIMEOUT_S, StationLink
from stations.ocpp.socket import LinkClosed
from stations.ocpp.store import Store, StoreAway, connect

logger = logging.getLogger(__name__)

POLL_EVERY_S = 2.0
NAME = "desk"
NO_WORD = "The answer does not say whether it will be done."


@dataclass(frozen=True, slots=True)
class Sent:
    """A call that left: its command, and by what its row in the log is found."""

    command_id: int
    message_id: str
    action: str
    at: datetime


class CommandDesk:
    """Sends each station's commands one after the other, and writes how each one ended."""

    def __init__(
        self,
        store: Store,
        links: Mapping[int, StationLink],
        tell: Callable[[list[News]], None],
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._store = store
        self._links = links
        self._tell = tell
        self._timeout_s = timeout_s
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self, station_id: int) -> None:
        """See to the commands of a station, if it is connected here and not being served."""
        link = self._links.get(station_id)
        if link is None or link.is_calling or link.close_code:
            return
        if link.view.registration == "rejected":
            return  # nothing is asked of a station that was turned away (B03.FR.03)
        wait_s = link.view.quirks.call_after_s - (time.monotonic() - link.since)
        if wait_s > 0:
            # some makes boot again when they are called at once
            asyncio.get_running_loop().call_later(wait_s, self.wake, station_id)
            return
        link.is_calling = True
        task = asyncio.create_task(self._serve(link))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def queue(self, link: StationLink, action: str, payload: Mapping[str, Any]) -> None:
        """Queue a command of our own to a station."""
        try:
            async with self._store.use(NAME) as connection:
                await commands.queue_command(
                    connection,
                    station_id=link.view.id,
                    action=action,
                    payload=payload,
                    as_of=clock.now(),
                )
        except StoreAway:
            return
        self.wake(link.view.id)

    async def listen(self) -> None:
        """Hear of new commands at once; whatever is missed is found by `poll`."""
        while True:
            try:
                async with await connect(is_listening=True) as connection:
                    await connection.execute(f"LISTEN {commands.CHANNEL}")
                    async for notice in connection.notifies():
                        if notice.payload.isdigit():
                            self.wake(int(notice.payload))
            except (OSError, psycopg.Error) as error:
                logger.info("not listening error=%s", error)
            await asyncio.sleep(POLL_EVERY_S)

    async def poll(self) -> None:
        """Find queued commands, and end those that expired or were lost."""
        while True:
            await asyncio.sleep(POLL_EVERY_S)
            try:
                async with self._store.use(NAME) as connection:
                    waiting = await commands.sweep_commands(connection, as_of=clock.now())
            except StoreAway:
                continue
            except psycopg.Error as error:
                logger.warning("commands not swept error=%s", error)
                continue
            for station_id in waiting:
                self.wake(station_id)

    async def _serve(self, link: StationLink) -> None:
        try:
            while await self._send_next(link):
                pass
        except (StoreAway, LinkClosed):
            logger.info("commands wait station=%s", link.view.id)
        except psycopg.Error as error:
            logger.warning("command failed station=%s error=%s", link.view.id, error)
        finally:
            link.is_calling = False

    async def _send_next(self, link: StationLink) -> bool:
        """Send the oldest command; returns whether there was one."""
        async with self._store.use(NAME) as connection:
            claimed = await commands.claim_command(
                connection, station_id=link.view.id, epoch=link.view.epoch, as_of=clock.now()
            )
        if claimed is None:
            return False
        try:
            action, payload = calls.translate(
                link.view.version, claimed.id, claimed.action, claimed.open()
            )
            habits.check_call(link.view.quirks, action, payload)
        except (calls.CallUnfit, habits.CallAvoided, sealing.SealBroken) as error:
            await self._finish(link, claimed.id, "error", None, str(error))
            return True
        sent = Sent(claimed.id, new_message_id(), action, clock.now())
        async with self._store.use(NAME) as connection:
            # Written before it leaves: after a crash it may have been heard, so it is not resent.
            may_send = await commands.mark_sent(
                connection, command_id=sent.command_id, message_id=sent.message_id, as_of=sent.at
            )
            if may_send:
                await commands.keep_call(
                    connection,
                    station_id=link.view.id,
                    action=action,
                    message_id=sent.message_id,
                    frame=secrets.hidden_frame(
                        framing.call_frame(sent.message_id, action, payload)
                    ),
                    sent_at=sent.at,
                )
        if may_send:
            await self._call(link, sent, payload)
        # One held back stays claimed until it expires; what waits behind it goes out now.
        return True

    async def _call(self, link: StationLink, sent: Sent, payload: Mapping[str, Any]) -> None:
        link.view.triggered.add(calls.triggered_by(sent.action, payload))
        try:
            answered = await link.call(sent.message_id, sent.action, payload, self._timeout_s)
        except TimeoutError:
            await self._finish(link, sent.command_id, "timeout", None, "No answer in time.")
            return
        except LinkClosed:
            await self._finish(
                link, sent.command_id, "unknown", None, "The connection ended before the answer."
            )
            raise
        await self._keep_answer(link, sent, answered)
        reply = answered.reply
        if reply.error:
            text = f"{reply.error} {reply.description}".strip()
            await self._finish(link, sent.command_id, "error", reply.payload, text)
        else:
            state = calls.final_state(link.view.version, sent.action, reply.payload)
            if state == "accepted":
                link.view.granted |= calls.granted_by(sent.action, payload)
            why = NO_WORD if state == "unknown" else ""
            await self._finish(link, sent.command_id, state, reply.payload, why)
            if why:
                await link.complain(sent.message_id, why)

    async def _keep_answer(self, link: StationLink, sent: Sent, answered: Answered) -> None:
        async with self._store.use(NAME) as connection:
            await commands.keep_answer(
                connection,
                station_id=link.view.id,
                sent_at=sent.at,
                message_id=sent.message_id,
                answer=secrets.hidden_frame(answered.text.encode("utf-8", "replace")),
                error=answered.reply.error,
                as_of=clock.now(),
            )

    async def _finish(
        self,
        link: StationLink,
        command_id: int,
        state: str,
        answer: Mapping[str, Any] | None,
        error: str,
    ) -> None:
        async with self._store.use(NAME) as connection:
            await commands.finish_command(
                connection,
                command_id=command_id,
                state=state,
                answer=answer,
                error=error,
                as_of=clock.now(),
            )
        ids = {"station_id": link.view.id, "command_id": command_id}
        self._tell([(Event.COMMAND_FINISHED, ids)])
