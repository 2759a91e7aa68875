"""Sessions whose stop, register or number is missing or cannot be."""

import pytest

from stations.models import (
    Connector,
    Inbox,
    MeterValue,
    Session,
)
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.played import at, played, sample, start, stop


def test_a_missing_stop_ends_where_the_next_session_begins(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        await charger.call("MeterValues", sample(4000, -300, number))
        await charger.call("StartTransaction", start(meterStart=4100, timestamp=at(-100)))

    played(gateway, script)

    first, second = Session.objects.order_by("id")
    assert (first.state, first.energy_wh, first.needs_review) == ("completed", 3100, True)
    assert "stop_missing" in first.flags
    assert second.state == "open"


def test_a_stop_that_comes_after_all_is_the_true_end(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        await charger.call(
            "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        )
        await charger.call("StopTransaction", stop(number, 6000))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.energy_wh, session.needs_review, session.flags) == (5000, False, [])


def test_an_old_available_does_not_end_a_session(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start(timestamp=at(-30)))
        for status, seconds in (("Charging", -20), ("Available", -60)):
            await charger.call(
                "StatusNotification",
                {
                    "connectorId": 1,
                    "errorCode": "NoError",
                    "status": status,
                    "timestamp": at(seconds),
                },
            )

    played(gateway, script)

    assert Session.objects.get().state == "open"
    assert Connector.objects.get(pk=cast.socket.pk).status == "Charging"


@pytest.mark.parametrize(
    ("meter_start", "meter_stop", "energy_wh", "state"),
    [
        (1000, -1, 3000, "completed"),
        (1000, 0, 3000, "completed"),
        (1000, 999, 3000, "completed"),
        (1000, 10_000_000, 9_999_000, "completed"),
        (-5, 4000, None, "flagged"),
    ],
)
def test_registers_that_cannot_be_are_flagged(
    cast: Cast,
    gateway: GatewayProcess,
    meter_start: int,
    meter_stop: int,
    energy_wh: int | None,
    state: str,
) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.call("StartTransaction", start(meterStart=meter_start))
        await charger.call("MeterValues", sample(4000, -300, answer["transactionId"]))
        await charger.call("StopTransaction", stop(answer["transactionId"], meter_stop))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.energy_wh, session.state) == (energy_wh, state)
    assert session.needs_review


def test_a_sample_no_cable_can_carry_is_set_aside(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        await charger.call("MeterValues", sample(4_296_944_685, -300, number))

    played(gateway, script)

    assert Session.objects.get().last_register_wh is None
    assert (MeterValue.objects.get().extra or {})["flags"] == ["register_jump"]
    assert Inbox.objects.filter(state="set_aside").count() == 1


def test_samples_without_number_belong_to_the_open_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start())
        await charger.call("MeterValues", sample(4000, -300, -1))

    played(gateway, script)

    assert MeterValue.objects.get().session_id == Session.objects.get().pk


def test_samples_of_an_unknown_number_while_charging_recover_a_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        )
        await charger.call("MeterValues", sample(5000, 0, 123456))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.ocpp_transaction_id, session.needs_review) == ("123456", True)
