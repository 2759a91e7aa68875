"""What a session costs on the screens of OCPP 1.6, by DataTransfer."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from billing import rating
from chargenet import joins
from stations import commands, displays
from stations.models import Command, Screen, Session, ShownCost
from stations.ocpp import schemas
from tests import cast
from tests.integration.billing.scene import assign, make_tariff, price_list
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.smart_station import NOW, answer, begin, queued


@pytest.fixture
def made(db: None) -> cast.Cast:
    made = cast.make_cast()
    type(made.ac_station).objects.filter(pk=made.ac_station.pk).update(is_online=True)
    assign(make_tariff(made, "day", price_list("4")))
    configured(made, "true")
    return made


def configured(made: cast.Cast, value: str) -> None:
    command = commands.send_command(
        station=made.ac_station, action="GetConfiguration", payload={}, as_of=NOW
    )
    rows = [{"key": "CustomDisplayCostAndPrice", "readonly": True, "value": value}]
    answer(command, body={"configurationKey": rows})


def running(made: cast.Cast, transaction: str = "17") -> Session:
    session = begin(made.socket, transaction, NOW - timedelta(minutes=10))
    Session.objects.filter(pk=session.pk).update(meter_start_wh=1000, last_register_wh=3000)
    return session


def said(command: Command) -> dict[str, Any]:
    """Return what a call says, once its schema holds."""
    assert command.action == "DataTransfer"
    payload = command.payload
    assert schemas.first_fault("1.6", "DataTransfer", payload, is_answer=False) is None
    assert payload["vendorId"] == "org.openchargealliance.costmsg"
    return {"message": payload["messageId"], **json.loads(payload["data"])}


def test_the_configuration_says_whether_a_station_of_16_shows_costs(made: cast.Cast) -> None:
    assert Screen.objects.get().shows_cost
    configured(made, "false")
    assert not Screen.objects.get().shows_cost


def test_a_running_cost_is_told_with_the_register_and_what_goes_on(made: cast.Cast) -> None:
    session = running(made)
    assert joins.show_running_costs(as_of=NOW) == 1
    assert said(queued(made.ac_station)[0]) == {
        "message": "RunningCost",
        "transactionId": 17,
        "timestamp": "2026-11-22T12:00:00Z",
        "meterValue": 3000,
        "cost": 10,
        "state": "Charging",
    }

    Session.objects.filter(pk=session.pk).update(parking_since=NOW, last_register_wh=4000)
    assert joins.show_running_costs(as_of=NOW + timedelta(minutes=2)) == 1
    assert said(queued(made.ac_station)[1])["state"] == "Idle"


def test_a_station_that_shows_no_costs_is_told_none(made: cast.Cast) -> None:
    running(made)
    Screen.objects.update(shows_cost=False)
    assert joins.show_running_costs(as_of=NOW) == 0


def test_a_session_without_a_number_is_not_told(made: cast.Cast) -> None:
    running(made, "x-1")
    assert joins.show_running_costs(as_of=NOW) == 0


def test_the_final_cost_is_told_once_and_only_when_it_is_billed(made: cast.Cast) -> None:
    session = running(made)
    joins.show_running_costs(as_of=NOW)
    Session.objects.filter(pk=session.pk).update(
        state="completed", ended_at=NOW, energy_wh=4000, meter_stop_wh=5000, completed_at=NOW
    )
    assert joins.show_final_costs(as_of=NOW) == 0

    rating.rate_session(session_id=session.pk, as_of=NOW)
    assert joins.show_final_costs(as_of=NOW) == 1
    assert joins.show_final_costs(as_of=NOW) == 0
    assert said(queued(made.ac_station)[-1]) == {
        "message": "FinalCost",
        "transactionId": 17,
        "cost": 20,
    }
    assert ShownCost.objects.get().is_final


@pytest.mark.parametrize(
    ("identity", "protocol", "action"),
    [("NORD-AC-1", "ocpp1.6", "DataTransfer"), ("NORD-DC-1", "ocpp2.1", "SetDefaultTariff")],
)
def test_a_price_reaches_the_station_over_its_socket(
    cast: cast.Cast, gateway: GatewayProcess, identity: str, protocol: str, action: str
) -> None:
    now = datetime.now(UTC)
    assign(make_tariff(cast, "day", price_list("4")))
    station = cast.ac_station if action == "DataTransfer" else cast.dc_station
    Screen.objects.create(
        operator=cast.operator, station=station, shows_cost=True, takes_tariffs=True
    )
    running(cast)

    @sync_to_async
    def tell() -> None:
        type(station).objects.filter(pk=station.pk).update(
            is_online=True, ocpp_version=protocol.removeprefix("ocpp")
        )
        if action == "DataTransfer":
            displays.show_costs(costs={Session.objects.get().pk: "10.00"}, as_of=now)
        else:
            joins.tell_tariffs(as_of=now)

    async def script() -> list[Any]:
        async with Charger(gateway.url, identity, protocol) as charger:
            await tell()
            async with asyncio.timeout(20):
                return await charger.called()

    call = async_to_sync(script)()

    assert call[2] == action
    version = protocol.removeprefix("ocpp")
    assert schemas.first_fault(version, action, call[3], is_answer=False) is None
