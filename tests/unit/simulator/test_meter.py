import random
from datetime import UTC, datetime, timedelta

import pytest

from faults.rules import measuring
from faults.rules.facts import Card, Sample
from stations.simulator import plan
from stations.simulator.fleet import StationSpec
from stations.simulator.meter import Meter

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


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


def test_a_worn_contact_is_found_by_what_the_meter_shows(
    meter: Meter, station: StationSpec
) -> None:
    visit = next(plan.visits(3, station, meter.spec, plan.Pace()))
    card = Card(max_power_w=meter.spec.max_power_w)
    found = []
    for contact in (1.0, 2.0):
        meter.contact, meter.power_w = contact, 0.0
        meter.step(36_000)
        samples = [meter.read(NOON, visit)]
        meter.draw(meter.spec.max_power_w, visit)
        for minute in range(1, 30):
            meter.step(60)
            samples.append(meter.read(NOON + timedelta(minutes=minute), visit))
        measured = [
            Sample(at=one.at, power_w=one.power_w, current_a=max(one.amps), cable_c=one.cable_c)
            for one in samples
        ]
        found.append(measuring.measure(measured, card).theta or 0)

    assert found[1] == pytest.approx(2 * found[0], rel=0.05)


def test_a_hot_cable_passes_what_its_load_explains(meter: Meter) -> None:
    meter.power_w = 22_000.0
    meter.step(3_600)
    usual_c = meter.cable_c

    meter.hot_c, meter.hot_tau_s = 95.0, 60.0
    meter.step(600)

    assert meter.cable_c > 90 > usual_c
