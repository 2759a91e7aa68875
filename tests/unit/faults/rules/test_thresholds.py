"""Thresholds as people write them: what no rule can count with is refused by its name."""

import pytest

from faults import rules
from faults.rules import thresholds
from faults.rules.thresholds import ThresholdsRefused

F01 = rules.BY_CODE["F01"].thresholds


@pytest.mark.parametrize(
    "seconds", [float("nan"), float("inf"), -1, 1e300, 10**400, 86_400 * 999_999_999]
)
def test_a_time_no_clock_can_wait_for_is_refused(seconds: float) -> None:
    with pytest.raises(ThresholdsRefused):
        thresholds.tuned(F01, {"fires_after": seconds})


@pytest.mark.parametrize("pings", [float("inf"), 1e300, 10**400, 2.5])
def test_a_number_nobody_counts_to_is_refused(pings: float) -> None:
    with pytest.raises(ThresholdsRefused):
        thresholds.tuned(F01, {"pings": pings})


def test_what_every_rule_comes_with_may_be_set() -> None:
    for rule in rules.BY_CODE.values():
        assert thresholds.tuned(rule.thresholds, {}) == rule.thresholds
        said = {
            name: value
            for name, value in thresholds.written(rule.thresholds).items()
            if isinstance(value, int | float)
        }
        assert thresholds.tuned(rule.thresholds, said) == rule.thresholds
