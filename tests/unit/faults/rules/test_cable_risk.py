import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.rules import cable_risk
from faults.rules.cable_risk import Worn


def test_a_new_cable_is_no_risk() -> None:
    assert cable_risk.risk_of(Worn(faults={})) == (0, [])


@pytest.mark.parametrize(
    ("worn", "word", "points"),
    [
        (Worn(times_base=1.65, faults={}), "contact", 50),
        (Worn(times_base=9.0, faults={}), "contact", 90),
        (Worn(hottest_c=85.0, faults={}), "heat", 50),
        (Worn(faults={3: 2}), "faults", 51),
        (Worn(faults={}, has_open_danger=True), "danger", 90),
        (Worn(faults={}, cycles=10_000), "cycles", 50),
        (Worn(faults={}, years=10.0), "age", 30),
        (Worn(faults={}, energy_wh=500_000_000, is_dc=True), "energy", 20),
    ],
)
def test_each_reason_is_told_with_its_points(worn: Worn, word: str, points: int) -> None:
    risk, reasons = cable_risk.risk_of(worn)
    assert [(one.word, one.points) for one in reasons] == [(word, points)]
    assert risk == points


def test_reasons_add_up_as_chances_and_the_heaviest_comes_first() -> None:
    risk, reasons = cable_risk.risk_of(Worn(times_base=1.65, hottest_c=85.0, faults={4: 1}))
    assert risk == round(100 * (1 - 0.5 * 0.5 * 0.85))
    assert [one.word for one in reasons] == ["contact", "heat", "faults"]


@given(
    times=st.none() | st.floats(0, 50),
    hot=st.none() | st.floats(-50, 200),
    count=st.integers(0, 1000),
    cycles=st.integers(0, 10**7),
    years=st.floats(-1, 100),
)
def test_a_risk_is_always_between_nothing_and_a_hundred(
    times: float | None, hot: float | None, count: int, cycles: int, years: float
) -> None:
    worn = Worn(times_base=times, hottest_c=hot, faults={4: count}, cycles=cycles, years=years)
    assert 0 <= cable_risk.risk_of(worn)[0] <= 100
