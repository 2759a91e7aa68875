from dataclasses import replace
from datetime import timedelta
from math import exp
from random import Random

import pytest

from faults.rules import BY_CODE
from faults.rules.facts import Card, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing
from tests.unit.faults.rules.power_scene import after, measured
from tests.unit.faults.rules.scene import NOON

RULE = BY_CODE["F22"]
SCATTER = 0.08


def thetas(
    count: int, *, start: int = 0, times: float = 1.0, seed: int = 1
) -> list[SessionOutcome]:
    dice = Random(seed + start)
    return [
        measured(start + number, theta=8e-4 * times * exp(dice.gauss(0, SCATTER)), hottest_c=44.0)
        for number in range(count)
    ]


def test_a_contact_half_as_bad_again_is_found_within_six_sessions() -> None:
    for seed in range(20):
        worn = thetas(6, start=60, times=1.5, seed=seed)
        result = after(RULE, [*thetas(60, seed=seed), *worn])
        assert isinstance(result, Firing)
        assert result.severity == 4
        assert result.attribution == "cable"
        assert result.began_at >= worn[0].ended_at - timedelta(days=3)


def test_a_sound_contact_is_never_found_in_a_year() -> None:
    for seed in range(3):
        assert isinstance(after(RULE, thetas(1000, seed=seed)), Clear)


def test_a_slow_ramp_is_found_long_before_the_plug_is_hot() -> None:
    ramp = [
        one for number in range(60) for one in thetas(1, start=60 + number, times=1.005**number)
    ]
    # a limit of 90 °C would speak after 83 sessions
    assert isinstance(after(RULE, [*thetas(60), *ramp]), Firing)


def test_twice_the_resistance_is_serious() -> None:
    result = after(RULE, [*thetas(60), *thetas(6, start=60, times=2.3)])
    assert isinstance(result, Firing)
    assert result.severity == 3
    assert result.evidence["times_baseline"] == pytest.approx(2.3, rel=0.1)


def test_a_few_sessions_teach_nothing_and_say_so() -> None:
    result = after(RULE, thetas(10))
    assert isinstance(result, CannotKnow)
    assert result.reason == "learning"


def test_sessions_without_a_temperature_are_no_health() -> None:
    result = after(RULE, [measured(number) for number in range(5)])
    assert isinstance(result, CannotKnow)
    assert result.reason == "no_temperature_yet"


def test_a_new_cable_clears_the_fault_and_starts_a_new_baseline() -> None:
    old = Card(cable_id=1, cable_since=NOON)
    worn = after(RULE, [*thetas(60), *thetas(8, start=60, times=1.6)], card=old)
    assert isinstance(worn, Firing)
    new = replace(old, cable_id=2, cable_since=NOON + timedelta(days=40))
    fresh = after(RULE, thetas(1, start=200, times=1.6), state=worn.state, card=new)
    assert isinstance(fresh, Clear)
    assert fresh.ended_at == new.cable_since
    # the new cable's own resistance is its own beginning
    later = after(RULE, thetas(40, start=201, times=1.6), state=fresh.state, card=new)
    assert isinstance(later, Clear)


def test_a_repair_nobody_registered_is_seen_in_the_sessions_after_it() -> None:
    worn = after(RULE, [*thetas(60), *thetas(8, start=60, times=1.6)])
    repaired = after(RULE, thetas(12, start=80), state=worn.state)
    assert isinstance(repaired, Clear)


def test_contacts_that_differ_speak_at_once() -> None:
    result = after(RULE, [measured(0, theta=8e-4, pair_gap_k=15.1)])
    assert isinstance(result, Firing)
    assert result.evidence["pair_gap_k"] == 15.1
    assert isinstance(after(RULE, [measured(0, theta=8e-4, pair_gap_k=15.0)]), CannotKnow)


def test_what_a_rule_remembers_is_never_changed_in_place() -> None:
    first = after(RULE, thetas(30))
    before = repr(first.state)
    after(RULE, thetas(5, start=30), state=first.state)
    assert repr(first.state) == before


def test_a_session_told_late_changes_nothing() -> None:
    first = after(RULE, thetas(30, start=10))
    late = after(RULE, thetas(1, start=2, times=5), state=first.state)
    assert late.state == first.state
