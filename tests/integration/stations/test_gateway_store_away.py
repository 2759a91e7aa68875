"""The store goes away: stations are put offline, nobody is told a failure, nothing is lost."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from websockets.exceptions import InvalidStatus

from stations.models import Inbox, OcppFrame, Session
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess, database_url

START = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": 0}


@pytest.fixture
def lonely_gateway(
    cast: Cast, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    process = GatewayProcess(tmp_path_factory.mktemp("lonely") / "log.txt", database_url())
    process.start()
    yield process
    process.stop()


def as_owner(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET ROLE chargenet_system")


@pytest.mark.chaos
def test_a_store_that_takes_no_writes_closes_1013_and_refuses_503_until_it_is_back(
    lonely_gateway: GatewayProcess,
) -> None:
    name = connection.settings_dict["NAME"]

    async def script() -> tuple[int | None, int, Any]:
        async with Charger(lonely_gateway.url, "NORD-AC-1") as charger:
            await charger.call("Heartbeat", {})
            await sync_to_async(as_owner)(
                f"ALTER DATABASE {name} SET default_transaction_read_only = on",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'chargenet-gateway'",
            )
            await charger.send('[2,"m1","StartTransaction",{"connectorId":1,"idTag":"A"}]')
            code = await charger.closed()
            refused = await knocked()
            await sync_to_async(as_owner)(
                "SET default_transaction_read_only = off",
                f"ALTER DATABASE {name} RESET default_transaction_read_only",
            )
            while await knocked():
                await asyncio.sleep(0.05)
            await charger.connect()
            return code, refused, await charger.call("StartTransaction", START)

    async def knocked() -> int:
        try:
            async with Charger(lonely_gateway.url, "NORD-DC-1"):
                return 0
        except InvalidStatus as refusal:
            return refusal.response.status_code

    code, refused, answer = async_to_sync(script)()

    assert (code, refused) == (1013, 503)
    assert answer["idTagInfo"]["status"] == "Accepted"
    assert Session.objects.count() == 1


def test_a_frame_the_store_cannot_take_stands_alone_and_is_answered(
    cast: Cast, lonely_gateway: GatewayProcess
) -> None:
    as_owner(
        "CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id_tag = 'POISON' THEN RAISE EXCEPTION 'poison' USING ERRCODE = '22000'; END IF;"
        " RETURN NEW; END $$",
        "CREATE TRIGGER refuse_poison BEFORE INSERT ON stations_session"
        " FOR EACH ROW EXECUTE FUNCTION refuse_poison()",
    )

    async def script() -> list[Any]:
        async with (
            Charger(lonely_gateway.url, "NORD-AC-1") as bad,
            Charger(lonely_gateway.url, "NORD-DC-1") as good,
        ):
            answers = await asyncio.gather(
                bad.call("StartTransaction", START | {"idTag": "POISON"}),
                good.call("StartTransaction", START),
            )
            return list(answers)

    try:
        poisoned, fine = async_to_sync(script)()
    finally:
        as_owner("DROP TRIGGER refuse_poison ON stations_session", "DROP FUNCTION refuse_poison")

    assert poisoned["transactionId"] > 0
    assert fine["idTagInfo"]["status"] == "Accepted"
    assert Session.objects.get().station_id == cast.dc_station.pk
    aside = Inbox.objects.get(state="set_aside")
    assert aside.station_id == cast.ac_station.pk
    frames = OcppFrame.objects.filter(station_id=cast.ac_station.pk, is_inbound=True)
    assert b"POISON" in bytes(frames.get().frame)


def test_a_station_whose_row_is_held_makes_nobody_else_wait(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> Any:
        async with (
            Charger(gateway.url, "NORD-AC-1") as held,
            Charger(gateway.url, "NORD-DC-1") as free,
        ):
            await held.call("Heartbeat", {})
            await sync_to_async(hold)()
            await held.send('[2,"m1","Heartbeat",{}]')
            for _ in range(10):
                await free.call("Heartbeat", {})
            await sync_to_async(release)()
            return await held.frame()

    def hold() -> None:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM stations_station WHERE id = %s FOR UPDATE", [cast.ac_station.pk]
            )

    def release() -> None:
        connection.rollback()
        connection.set_autocommit(True)

    assert async_to_sync(script)()[:2] == [3, "m1"]
