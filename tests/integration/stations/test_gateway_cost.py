"""A driver's screen is told the cost in the answer itself, over a real socket."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync

from stations import displays
from stations.models import Screen
from stations.ocpp import schemas
from tests.cast import Cast
from tests.integration.billing.scene import (
    assign,
    make_contract,
    make_customer,
    make_tariff,
    price_list,
)
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

NOW = datetime.now(UTC).replace(microsecond=0)
TRIES = 200


def event(phase: str, number: int, wh: int) -> dict[str, Any]:
    at = (NOW + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(phase)
    value = {"value": wh, "context": context or "Sample.Periodic"}
    return {
        "eventType": phase,
        "timestamp": at,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": number,
        "transactionInfo": {"transactionId": "tx-cost"},
        "evse": {"id": 1},
        "meterValue": [{"timestamp": at, "sampledValue": [value]}],
    }


def test_the_answer_to_an_event_says_what_the_session_costs(
    cast: Cast, gateway: GatewayProcess
) -> None:
    assign(make_tariff(cast, "day", price_list("4")))
    displays.set_screen(station=cast.dc_station, shows_cost=True, shows_tariff=False)

    async def script() -> tuple[dict[str, Any], dict[str, Any]]:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            await charger.call("TransactionEvent", event("Started", 0, 1000))
            for number in range(1, TRIES):
                answer = await charger.call("TransactionEvent", event("Updated", number, 3000))
                if "totalCost" in answer:
                    break
                await asyncio.sleep(0.1)
            ended = await charger.call("TransactionEvent", event("Ended", number + 1, 5000))
            return answer, ended

    answer, ended = async_to_sync(script)()

    assert answer == {"totalCost": 10}
    assert ended.get("totalCost", 20) == 20


def test_the_verdict_on_a_token_says_the_price_of_its_own_contract(
    cast: Cast, gateway: GatewayProcess
) -> None:
    own = make_tariff(cast, "own", price_list("3"))
    make_contract(cast, make_customer(cast), tariff=own)
    displays.set_screen(station=cast.dc_station, shows_cost=False, shows_tariff=False)
    Screen.objects.update(takes_tariffs=True)

    async def asked(charger: Charger, uid: str) -> dict[str, Any]:
        return await charger.call("Authorize", {"idToken": {"idToken": uid, "type": "ISO14443"}})

    async def script() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.1") as charger:
            for _ in range(TRIES):
                astrid = await asked(charger, "Astrid01")
                if "tariff" in astrid:
                    break
                await asyncio.sleep(0.1)
            return astrid, await asked(charger, "BO0001"), await asked(charger, "NOBODY")

    astrid, bo, nobody = async_to_sync(script)()

    assert astrid["idTokenInfo"]["status"] == "Accepted"
    assert astrid["tariff"]["energy"]["prices"] == [{"priceKwh": 3}]
    assert "validFrom" not in astrid["tariff"]
    assert schemas.first_fault("2.1", "Authorize", astrid, is_answer=True) is None
    assert "tariff" not in bo
    assert "tariff" not in nobody
