"""S51, S52 at the gateway: what a station says of its own password stands in no row."""

import json
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import async_to_sync

from stations.models import Observation, OcppFrame, StationReport
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

PASSWORD = {
    "component": {"name": "SecurityCtrlr"},
    "variable": {"name": "BasicAuthPassword"},
}


def told() -> dict[str, dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    traits = {"dataType": "string", "supportsMonitoring": False}
    reported = PASSWORD | {
        "variableAttribute": [{"value": "SEEDED-1"}],
        "variableCharacteristics": traits,
    }
    happened = PASSWORD | {
        "eventId": 1,
        "timestamp": now,
        "trigger": "Delta",
        "actualValue": "SEEDED-2",
        "eventNotificationType": "CustomMonitor",
    }
    head = {"generatedAt": now, "seqNo": 0}
    return {
        "NotifyReport": head | {"requestId": 1, "reportData": [reported]},
        "NotifyEvent": head | {"eventData": [happened]},
    }


def test_a_password_a_station_tells_is_kept_nowhere(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            for action, payload in told().items():
                await charger.call(action, payload)

    async_to_sync(script)()

    kept = [str(row) for row in StationReport.objects.values_list("payload", flat=True)]
    kept += [str(row) for row in Observation.objects.values_list("detail", flat=True)]
    assert len(kept) >= 3
    assert "SEEDED" not in "".join(kept)


def test_a_password_in_a_frame_nobody_asked_for_is_hidden_in_the_log(
    cast: Cast, gateway: GatewayProcess
) -> None:
    """Our own action turned round, an answer that came too late, and one that is no JSON."""
    setting = {"key": "AuthorizationKey", "value": "SEEDED-3"}
    late = [3, "long-gone", {"configurationKey": [setting | {"readonly": False}]}]

    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await charger.say(json.dumps([2, "a", "ChangeConfiguration", setting]))
            await charger.send(json.dumps(late))
            await charger.say('[2,"b","DataTransfer",{"data":"ftp://joe:SEEDED-4@files/"')
            await charger.call("Heartbeat", {})

    async_to_sync(script)()

    frames = [bytes(row) for row in OcppFrame.objects.values_list("frame", flat=True)]
    assert len(frames) == 4
    assert b"SEEDED" not in b"".join(frames)
