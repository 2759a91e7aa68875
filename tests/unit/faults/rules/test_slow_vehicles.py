"""F23 among vehicles that differ: a slow vehicle is not a slow connector."""

from collections.abc import Sequence
from random import Random

from faults.rules import BY_CODE
from faults.rules.facts import Card, SessionOutcome
from faults.rules.protocol import CannotKnow, Firing
from tests.unit.faults.rules.power_scene import after, measured

LOW = BY_CODE["F23"]
RATED_W = 150_000
DC = Card(is_dc=True, max_power_w=RATED_W)
CARS_W = (50_000, 75_000, 110_000, 150_000)


def took(number: int, token: str, watts: int) -> SessionOutcome:
    return measured(
        number,
        token,
        power_ratio=watts / RATED_W,
        power_ratio_samples=10,
        hungry_w=watts,
        is_ratio_of_offer=True,
    )


def sibling(watts: Sequence[int], share: float = 0.97) -> dict[str, object]:
    rows = [
        [f"2026-10-0{1 + place}", f"car-{place}", one / RATED_W, one, share]
        for place, one in enumerate(watts)
    ]
    return {"rows": rows, "mean": 0.6, "ewma": share, "count": 30, "newest_end": "2026-10-09"}


def test_a_new_connector_that_slow_vehicles_visit_gives_what_they_ask_for() -> None:
    few = [took(number, f"car-{number}", 50_000) for number in range(8)]
    result = after(LOW, few, card=DC)
    assert isinstance(result, CannotKnow)
    assert result.reason == "vehicles_or_site"


def test_a_changing_mixture_of_vehicles_is_no_slow_connector() -> None:
    for seed in range(6):
        dice = Random(seed)
        cars = {f"car-{number}": dice.choice(CARS_W) for number in range(60)}
        visits = [dice.choice(list(cars)) for _ in range(150)]
        sessions = [took(number, who, cars[who]) for number, who in enumerate(visits)]
        busy = {"F23": {8: sibling([150_000] * 3)}}
        kept: dict[str, object] = {}
        for one in sessions:
            result = after(LOW, [one], card=DC, state=kept, neighbours=busy)
            assert not isinstance(result, Firing), (seed, one.id)
            kept = result.state


def test_vehicles_that_take_more_at_the_next_connector_tell_of_a_slow_one() -> None:
    able = [50_000, 75_000, 110_000, 150_000]
    half = [took(number, f"car-{number % 4}", able[number % 4] // 2) for number in range(8)]
    result = after(LOW, half, card=DC, neighbours={"F23": {8: sibling(able)}})
    assert isinstance(result, Firing)
    assert (result.severity, result.evidence["vehicles"]) == (4, 4)
    assert result.evidence["ewma"] < 0.55


def test_strangers_none_of_whom_takes_what_was_usual_tell_of_a_slow_one() -> None:
    usual = [took(number, f"old-{number}", CARS_W[number % 4]) for number in range(24)]
    capped = [took(24 + number, f"new-{number}", 50_000) for number in range(12)]
    assert not isinstance(after(LOW, [*usual, *capped[:3]], card=DC), Firing)
    result = after(LOW, [*usual, *capped], card=DC)
    assert isinstance(result, Firing)
    assert result.evidence["ceiling"] < 0.35


def test_what_was_remembered_in_another_shape_is_learnt_anew() -> None:
    old = {
        "rows": [["2026-10-01", "car-0", 0.3, True]] * 9,
        "ewma": 0.3,
        "count": 9,
        "newest_end": "2026-10-01",
    }
    beside = {"F23": {8: old}}
    result = after(LOW, [took(0, "car-0", 50_000)], card=DC, state=dict(old), neighbours=beside)
    assert isinstance(result, CannotKnow)
    assert result.reason == "learning"
