"""A plan is held against its limits at every moment at which one of them changes."""

from decimal import Decimal

import pytest

from stations.metering import plans


def steps(*pairs: tuple[int, int]) -> list[plans.Step]:
    return [(start, Decimal(limit)) for start, limit in pairs]


@pytest.mark.parametrize(
    ("plan", "limits", "later_s", "is_within"),
    [
        pytest.param([(0, 16)], [(0, 16)], 0, True, id="the same"),
        pytest.param([(0, 17)], [(0, 16)], 0, False, id="more"),
        pytest.param([(0, 16)], [(0, 16), (600, 10)], 0, False, id="more later on"),
        pytest.param([(0, 16), (600, 10)], [(0, 16), (600, 10)], 0, True, id="follows"),
        pytest.param([(0, 10)], [(0, 16), (600, 10)], 900, True, id="begins later"),
        pytest.param([(0, 16)], [(0, 16), (600, 10)], 900, False, id="begins later with more"),
        pytest.param([(0, 32)], [], 0, True, id="no limits known"),
        pytest.param([], [(0, 16)], 0, True, id="no plan"),
    ],
)
def test_a_plan_is_within_its_limits_or_not(
    plan: list[tuple[int, int]], limits: list[tuple[int, int]], later_s: int, is_within: bool
) -> None:
    assert plans.is_within(steps(*plan), steps(*limits), later_s=later_s) is is_within
