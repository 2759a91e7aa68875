"""What a gateway remembers of its sessions holds only while nobody else wrote to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from stations.models import Inbox, MeterValue, Session
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

NOW = datetime.now(UTC).replace(microsecond=0)


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


START = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": 1000, "timestamp": at(-600)}


def sample(transaction: int, wh: int, seconds: int) -> dict[str, Any]:
    value = {"timestamp": at(seconds), "sampledValue": [{"value": str(wh)}]}
    return {"connectorId": 1, "transactionId": transaction, "meterValue": [value]}


def test_what_somebody_else_wrote_to_a_session_is_kept(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            number = (await charger.call("StartTransaction", START))["transactionId"]
            await charger.call("MeterValues", sample(number, 2000, -500))
            await sync_to_async(Session.objects.update)(flags=["noticed"], meter_start_wh=1500)
            await charger.call("MeterValues", sample(number, 3000, -400))
            stop = {"transactionId": number, "meterStop": 4000, "timestamp": at(-300)}
            await charger.call("StopTransaction", stop)

    async_to_sync(script)()

    session = Session.objects.get()
    assert session.flags == ["noticed"]
    assert (session.meter_start_wh, session.energy_wh) == (1500, 2500)


def test_a_session_ended_elsewhere_takes_no_more_samples(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            number = (await charger.call("StartTransaction", START))["transactionId"]
            await charger.call("MeterValues", sample(number, 2000, -500))
            await sync_to_async(Session.objects.update)(
                state="completed", ended_at=NOW, energy_wh=1000
            )
            await charger.call("MeterValues", sample(number, 3000, -400))

    async_to_sync(script)()

    assert Session.objects.get().last_register_wh == 2000
    assert MeterValue.objects.count() == 2


def test_a_repetition_late_in_a_connection_gets_the_same_answer(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> list[Any]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            first = await charger.call("StartTransaction", START)
            number = first["transactionId"]
            for step in range(20):
                await charger.call("MeterValues", sample(number, 1000 + step, step - 500))
            again = [await charger.call("StartTransaction", START) for _ in range(3)]
            return [first, *again]

    answers = async_to_sync(script)()

    assert answers == [answers[0]] * 4
    assert Session.objects.count() == 1
    assert Inbox.objects.get(action="StartTransaction").duplicates == 3
    assert MeterValue.objects.count() == 20
