"""Whatever a station sends, measuring answers, and says the same in any order."""

from dataclasses import fields
from datetime import timedelta
from math import isfinite

from hypothesis import given
from hypothesis import strategies as st

from faults.rules import measuring
from faults.rules.facts import Card, Sample
from faults.rules.measuring import delivery
from tests.unit.faults.rules.measuring.course import START

NUMBER = st.none() | st.floats() | st.sampled_from([0.0, 16.0, 230.0, 77.0, -1.0])
WHOLE = st.none() | st.integers(-(2**40), 2**40) | st.integers(0, 200_000)
SAMPLE = st.builds(
    Sample,
    at=st.integers(0, 7200).map(lambda one: START + timedelta(seconds=one)),
    energy_wh=WHOLE,
    power_w=WHOLE,
    power_offered_w=WHOLE,
    current_a=NUMBER,
    phases_a=st.tuples(NUMBER, NUMBER, NUMBER),
    current_offered_a=NUMBER,
    voltage_v=NUMBER,
    phases_v=st.tuples(NUMBER, NUMBER, NUMBER),
    soc_percent=st.none() | st.integers(-5, 300),
    cable_c=NUMBER,
    pair_c=NUMBER,
    body_c=NUMBER,
)
CARD = st.builds(Card, is_dc=st.booleans(), max_power_w=st.none() | st.integers(0, 400_000))


@given(samples=st.lists(SAMPLE, max_size=30), card=CARD)
def test_every_answer_is_a_finite_number_or_none(samples: list[Sample], card: Card) -> None:
    found = measuring.measure(samples, card)
    for field in fields(found):
        value = getattr(found, field.name)
        for one in value if isinstance(value, tuple) else (value,):
            assert not isinstance(one, float) or isfinite(one), field.name


@given(
    samples=st.lists(SAMPLE, max_size=20, unique_by=lambda one: one.at),
    card=CARD,
    seed=st.randoms(),
)
def test_order_and_repetition_change_nothing(samples: list[Sample], card: Card, seed) -> None:
    shuffled = [*samples, *samples[:3]]
    seed.shuffle(shuffled)
    first, second = measuring.measure(samples, card), measuring.measure(shuffled, card)
    for field in fields(first):
        if field.name != "samples":
            assert getattr(first, field.name) == getattr(second, field.name), field.name


def test_next_to_nothing_times_next_to_nothing_is_an_offer_of_nothing() -> None:
    tiny = Sample(at=START, power_w=11_000, current_offered_a=1e-200, voltage_v=1e-200)
    assert delivery.offered(tiny, Card(is_dc=False)) == 0
