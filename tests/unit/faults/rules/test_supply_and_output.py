"""F29, F31 and F35: what feeds a connector, and what leaves it when nothing should."""

from datetime import timedelta
from typing import Any

import pytest

from faults.rules import BY_CODE
from faults.rules.facts import Card, Notice
from faults.rules.protocol import CannotKnow, Clear, Firing, Result
from tests.unit.faults.rules.power_scene import after, measured, reading, told
from tests.unit.faults.rules.scene import at, sign, snapshot

CONTACTOR, SUPPLY, WEAK = BY_CODE["F29"], BY_CODE["F31"], BY_CODE["F35"]
IDLE = {"statuses": {7: "Available"}}


def flow(minutes: float, **said: Any) -> Notice:
    return reading(minutes, remarks=["flow"], in_session=False, **said)


def test_power_at_a_plug_without_a_session_told_twice_is_a_danger() -> None:
    once = told(CONTACTOR, [flow(0, power_w=7000)], **IDLE)
    assert not isinstance(once, Firing)
    result = told(CONTACTOR, [flow(1, power_w=7000)], state=once.state, **IDLE)
    assert isinstance(result, Firing)
    assert (result.severity, result.began_at, result.attribution) == (1, at(0), "charger")


def test_direct_voltage_on_an_idle_plug_is_a_danger() -> None:
    live = [
        reading(minute, remarks=["live"], in_session=False, voltage_v=380.0) for minute in (0, 1)
    ]
    assert isinstance(told(CONTACTOR, live, **IDLE), Firing)


def test_energy_after_the_end_needs_no_second_minute() -> None:
    moved = [flow(0, energy_wh=1000), flow(0.1, energy_wh=1060)]
    assert isinstance(told(CONTACTOR, moved, **IDLE), Firing)
    assert not isinstance(
        told(CONTACTOR, [flow(0, energy_wh=1000), flow(0.1, energy_wh=1040)], **IDLE), Firing
    )


def test_a_session_we_were_not_told_of_is_no_contactor() -> None:
    flows = [flow(minute, power_w=7000) for minute in range(5)]
    assert not isinstance(told(CONTACTOR, flows, statuses={7: "Charging"}), Firing)


def test_a_flow_in_a_session_or_told_late_is_no_contactor() -> None:
    inside = [
        reading(minute, remarks=["flow"], in_session=True, power_w=7000) for minute in range(3)
    ]
    assert not isinstance(told(CONTACTOR, inside, **IDLE), Firing)
    late = [flow(minute, power_w=7000, received_at=at(600)) for minute in range(3)]
    assert not isinstance(told(CONTACTOR, late, **IDLE), Firing)


def test_a_flow_that_stopped_before_anybody_looked_is_still_inspected() -> None:
    notices = (flow(0, power_w=700), flow(1, power_w=700), reading(2, remarks=[], power_w=0))
    result = CONTACTOR.check(snapshot(3, notices=notices, **IDLE), CONTACTOR.thresholds, {})
    assert isinstance(result, Firing)
    assert result.is_over


def test_registers_that_move_between_sessions_again_and_again_are_looked_at() -> None:
    def moved(step: int) -> Result:
        return after(
            CONTACTOR,
            [
                measured(
                    number,
                    meter_start_wh=number * (9000 + step),
                    meter_stop_wh=number * (9000 + step) + 9000,
                )
                for number in range(5)
            ],
        )

    result = moved(60)
    assert isinstance(result, Firing)
    assert (result.severity, result.is_down) == (3, False)
    assert isinstance(moved(50), Clear)


def test_a_contactor_a_station_complains_of_is_a_danger() -> None:
    seen = snapshot(0, signs=(sign(0, "Faulted", "PowerSwitchFailure"),))
    result = CONTACTOR.check(seen, CONTACTOR.thresholds, {})
    assert isinstance(result, Firing)
    assert result.severity == 1


def volts(*values: float, every: float = 5) -> list[Notice]:
    return [
        reading(index * every, phases_v=[230.0, value, 231.0])
        for index, value in enumerate(values)
    ]


def test_a_voltage_off_for_ten_minutes_is_a_fault_of_the_supply() -> None:
    assert not isinstance(told(SUPPLY, volts(200, 200)), Firing)
    result = told(SUPPLY, volts(200, 198, 201))
    assert isinstance(result, Firing)
    assert (result.severity, result.attribution, result.is_down) == (3, "grid", False)
    assert result.evidence["worst_v"] == 198


def test_a_dangerous_voltage_is_a_danger() -> None:
    result = told(SUPPLY, volts(260, 266, 262))
    assert isinstance(result, Firing)
    assert result.severity == 1


def test_a_good_reading_between_begins_anew() -> None:
    assert not isinstance(told(SUPPLY, volts(200, 200, 230, 200, 200)), Firing)


def test_a_line_voltage_is_not_a_phase_too_high() -> None:
    line = [reading(5 * index, voltage_v=400.0) for index in range(5)]
    assert not isinstance(told(SUPPLY, line), Firing)


def test_half_an_hour_of_good_voltage_clears() -> None:
    low = told(SUPPLY, volts(200, 200, 200))
    well = told(SUPPLY, [reading(20, voltage_v=230.0)], state=low.state)
    assert isinstance(well, Firing)
    result = told(SUPPLY, [reading(50, voltage_v=231.0)], state=well.state)
    assert isinstance(result, Clear)
    assert result.ended_at == at(20)


def test_a_whole_session_of_good_voltage_clears() -> None:
    low = told(SUPPLY, volts(200, 200, 200))
    good = measured(3, lowest_v=225.0, highest_v=233.0)
    assert isinstance(after(SUPPLY, [good], state=low.state), Clear)


def test_of_several_connectors_on_a_bad_supply_one_speaks() -> None:
    others = {"F31": {3: {"measured": {"is_firing": True}}}}
    assert not isinstance(told(SUPPLY, volts(200, 200, 200), neighbours=others), Firing)
    later = {"F31": {9: {"measured": {"is_firing": True}}}}
    result = told(SUPPLY, volts(200, 200, 200), neighbours=later)
    assert isinstance(result, Firing)
    assert result.evidence["others"] == [9]


def test_direct_current_has_a_voltage_of_its_own() -> None:
    dc = {7: Card(is_dc=True)}
    assert not isinstance(told(SUPPLY, volts(180, 180, 180), cards=dc), Firing)


def test_five_sessions_of_high_impedance_are_a_weak_supply() -> None:
    usual = [measured(number, impedance_ohm=0.3) for number in range(20)]
    high = [measured(20 + number, impedance_ohm=0.75) for number in range(5)]
    assert isinstance(after(WEAK, [*usual, *high[:4]]), Clear)
    result = after(WEAK, [*usual, *high])
    assert isinstance(result, Firing)
    assert (result.severity, result.evidence["limit_ohm"]) == (4, pytest.approx(0.6))
    well = [measured(40 + number, impedance_ohm=0.3) for number in range(5)]
    assert isinstance(after(WEAK, well, state=result.state), Clear)


def test_a_long_feeder_is_compared_with_itself() -> None:
    long = [measured(number, impedance_ohm=0.55) for number in range(20)]
    more = [measured(20 + number, impedance_ohm=0.8) for number in range(5)]
    assert isinstance(after(WEAK, [*long, *more]), Clear)
    worse = [measured(30 + number, impedance_ohm=0.9) for number in range(5)]
    assert isinstance(after(WEAK, [*long, *worse]), Firing)


def test_without_an_impedance_nothing_is_known() -> None:
    assert isinstance(after(WEAK, [measured(0)]), CannotKnow)
    assert timedelta(days=60) == WEAK.thresholds.usual_for
