from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from faults.rules import BY_CODE
from faults.rules.facts import Card, SessionOutcome
from faults.rules.protocol import Clear, Firing
from tests.unit.faults.rules.power_scene import after, measured

RULE = BY_CODE["F34"]
CARD = Card(max_power_w=11_000)


def balanced(shares: Sequence[float], start: int = 0) -> list[SessionOutcome]:
    return [
        measured(
            start + number,
            register_wh=round(10_000 * (1 + share)),
            integral_wh=10_000,
            register_step_wh=1,
        )
        for number, share in enumerate(shares)
    ]


def test_a_sound_meter_is_believed() -> None:
    dice = Random(1)
    shares = [dice.gauss(0.005, 0.01) for _ in range(200)]
    assert isinstance(after(RULE, balanced(shares), card=CARD), Clear)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"is_backwards": True}, "backwards"),
        ({"energy_wh": -10}, "negative"),
        ({"energy_wh": 12_600}, "more_than_rated"),
        ({"meter_start_wh": 5000, "meter_stop_wh": 4000}, "negative"),
    ],
)
def test_what_cannot_be_counts_at_once(said: dict[str, Any], word: str) -> None:
    result = after(RULE, [measured(0, **said)], card=CARD)
    assert isinstance(result, Firing)
    assert (result.severity, result.evidence["found"], result.is_down) == (3, [word], False)
    assert result.evidence["sessions"][0]["session"] == 0


def test_a_register_below_where_it_stopped_is_backwards_unless_it_is_new() -> None:
    first = measured(0, meter_start_wh=1_000_000, meter_stop_wh=1_009_000)
    lower = measured(1, meter_start_wh=1_005_000, meter_stop_wh=1_014_000)
    result = after(RULE, [first, lower], card=CARD)
    assert isinstance(result, Firing)
    assert result.evidence["found"] == ["backwards_between"]
    new = measured(1, meter_start_wh=0, meter_stop_wh=9_000)
    assert isinstance(after(RULE, [first, new], card=CARD), Clear)


def test_a_session_as_full_as_it_can_be_is_believed() -> None:
    full = measured(0, energy_wh=12_400)
    assert isinstance(after(RULE, [full], card=CARD), Clear)
    short = measured(0, energy_wh=600, lasts=timedelta(minutes=2))
    assert isinstance(after(RULE, [short], card=CARD), Clear)


def test_three_disagreements_of_register_and_power_count() -> None:
    assert isinstance(after(RULE, balanced([0, 0.08, 0, 0.08]), card=CARD), Clear)
    result = after(RULE, balanced([0, 0.08, 0, 0.08, 0.08]), card=CARD)
    assert isinstance(result, Firing)
    assert (result.severity, result.evidence["found"]) == (4, ["register_and_power"])


def test_one_session_far_from_its_power_is_enough() -> None:
    def far(samples: int, **said: Any) -> SessionOutcome:
        return measured(0, samples=samples, register_wh=15_000, integral_wh=9_000, **said)

    result = after(RULE, [far(20)], card=CARD)
    assert isinstance(result, Firing)
    assert (result.severity, result.evidence["found"]) == (3, ["register_far_from_power"])
    assert isinstance(after(RULE, [far(5)], card=CARD), Clear)
    assert isinstance(after(RULE, [far(20, integral_slack_wh=4000)], card=CARD), Clear)


def test_a_coarse_register_is_not_blamed_for_its_step() -> None:
    coarse = [
        measured(number, register_wh=3000, integral_wh=2400, register_step_wh=1000)
        for number in range(10)
    ]
    assert isinstance(after(RULE, coarse, card=CARD), Clear)


def test_volts_and_amperes_that_do_not_make_the_power_count_three_times() -> None:
    bad = [measured(number, vi_gap=-0.2) for number in range(3)]
    result = after(RULE, bad, card=CARD)
    assert isinstance(result, Firing)
    assert result.evidence["found"] == ["volts_and_amperes"]


def test_energy_that_no_session_took_counts_three_times() -> None:
    rows = [
        measured(number, meter_start_wh=number * 12_000, meter_stop_wh=number * 12_000 + 9_000)
        for number in range(4)
    ]
    assert isinstance(after(RULE, rows[:3], card=CARD), Clear)
    assert isinstance(after(RULE, rows, card=CARD), Firing)


def test_a_session_whose_end_nobody_knows_hides_no_energy_from_the_next() -> None:
    rows: list[SessionOutcome] = []
    for number in range(8):
        start = number * 12_000
        rows.append(measured(2 * number, meter_start_wh=start, meter_stop_wh=start + 6_000))
        rows.append(measured(2 * number + 1, meter_start_wh=start + 6_000, meter_stop_wh=None))
    assert isinstance(after(RULE, rows, card=CARD), Clear)


def test_what_falling_power_explains_is_no_disagreement() -> None:
    falling = [
        measured(
            number,
            register_wh=26_000,
            integral_wh=27_700,
            integral_slack_wh=1_650,
            register_step_wh=1,
        )
        for number in range(12)
    ]
    assert isinstance(after(RULE, falling, card=CARD), Clear)


def test_a_drift_of_four_percent_is_heard_where_single_sessions_pass() -> None:
    dice = Random(2)
    sound = [dice.gauss(0.0, 0.008) for _ in range(20)]
    drifted = [0.04 + dice.gauss(0.0, 0.004) for _ in range(8)]
    result = after(RULE, balanced([*sound, *drifted]), card=CARD)
    assert isinstance(result, Firing)
    assert "drift" in result.evidence["found"]


def test_many_sessions_over_the_rating_alike_say_that_the_rating_is_wrong() -> None:
    rows = [measured(number, energy_wh=21_000 + 10 * number) for number in range(4)]
    once = after(RULE, rows[:1], card=CARD)
    assert isinstance(once, Firing)
    assert once.severity == 3
    result = after(RULE, rows, card=CARD)
    assert isinstance(result, Firing)
    assert (result.severity, result.evidence["found"]) == (5, ["rating_contradicted"])


def test_five_clean_sessions_clear() -> None:
    bad = after(RULE, [measured(0, is_backwards=True)], card=CARD)
    four = after(RULE, [measured(1 + number) for number in range(4)], state=bad.state, card=CARD)
    assert isinstance(four, Firing)
    assert isinstance(after(RULE, [measured(9)], state=four.state, card=CARD), Clear)
