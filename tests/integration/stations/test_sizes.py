"""A call that is more than its station takes is refused before it is queued."""

from typing import Any

import pytest
from django.utils import timezone

from stations import commands, variables
from stations.models import Station
from stations.variables import Address, Told
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def station(version: str, *told: tuple[Address, str]) -> Station:
    row = make_cast().dc_station
    row.ocpp_version = version
    row.save(update_fields=["ocpp_version"])
    variables.store(row, [Told(address, value) for address, value in told], as_of=timezone.now())
    return row


def asked(count: int) -> dict[str, Any]:
    name = {"component": {"name": "OCPPCommCtrlr"}}
    return {
        "getVariableData": [name | {"variable": {"name": f"V{number}"}} for number in range(count)]
    }


def limit(name: str) -> Address:
    return Address(name, component="DeviceDataCtrlr", variable_instance="GetVariables")


def test_more_items_than_the_station_said_are_refused() -> None:
    row = station("2.0.1", (limit("ItemsPerMessage"), "3"))

    commands.require_fit(station=row, action="GetVariables", payload=asked(3))
    with pytest.raises(commands.CommandUnfit, match="3"):
        commands.require_fit(station=row, action="GetVariables", payload=asked(4))


def test_more_bytes_than_the_station_said_are_refused() -> None:
    row = station("2.0.1", (limit("BytesPerMessage"), "200"))

    commands.require_fit(station=row, action="GetVariables", payload=asked(2))
    with pytest.raises(commands.CommandUnfit, match="200"):
        commands.require_fit(station=row, action="GetVariables", payload=asked(9))


def test_1_6_says_how_many_keys() -> None:
    row = station("1.6", (Address("GetConfigurationMaxKeys"), "2"))

    with pytest.raises(commands.CommandUnfit):
        commands.require_fit(
            station=row, action="GetConfiguration", payload={"key": ["A", "B", "C"]}
        )


def test_what_a_station_never_said_is_no_limit() -> None:
    row = station("2.0.1")

    commands.require_fit(station=row, action="GetVariables", payload=asked(50))
