"""F23, F24 and F25: less power than there could be."""

from collections.abc import Sequence
from random import Random

import pytest

from faults.rules import BY_CODE, module_lost
from faults.rules.facts import Card, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing
from tests.unit.faults.rules.power_scene import after, measured

LOW, MODULE, PHASE = BY_CODE["F23"], BY_CODE["F24"], BY_CODE["F25"]
DC = Card(is_dc=True, max_power_w=150_000)


def ratios(
    values: Sequence[float], *, start: int = 0, of_offer: bool = True, token: str = ""
) -> list[SessionOutcome]:
    return [
        measured(
            start + number,
            token,
            power_ratio=value,
            power_ratio_samples=10,
            is_ratio_of_offer=of_offer,
        )
        for number, value in enumerate(values)
    ]


SOUND = [0.96] * 15


def test_half_the_power_to_several_vehicles_is_found_within_eight_sessions() -> None:
    for value, sessions in ((0.5, 5), (0.7, 8)):
        result = after(LOW, [*ratios(SOUND), *ratios([value] * sessions, start=15)])
        assert isinstance(result, Firing)
        assert (result.severity, result.attribution) == (4, "charger")


def test_next_to_nothing_is_serious() -> None:
    result = after(LOW, [*ratios(SOUND), *ratios([0.2] * 9, start=15)])
    assert isinstance(result, Firing)
    assert result.severity == 3


def test_one_slow_vehicle_is_not_the_connector() -> None:
    slow = ratios([0.4] * 30, start=15, token="the-slow-one")
    assert isinstance(after(LOW, [*ratios(SOUND), *slow]), Clear)


def test_a_connector_that_was_always_slow_has_slow_vehicles() -> None:
    result = after(LOW, ratios([0.6] * 60, of_offer=False))
    assert isinstance(result, CannotKnow)
    assert result.reason == "vehicles_or_site"


def test_siblings_that_are_as_slow_say_that_it_is_the_site() -> None:
    slow = [*ratios(SOUND), *ratios([0.6] * 12, start=15)]
    alike = {"F23": {8: {"ewma": 0.6, "count": 40}, 9: {"ewma": 0.62, "count": 40}}}
    assert isinstance(after(LOW, slow, neighbours=alike), CannotKnow)
    whole = {"F23": {8: {"ewma": 0.95, "count": 40}, 9: {"ewma": 0.9, "count": 2}}}
    assert isinstance(after(LOW, slow, neighbours=whole), Firing)


def test_full_power_again_over_five_sessions_clears() -> None:
    low = after(LOW, [*ratios(SOUND), *ratios([0.5] * 6, start=15)])
    four = after(LOW, ratios([0.97] * 4, start=30), state=low.state)
    assert isinstance(four, Firing)
    assert isinstance(after(LOW, ratios([0.97], start=40), state=four.state), Clear)


def test_limited_sessions_without_an_offer_prove_nothing() -> None:
    limited = [
        measured(number, power_ratio=0.3, power_ratio_samples=9, was_limited=True)
        for number in range(20)
    ]
    assert isinstance(after(LOW, limited), CannotKnow)


def plateaus(
    values: Sequence[float], *, start: int = 0, flat: float = 0.6
) -> list[SessionOutcome]:
    return [
        measured(start + number, plateau=value, plateau_share=flat)
        for number, value in enumerate(values)
    ]


def usual(count: int, seed: int = 1) -> list[float]:
    dice = Random(seed)
    return [dice.choice([0.99, 0.98, dice.uniform(0.3, 0.97), 0.97]) for _ in range(count)]


@pytest.mark.parametrize(("level", "said"), [(0.5, (1, 2)), (0.66, (2, 3)), (0.76, (3, 4))])
def test_a_step_of_the_plateau_is_a_lost_module(level: float, said: tuple[int, int]) -> None:
    result = after(MODULE, [*plateaus(usual(30)), *plateaus([level] * 7, start=30)], card=DC)
    assert isinstance(result, Firing)
    assert (result.evidence["working"], result.evidence["modules"]) == said
    assert module_lost.nearest_step(level, 0.04) == said


def test_full_power_says_that_the_module_is_back() -> None:
    lost = after(MODULE, [*plateaus(usual(30)), *plateaus([0.5] * 7, start=30)], card=DC)
    back = after(MODULE, plateaus([0.98], start=50), state=lost.state, card=DC)
    assert isinstance(back, Clear)


def test_a_fleet_of_slow_cars_is_no_lost_module() -> None:
    assert not isinstance(after(MODULE, plateaus([0.33] * 60), card=DC), Firing)
    for seed in range(30):
        assert not isinstance(after(MODULE, plateaus(usual(200, seed)), card=DC), Firing)


def test_vehicles_that_never_took_more_are_no_lost_module_however_often_they_come() -> None:
    def flat(number: int, who: str, level: float) -> SessionOutcome:
        return measured(number, who, plateau=level, plateau_share=0.9)

    before = [
        flat(n, f"slow-{n % 4}", 0.5) if n % 3 else flat(n, f"fast-{n}", 0.99) for n in range(30)
    ]
    known = [flat(30 + n, f"slow-{n % 4}", 0.5) for n in range(12)]
    assert not isinstance(after(MODULE, [*before, *known], card=DC), Firing)
    strangers = [flat(30 + n, f"new-{n}", 0.5) for n in range(24)]
    assert isinstance(after(MODULE, [*before, *strangers], card=DC), Firing)


def test_limited_sessions_are_no_step() -> None:
    held = [
        measured(30 + number, plateau=0.5, plateau_share=0.9, was_limited=True)
        for number in range(20)
    ]
    assert not isinstance(after(MODULE, [*plateaus(usual(30)), *held], card=DC), Firing)


def phases(
    shares: tuple[float, float, float], tokens: Sequence[str], start: int = 0
) -> list[SessionOutcome]:
    return [
        measured(start + number, token, phase_shares=shares) for number, token in enumerate(tokens)
    ]


WHOLE, TWO, ONE = (1.0, 0.98, 0.99), (1.0, 0.99, 0.0), (1.0, 0.0, 0.0)


def test_three_sessions_of_vehicles_known_to_take_three_phases_tell_that_one_is_missing() -> None:
    known = phases(WHOLE, ["a", "b", "c"])
    two = after(PHASE, [*known, *phases(TWO, ["a", "b"], start=3)])
    assert isinstance(two, Clear)
    result = after(PHASE, [*known, *phases(TWO, ["a", "b", "c"], start=3)])
    assert isinstance(result, Firing)
    assert (result.evidence["phase"], result.severity) == (3, 4)


def test_vehicles_of_one_or_two_phases_are_nothing_odd() -> None:
    mixed = [*phases(WHOLE, ["a"]), *phases(TWO, ["b", "c", "d"], start=1)]
    mixed += phases(ONE, ["e", "a", "f"], start=4)
    assert isinstance(after(PHASE, mixed), Clear)


def test_a_long_run_of_strangers_without_the_phase_is_too_unlikely_to_be_chance() -> None:
    before = phases(WHOLE, [f"old-{number}" for number in range(12)])
    before += phases(TWO, ["x", "y", "z"], start=12)
    run = phases(TWO, [f"new-{number}" for number in range(9)], start=16)
    assert isinstance(after(PHASE, [*before, *phases(WHOLE, ["w"], start=15), *run]), Firing)


def test_three_balanced_sessions_clear() -> None:
    missing = after(PHASE, [*phases(WHOLE, ["a"] * 3), *phases(TWO, ["a"] * 3, start=3)])
    assert isinstance(missing, Firing)
    whole = after(PHASE, phases(WHOLE, ["a"] * 3, start=10), state=missing.state)
    assert isinstance(whole, Clear)
