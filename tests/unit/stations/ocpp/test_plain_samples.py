"""The short way through a sample says what the long way says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stations.metering.facts import Reading
from stations.ocpp import readings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VALUES: list[Any] = ["230.4", "230", 230.45678, 16, "1e3", "-4.25", "0,5", "abc", "", "9" * 30]
VALUES += [None, True, -1, 1e300, "1000000.5"]
ABOUT: list[dict[str, Any]] = [
    {"measurand": "Voltage", "unit": "V", "phase": "L1-N"},
    {"measurand": "Voltage", "unit": "V", "phase": "L2"},
    {"measurand": "Voltage", "phase": "L1-L2"},
    {"measurand": "Current.Import", "unit": "A", "format": "Raw"},
    {"measurand": "Current.Import", "format": "SignedData"},
    {"measurand": "Current.Offered", "unitOfMeasure": {"unit": "A", "multiplier": 1}},
    {"measurand": "Current.Import", "signedMeterValue": {"encodingMethod": "x"}},
    {"measurand": "Energy.Active.Import.Register", "unit": "Wh"},
    {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "phase": "L1"},
    {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "location": "Inlet"},
    {"measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W"}},
    {"measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}},
    {"unit": "Wh"},
]


def _read(sample: dict[str, Any]) -> tuple[tuple[Reading, ...], list[str]]:
    flags: list[str] = []
    values = [{"timestamp": "2025-12-31T23:00:00Z", "sampledValue": [sample]}]
    return readings.read_meter_values(values, NOW, flags), flags


@pytest.mark.parametrize("about", ABOUT, ids=str)
def test_a_sample_reads_the_same_either_way(
    monkeypatch: pytest.MonkeyPatch, about: dict[str, Any]
) -> None:
    short = [_read({"value": value, **about}) for value in VALUES]
    monkeypatch.setattr(readings, "_read_plain", lambda *_: False)

    assert short == [_read({"value": value, **about}) for value in VALUES]


def test_a_sample_that_is_said_all_the_time_goes_the_short_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> bool:
        raise AssertionError("the long way")

    monkeypatch.setattr(readings, "_read_other", never)

    (reading,), _ = _read({"value": "230.4", "measurand": "Voltage", "phase": "L1", "unit": "V"})

    assert str(reading.voltage_l1_v) == "230.400"
