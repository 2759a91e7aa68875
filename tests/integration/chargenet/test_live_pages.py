"""The socket of an open page: who may listen, what it hears, and when it is sent away."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref import testing
from asgiref.sync import async_to_sync, sync_to_async
from channels_redis.pubsub import RedisPubSubLoopLayer
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from chargenet import nudging
from chargenet.asgi import application
from chargenet.core.events import Event
from chargenet.core.models import Membership, User
from chargenet.dashboard import live
from tests.cast import Cast, make_cast

HOST = (b"host", b"pages.test")
COMMUNICATOR: Any = testing.ApplicationCommunicator  # it says nothing of its types
OURS, THEIRS = (b"origin", b"https://pages.test"), (b"origin", b"https://elsewhere.test")


@pytest.fixture
def made(committed_db: None) -> Cast:
    return make_cast()


class Socket:
    """A browser's end of one socket."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "websocket", "path": path, "headers": headers, "subprotocols": []}
        self._end = COMMUNICATOR(application, scope)

    async def connect(self) -> bool:
        await self._end.send_input({"type": "websocket.connect"})
        return bool((await self.told())["type"] == "websocket.accept")

    async def hear(self) -> str:
        return str((await self.told())["text"])

    async def told(self) -> dict[str, Any]:
        return dict(await self._end.receive_output(timeout=5))

    async def is_quiet(self) -> bool:
        return bool(await self._end.receive_nothing(timeout=0.5))

    async def leave(self) -> None:
        await self._end.send_input({"type": "websocket.disconnect", "code": 1001})
        await self._end.wait(timeout=5)


def socket_of(person: User | None, origin: tuple[bytes, bytes] = OURS) -> Socket:
    headers = [HOST, origin]
    if person is not None:
        client = Client()
        client.force_login(person)
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        headers.append((b"cookie", cookie.encode()))
    return Socket("/live/", headers)


def played(script: Callable[[Socket], Awaitable[Any]], *args: Any) -> Any:
    socket = socket_of(*args)

    async def run() -> Any:
        try:
            return await script(socket)
        finally:
            await socket.leave()

    return async_to_sync(run)()


async def is_let_in(socket: Socket) -> bool:
    return await socket.connect()


def test_only_who_works_for_an_operator_may_listen(made: Cast) -> None:
    found = {
        who.name if who else "": played(is_let_in, who)
        for who in (None, made.astrid, made.dag, made.cilla, made.fia)
    }

    assert found == {"": False, "Astrid": False, "Dag": True, "Cilla": True, "Fia": True}


def test_a_page_of_another_house_may_not_listen(made: Cast) -> None:
    assert not played(is_let_in, made.dag, THEIRS)


def test_a_changed_ticket_nudges_its_own_operator_and_nobody_else(made: Cast) -> None:
    news = [(Event.TICKET_CHANGED, {"ticket_id": 7, "operator_id": made.operator.pk})]

    async def hears(socket: Socket) -> list[str]:
        await socket.connect()
        heard = [await socket.hear()]
        await sync_to_async(nudging.push)(news)
        if not await socket.is_quiet():
            heard.append(await socket.hear())
        return heard

    assert played(hears, made.dag) == ["changed", "changed"]
    assert played(hears, made.erik) == ["changed"]


def test_signing_out_closes_the_persons_other_pages(made: Cast) -> None:
    client = Client(headers={"host": "pages.test"})
    client.force_login(made.dag)
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()

    async def leaves() -> dict[str, Any]:
        socket = Socket("/live/", [HOST, OURS, (b"cookie", cookie)])
        await socket.connect()
        await socket.hear()
        await sync_to_async(client.post)("/sign-out/")
        return await socket.told()

    assert async_to_sync(leaves)() == {"type": "websocket.close", "code": live.NOT_ALLOWED}


def test_who_loses_the_role_is_sent_away_at_the_next_check(made: Cast) -> None:
    async def loses(socket: Socket) -> dict[str, Any]:
        await socket.connect()
        await socket.hear()
        await Membership.objects.filter(user=made.dag).adelete()
        await sync_to_async(nudging.check_person)(made.dag.pk)
        return await socket.told()

    closed = played(loses, made.dag)

    assert closed == {"type": "websocket.close", "code": live.NOT_ALLOWED}


def test_a_page_that_comes_while_no_news_can_be_heard_is_sent_away_in_peace(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: Any) -> str:
        raise RedisConnectionError("Connection closed by server.")

    async def knocks(socket: Socket) -> dict[str, Any]:
        assert await socket.connect()
        return await socket.told()

    monkeypatch.setattr(RedisPubSubLoopLayer, "new_channel", lost)

    assert played(knocks, made.dag) == {"type": "websocket.close", "code": live.STORE_AWAY}


def test_a_socket_anywhere_else_is_denied() -> None:
    async def knocks() -> bool:
        return await Socket("/elsewhere/", [HOST, OURS]).connect()

    assert not async_to_sync(knocks)()
