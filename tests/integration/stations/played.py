"""Frames of one session, played at a gateway."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync

from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

NOW = datetime.now(UTC).replace(microsecond=0)


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def played(
    gateway: GatewayProcess, script: Callable[[Charger], Awaitable[Any]], **how: str
) -> Any:
    """Run a conversation with a gateway and return what the script returns."""

    async def run() -> Any:
        async with Charger(gateway.url, how.pop("identity", "NORD-AC-1"), **how) as charger:
            return await script(charger)

    return async_to_sync(run)()


def start(**changes: Any) -> dict[str, Any]:
    given = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": 1000, "timestamp": at(-600)}
    return given | changes


def sample(wh: Any, seconds: int, transaction: Any = None, **more: Any) -> dict[str, Any]:
    value = {"value": str(wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh", **more}
    payload: dict[str, Any] = {
        "connectorId": 1,
        "meterValue": [{"timestamp": at(seconds), "sampledValue": [value]}],
    }
    return payload if transaction is None else payload | {"transactionId": transaction}


def stop(transaction: Any, wh: Any, seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {"transactionId": transaction, "meterStop": wh, "timestamp": at(seconds), **more}


def event(kind: str, number: int, seconds: int = 0, **more: Any) -> dict[str, Any]:
    wh = more.pop("wh", None)
    given: dict[str, Any] = {
        "eventType": kind,
        "seqNo": number,
        "timestamp": at(seconds),
        "triggerReason": "ChargingStateChanged",
        "transactionInfo": {"transactionId": "t-1"},
    }
    if wh is not None:
        value = {"value": wh, "measurand": "Energy.Active.Import.Register"}
        given["meterValue"] = [{"timestamp": at(seconds), "sampledValue": [value]}]
    return given | more
