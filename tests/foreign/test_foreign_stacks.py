"""Stacks that other people wrote connect, charge and obey; their validators find nothing wrong."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from stations import commands
from stations.models import Command, MeterValue, Session, Station
from tests.cast import Cast
from tests.foreign import talks
from tests.foreign.npm_stack import NpmStation
from tests.foreign.pypi_stack import PypiStation
from tests.integration.stations.conftest import GatewayProcess

Until = Callable[[Callable[[], object]], object]
Open = Callable[[str, str, dict[str, Any]], AbstractAsyncContextManager[Any]]
SPOKEN = [
    ("npm ocpp-rpc", "ocpp1.6"),
    ("npm ocpp-rpc", "ocpp2.0.1"),
    ("npm ocpp-rpc", "ocpp2.1"),
    ("PyPI ocpp", "ocpp1.6"),
    ("PyPI ocpp", "ocpp2.0.1"),
]
EACH = pytest.mark.parametrize(
    ("stack", "subprotocol"), SPOKEN, ids=["-".join(pair) for pair in SPOKEN]
)


@pytest.fixture
def opened(stack: str, gateway: GatewayProcess, request: pytest.FixtureRequest) -> Open:
    """Return how a station of a stack is connected."""
    if stack.startswith("npm"):
        modules = request.getfixturevalue("node_modules")
        return lambda name, spoken, answers: NpmStation(
            gateway.url, name, spoken, answers, modules
        )
    return lambda name, spoken, answers: PypiStation(gateway.url, name, spoken, answers)


def station_of(cast: Cast, subprotocol: str) -> Station:
    station = cast.ac_station
    station.ocpp_version = subprotocol.removeprefix("ocpp")
    station.save(update_fields=["ocpp_version"])
    return station


@EACH
def test_a_foreign_stack_charges(cast: Cast, opened: Open, subprotocol: str) -> None:
    station = station_of(cast, subprotocol)
    charge = talks.charge_16 if subprotocol == "ocpp1.6" else talks.charge_2x

    async def script() -> Any:
        async with opened(station.identity, subprotocol, {}) as client:
            await charge(client)
            return client

    client = async_to_sync(script)()

    assert (client.connected, client.invalid) == (subprotocol, [])
    session = Session.objects.get(station=station)
    assert (session.state, session.energy_wh) == ("completed", talks.ENERGY_WH)
    assert (session.id_tag, session.token) == (talks.TOKEN, cast.astrids_token)
    assert session.needs_review is False
    assert MeterValue.objects.filter(session_id=session.pk).count() >= 2


@EACH
def test_a_foreign_stack_obeys(cast: Cast, opened: Open, subprotocol: str, until: Until) -> None:
    station = station_of(cast, subprotocol)
    orders = talks.ORDERS_16 if subprotocol == "ocpp1.6" else talks.ORDERS_2X
    answers = {order.wire: order.answer for order in orders}

    async def script() -> tuple[Any, list[Command]]:
        rows = []
        async with opened(station.identity, subprotocol, answers) as client:
            for order in orders:
                row = await sync_to_async(commands.send_command)(
                    station=station,
                    action=order.action,
                    payload=order.payload,
                    as_of=datetime.now(UTC),
                )
                name, _ = await client.hear()
                assert name == order.wire
                rows.append(row)
            await client.call("Heartbeat", {})
            await sync_to_async(until)(
                lambda: not Command.objects.exclude(state__in=Command.FINAL).exists()
            )
            return client, rows

    client, rows = async_to_sync(script)()

    assert client.invalid == []
    ends = [Command.objects.get(pk=row.pk) for row in rows]
    assert [end.answer for end in ends] == [order.answer for order in orders]
    assert {end.state for end in ends} <= {"accepted", "rejected"}
    assert {end.state for end in ends if end.answer == {"status": "Accepted"}} == {"accepted"}
