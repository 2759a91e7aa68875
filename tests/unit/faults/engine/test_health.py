"""Health is explained: the points of the findings add up to what is lost."""

import pytest

from faults.engine import health
from faults.engine.health import Finding, Health


@pytest.mark.parametrize(
    ("findings", "score", "lost"),
    [
        ([], 100, ()),
        ([Finding("F11", 4)], 70, (("F11", 30),)),
        ([Finding("F22", 4), Finding("F26", 3)], 28, (("F26", 60), ("F22", 12))),
        # a danger leaves nothing, whatever else holds
        ([Finding("F21", 1), Finding("F26", 3)], 0, (("F21", 100),)),
        # half sure is half of it
        ([Finding("F11", 3, 0.5)], 70, (("F11", 30),)),
        ([Finding("F16", 5, 7.0)], 95, (("F16", 5),)),
    ],
)
def test_each_finding_takes_its_part_of_what_is_left(
    findings: list[Finding], score: int, lost: tuple[tuple[str, int], ...]
) -> None:
    found = health.health_of(findings)

    assert (found.score, found.lost) == (score, lost)
    assert found.score + sum(points for _, points in found.lost) == 100


def test_a_station_is_as_well_as_its_worst_connector() -> None:
    assert health.worst_of([Health(70), Health(28), Health(100)]).score == 28
    assert health.worst_of([]).score == 100
