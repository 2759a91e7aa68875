"""The socket of an open page: it hears that something changed, and then asks for its own part."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.http import parse_cookie
from redis.exceptions import RedisError

from chargenet import nudging
from chargenet.core import access, tenancy

logger = logging.getLogger(__name__)

# A person whose session ends or whose role is taken away stops hearing within this.
CHECKED_EVERY_S: Final = 30
NOT_ALLOWED: Final = 4403
STORE_AWAY: Final = 1013


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens, and to whose networks."""

    user_id: int
    operators: tuple[int, ...]


def find_listener(session_key: str) -> Listener | None:
    """Return who a session belongs to, None for nobody and for who works for no operator."""
    with transaction.atomic():
        user = auth.get_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]  # reads no more of a request
        if not user.is_authenticated or not user.is_active:
            return None
        tenancy.enter_scope(operators=[], person=user.pk)
        operators = access.operator_ids(user, access.SITE_ROLES)
    return Listener(user.pk, tuple(operators)) if operators else None


class LiveConsumer(AsyncWebsocketConsumer):
    """Nudge one open page; it carries no data, and takes none."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one page; where no news can be heard it is sent away, polls, and comes again."""
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError) as error:
            # the channel is asked for before anything else: without it nothing was said yet
            if hasattr(self, "channel_name"):
                raise
            logger.warning("open page has no channel, it will poll error=%s", error)
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": STORE_AWAY})

    async def connect(self) -> None:
        """Let in who is signed in, from a page of ours."""
        self._checking: asyncio.Task[None] | None = None
        self._groups: list[str] = []
        self._listener: Listener | None = None
        if not _is_same_origin(self.scope):
            await self.close(NOT_ALLOWED)
            return
        self._listener = await self._find()
        if self._listener is None:
            await self.close(NOT_ALLOWED)
            return
        await self.accept()
        try:
            await self._join(self._listener)
        except (RedisError, OSError) as error:
            logger.warning("open page not joined, it will poll error=%s", error)
            await self.close(STORE_AWAY)
            return
        # What changed between the page's own answer and now.
        await self.send(text_data="changed")
        self._checking = asyncio.create_task(self._check_often())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  Channels calls it so
        """Stop listening."""
        if self._checking is not None:
            self._checking.cancel()
        with suppress(RedisError, OSError):
            for group in self._groups:
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take nothing: a page only listens."""

    async def page_changed(self, event: dict[str, Any]) -> None:  # noqa: ARG002
        """Tell the page to look again."""
        await self.send(text_data="changed")

    async def page_check(self, event: dict[str, Any]) -> None:  # noqa: ARG002
        """Look at once whether this person may still listen."""
        await self._check()

    async def _join(self, listener: Listener) -> None:
        self._groups = [
            nudging.person_group(listener.user_id),
            *(nudging.operator_group(each) for each in listener.operators),
        ]
        for group in self._groups:
            await self.channel_layer.group_add(group, self.channel_name)

    async def _find(self) -> Listener | None:
        key = _session_key(self.scope)
        return await database_sync_to_async(find_listener)(key) if key else None

    async def _check_often(self) -> None:
        while True:
            await asyncio.sleep(CHECKED_EVERY_S)
            await self._check()

    async def _check(self) -> None:
        # other roles than at the start: the page comes again, as who the person is now
        if await self._find() != self._listener:
            await self.close(NOT_ALLOWED)


def _session_key(scope: Any) -> str:
    """Return the session of a handshake's cookie."""
    name = settings.SESSION_COOKIE_NAME
    return parse_cookie(_header(scope, b"cookie")).get(name, "")


def _is_same_origin(scope: Any) -> bool:
    """Return whether a page of this very host opened the socket."""
    origin = urlsplit(_header(scope, b"origin"))
    return bool(origin.netloc) and origin.netloc == _header(scope, b"host")


def _header(scope: Any, name: bytes) -> str:
    found = (value for key, value in scope["headers"] if key == name)
    value: bytes = next(found, b"")
    return value.decode("latin-1")


async def deny(_: Any, receive: Any, send: Any) -> None:
    """Answer a socket that has no page here."""
    await receive()
    await send({"type": "websocket.close"})
