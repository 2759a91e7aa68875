"""What the gateway tells the rules beside what it stores: odd readings, gaps, refused tokens."""

from typing import Any

import pytest

from stations.models import Observation, Session
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.played import event, played, sample, start


def warm(celsius: float, seconds: int, transaction: Any = None) -> dict[str, Any]:
    payload = sample(5000, seconds, transaction)
    payload["meterValue"][0]["sampledValue"].append(
        {
            "value": str(celsius),
            "measurand": "Temperature",
            "location": "Outlet",
            "unit": "Celsius",
        }
    )
    return payload


def test_a_hot_cable_is_a_word_of_its_own_and_a_cool_one_is_none(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.call("StartTransaction", start())
        number = answer["transactionId"]
        for celsius in (30.0, 91.0, 92.0, 31.0, 30.0):
            await charger.call("MeterValues", warm(celsius, -100, number))

    played(gateway, script)

    told = list(Observation.objects.filter(kind="reading").order_by("pk"))
    assert [one.detail["cable_c"] for one in told] == [91.0, 31.0]
    assert [one.detail["remarks"] for one in told] == [["burning_cable"], []]
    assert {one.connector_id for one in told} == {Session.objects.get().connector_id}
    assert all(one.detail["in_session"] for one in told)


def test_a_refused_token_is_told_once_a_minute_and_never_by_its_number(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        for _ in range(5):
            await charger.call("Authorize", {"idTag": "NOBODY"})
        await charger.call("Authorize", {"idTag": "ASTRID01"})

    played(gateway, script)

    told = Observation.objects.filter(kind="token_refused")
    assert 1 <= told.count() <= 2
    assert {one.detail["word"] for one in told} == {"invalid"}
    assert "NOBODY" not in str([(one.detail, one.source_id) for one in told])


@pytest.mark.parametrize(("numbers", "gaps"), [((0, 1, 2), 0), ((0, 2, 5), 1)])
def test_a_number_that_is_missing_from_a_session_is_told_once(
    cast: Cast, gateway: GatewayProcess, numbers: tuple[int, ...], gaps: int
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "BootNotification",
            {"reason": "PowerUp", "chargingStation": {"vendorName": "v", "model": "m"}},
        )
        kinds = ("Started", "Updated", "Updated")
        for kind, number in zip(kinds, numbers, strict=True):
            place = {"evse": {"id": 1, "connectorId": 1}} if kind == "Started" else {}
            payload = event(kind, number, -100 + number, wh=1000 + number, **place)
            await charger.call("TransactionEvent", payload)

    played(gateway, script, subprotocol="ocpp2.0.1")

    assert Observation.objects.filter(kind="seq_gap").count() == gaps


@pytest.mark.parametrize(("given_wh", "told"), [(40, ["true", "false"]), (9000, [])])
def test_a_vehicle_that_is_lost_before_it_got_anything_is_told_and_is_over(
    cast: Cast, gateway: GatewayProcess, given_wh: int, told: list[str]
) -> None:
    lost = {"triggerReason": "EVCommunicationLost"}

    async def script(charger: Charger) -> None:
        place = {"evse": {"id": 1, "connectorId": 1}}
        await charger.call("TransactionEvent", event("Started", 0, -100, wh=1000, **place))
        ended = event("Ended", 1, -40, wh=1000 + given_wh)
        await charger.call("TransactionEvent", ended | lost)

    played(gateway, script, subprotocol="ocpp2.0.1")

    rows = Observation.objects.filter(kind="device_event").order_by("pk")
    assert [row.detail["value"] for row in rows] == told
    assert {row.detail["component"] for row in rows} <= {"CPPWMController"}
