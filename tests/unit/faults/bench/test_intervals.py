"""How sure a number is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.faults.judge import intervals


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263
    low, high = intervals.wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(hits: int, of: int) -> None:
    hits = min(hits, of)
    low, high = intervals.wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1


def test_none_in_thirty_thousand_days_means_less_than_a_tenth_in_a_thousand() -> None:
    days = {str(number): 60.0 for number in range(500)}
    rate, low, high = intervals.rate_per_thousand({}, days)
    assert (rate, low, round(high, 6)) == (0.0, 0.0, 0.1)


def test_false_tickets_of_one_connector_make_a_rate_less_sure() -> None:
    days = {str(number): 60.0 for number in range(100)}
    spread = intervals.rate_per_thousand({str(number): 1 for number in range(20)}, days)
    heaped = intervals.rate_per_thousand({"3": 20}, days)
    assert spread[0] == heaped[0] == pytest.approx(20 / 6)
    assert heaped[2] - heaped[1] > 2 * (spread[2] - spread[1])


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert intervals.quantile([], 0.5) is None
    assert intervals.quantile([1, 2, 10], 0.5) == 2
    assert intervals.quantile([0, 10], 0.9) == pytest.approx(9)
