"""A transaction as a conversation: what goes in comes out, a failure leaves nothing behind."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection

from stations.sessions import packed
from stations.sessions.talk import Talk, numbered

NOW = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
LONG = "ö" * 5000
COLUMNS: list[tuple[str, Callable[[Any], packed.Column], list[Any]]] = [
    ("bigint", packed.bigints, [1, None, -(2**62)]),
    ("bigint", packed.bigints, [1, 2, 2**62]),
    ("bigint", packed.bigints, [None, None, None]),
    ("int", packed.ints, [2**31 - 1, None, 0]),
    ("smallint", packed.smallints, [-1, 0, 100]),
    ("text", packed.texts, ['a"b\\', LONG, None]),
    ("bytea", packed.blobs, [b"\x00\xff", None, b""]),
    ("numeric", packed.numbers, [Decimal("1.250"), None, Decimal(-3)]),
    ("timestamptz", packed.instants, [NOW, None, datetime(1970, 1, 1, tzinfo=UTC)]),
    ("boolean", packed.booleans, [True, False, True]),
    ("jsonb", packed.jsons, [b'{"a": 1}', None, b"[]"]),
]


def talked(script: Callable[[psycopg.AsyncConnection[Any]], Awaitable[Any]]) -> Any:
    own = django_connection.get_connection_params()
    given = {name: own[name] for name in ("host", "port", "dbname", "user") if own.get(name)}

    async def run() -> Any:
        async with await psycopg.AsyncConnection.connect(**given, autocommit=True) as opened:
            return await script(opened)

    return asyncio.run(run())


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(("kind", "pack", "values"), COLUMNS)
def test_a_column_comes_out_as_it_went_in(
    kind: str, pack: Callable[[Any], packed.Column], values: list[Any]
) -> None:
    numbers = packed.bigints(list(range(len(values))))
    statement = f"SELECT v FROM unnest(%s::bigint[], %s::{kind}[]) AS t(n, v) ORDER BY n"

    async def script(opened: psycopg.AsyncConnection[Any]) -> list[Any]:
        async with Talk(opened) as talk:
            asked = talk.ask(statement, (numbers, pack(values)))
            await talk.hear()
            return [value for (value,) in talk.rows(asked)]

    expected = [{"a": 1}, None, []] if kind == "jsonb" else values
    assert talked(script) == expected


@pytest.mark.usefixtures("committed_db")
def test_a_failed_talk_leaves_nothing_and_the_next_one_works() -> None:
    async def script(opened: psycopg.AsyncConnection[Any]) -> list[Any]:
        await opened.execute("CREATE TEMPORARY TABLE kept (n int PRIMARY KEY)")
        for values in ((1,), (2, 2), (3,)):
            try:
                async with Talk(opened) as talk:
                    for value in values:
                        talk.ask("INSERT INTO kept VALUES (%s)", (str(value),))
            except psycopg.errors.UniqueViolation:
                continue
        rows = await opened.execute("SELECT n FROM kept ORDER BY n")
        return [n for (n,) in await rows.fetchall()]

    assert talked(script) == [1, 3]


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("at", ["asking", "reading", "between"])
def test_a_talk_that_breaks_anywhere_frees_its_connection(at: str) -> None:
    async def breaking(talk: Talk) -> None:
        talk.ask("SELECT 1")
        if at == "asking":
            talk.ask("SELECT no_such_column")
            await talk.hear()
        await talk.hear()
        talk.ask("SELECT 1 / %s::int", ("0",))
        if at == "between":
            raise LookupError(at)

    async def script(opened: psycopg.AsyncConnection[Any]) -> Any:
        for _ in range(3):
            with pytest.raises((psycopg.Error, LookupError)):
                async with Talk(opened) as talk:
                    await breaking(talk)
        rows = await opened.execute("SELECT 'free', current_setting('server_version_num')::int")
        return await rows.fetchone()

    assert talked(script)[0] == "free"


@pytest.mark.usefixtures("committed_db")
def test_more_than_the_socket_holds_goes_both_ways() -> None:
    block = "x" * 200_000

    async def script(opened: psycopg.AsyncConnection[Any]) -> list[int]:
        async with Talk(opened) as talk:
            asked = [talk.ask("SELECT %s::text", (block,)) for _ in range(30)]
            await talk.hear()
            return [len(talk.rows(one)[0][0]) for one in asked]

    assert talked(script) == list(itertools.repeat(200_000, 30))


@pytest.mark.usefixtures("committed_db")
def test_a_store_that_goes_away_is_said_to_be_away() -> None:
    async def script(opened: psycopg.AsyncConnection[Any]) -> None:
        async with Talk(opened) as talk:
            talk.ask("SELECT pg_terminate_backend(pg_backend_pid())")
            await talk.hear()

    with pytest.raises(psycopg.OperationalError):
        talked(script)


def test_placeholders_are_numbered_in_order() -> None:
    assert numbered("SELECT %s, %s::int[]") == "SELECT $1, $2::int[]"


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("fails", [False, True])
def test_a_talk_within_a_transaction_is_taken_back_with_it(fails: bool) -> None:
    async def script(opened: psycopg.AsyncConnection[Any]) -> list[Any]:
        await opened.execute("CREATE TEMPORARY TABLE kept (n int PRIMARY KEY)")
        async with opened.transaction(force_rollback=True):
            await opened.execute("INSERT INTO kept VALUES (1)")
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                async with Talk(opened) as talk:
                    talk.ask("INSERT INTO kept VALUES (2)")
                    if fails:
                        talk.ask("INSERT INTO kept VALUES (1)")
            rows = await opened.execute("SELECT n FROM kept ORDER BY n")
            within = [n for (n,) in await rows.fetchall()]
        rows = await opened.execute("SELECT n FROM kept")
        return [within, await rows.fetchall()]

    assert talked(script) == [[1] if fails else [1, 2], []]
