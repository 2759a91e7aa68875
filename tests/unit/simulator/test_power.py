import dataclasses
import itertools
from typing import Any

import pytest

from stations.simulator import plan, power


@pytest.fixture(params=[0, 1])
def pair(request: Any, station: Any) -> Any:
    connector = station.connectors[request.param]
    return connector, next(plan.visits(3, station, connector, plan.Pace()))


def test_power_is_never_above_connector_car_or_cap(pair: Any) -> None:
    connector, visit = pair

    for step in range(101):
        drawn = power.draw_w(connector, visit, visit.energy_wh * step / 100, cap_w=9_000)
        assert 0 < drawn <= min(connector.max_power_w, visit.car_limit_w, 9_000)


def test_a_cap_of_zero_stops_the_flow(pair: Any) -> None:
    connector, visit = pair

    assert power.draw_w(connector, visit, 0.0, cap_w=0.0) == 0


def test_dc_power_falls_as_the_battery_fills() -> None:
    shares = [power.dc_share(soc) for soc in range(10, 101)]

    assert all(later <= earlier for earlier, later in itertools.pairwise(shares))
    assert shares[0] == 1.0
    assert 0.05 < shares[-1] < 0.1


def test_ac_power_is_flat_and_tapers_at_the_end(station: Any) -> None:
    connector = station.connectors[0]
    visit = next(plan.visits(3, station, connector, plan.Pace()))

    begin, middle, end = (power.draw_w(connector, visit, visit.energy_wh * x) for x in (0, 0.5, 1))
    assert begin == middle
    assert end < 0.5 * begin


@pytest.mark.parametrize("phases", [1, 3])
def test_volts_times_amps_is_the_power(station: Any, phases: Any) -> None:
    connector = station.connectors[0]
    visit = next(plan.visits(3, station, connector, plan.Pace()))
    visit = dataclasses.replace(visit, car_phases=phases)

    volts, amps = power.volts_and_amps(connector, visit, 3_600, wobble=0.3)

    assert len(volts) == len(amps) == 3
    total = sum(v * a for v, a in zip(volts, amps, strict=True))
    assert total == pytest.approx(3_600, rel=0.01)
    assert sum(a > 0 for a in amps) == phases


def test_the_state_of_charge_never_passes_a_hundred(pair: Any) -> None:
    _connector, visit = pair

    assert power.soc_after(visit, 1_000_000) == 100
    assert power.soc_after(visit, 0) == visit.soc


def test_a_cable_warms_under_load_and_cools_without(station: Any) -> None:
    connector = station.connectors[1]
    full = power.full_amps(connector)
    warm = power.cable_target_c(connector, full, 15.0)

    assert warm == 15.0 + power.CABLE_RISE_K
    assert power.cable_target_c(connector, 0, 15.0) == 15.0
    assert 15.0 < power.approach(15.0, warm, 60) < power.approach(15.0, warm, 600) < warm


def test_worn_contacts_warm_as_much_more_as_their_resistance(station: Any) -> None:
    connector = station.connectors[1]
    full = power.full_amps(connector)
    new, worn = (power.cable_target_c(connector, full, 15.0, times) - 15 for times in (1.0, 2.5))

    assert worn == pytest.approx(2.5 * new)


def test_a_car_of_one_phase_heats_its_contact_as_much_as_one_of_three(station: Any) -> None:
    connector = station.connectors[0]
    visit = next(plan.visits(3, station, connector, plan.Pace()))
    one, three = (
        power.amps_of(connector, dataclasses.replace(visit, car_phases=phases), phases * 3_680)
        for phases in (1, 3)
    )

    assert one == three == pytest.approx(16)
