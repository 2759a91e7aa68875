"""A driver's screen is told the cost in the answer itself, over a real socket."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync

from stations import displays
from tests.cast import Cast
from tests.integration.billing.scene import assign, make_tariff, price_list
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
