import random

import pytest

from stations.simulator.fleet import StationSpec
from stations.simulator.meter import Meter


@pytest.fixture
def meter(station: StationSpec) -> Meter:
    return Meter(station.connectors[0], random.Random(1), 5_000.0)


def test_the_register_rises_by_power_times_time(meter: Meter) -> None:
    meter.power_w = 11_000.0

    meter.step(360)

    assert meter.register_wh == pytest.approx(6_100.0)
    assert meter.delivered_wh == pytest.approx(1_100.0)


def test_nothing_flows_without_power(meter: Meter) -> None:
    meter.step(3_600)

    assert meter.register_wh == 5_000.0


def test_a_hot_cable_passes_what_its_load_explains(meter: Meter) -> None:
    meter.power_w = 22_000.0
    meter.step(3_600)
    usual_c = meter.cable_c

    meter.hot_c, meter.hot_tau_s = 95.0, 60.0
    meter.step(600)

    assert meter.cable_c > 90 > usual_c
