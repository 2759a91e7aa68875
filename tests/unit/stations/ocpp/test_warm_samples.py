"""Of several temperatures the hottest at the plug counts, in whatever order they are told."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from stations.metering.facts import Reading
from stations.ocpp import readings

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
Told = tuple[float, str, str]


def read(*told: Told) -> Reading:
    samples = [
        {"value": str(value), "measurand": "Temperature", "location": place, "unit": unit}
        for value, place, unit in told
    ]
    values = [{"timestamp": NOW.isoformat(), "sampledValue": samples}]
    (found,) = readings.read_meter_values(values, NOW, [])
    return found


@pytest.mark.parametrize(
    "told", list(permutations([(95.0, "Cable", "Celsius"), (104, "Cable", "F")]))
)
def test_two_of_one_place_are_the_two_contacts_and_the_hot_one_counts(told: list[Told]) -> None:
    found = read(*told)

    assert (found.temperature_c, found.temperature_pair_c) == (Decimal("95.0"), Decimal("40.0"))
    assert found.other == []


def test_a_cool_outlet_does_not_hide_a_hot_cable_and_is_not_its_other_contact() -> None:
    found = read((95, "Cable", "Celsius"), (30, "Outlet", "Celsius"), (50, "Body", "Celsius"))

    assert (found.temperature_c, found.temperature_body_c) == (Decimal(95), Decimal(50))
    assert found.temperature_pair_c is None
    assert [one["location"] for one in found.other] == ["Outlet"]


def test_the_battery_of_a_vehicle_is_not_the_plug() -> None:
    assert read((95, "EV", "Celsius")).temperature_c is None
