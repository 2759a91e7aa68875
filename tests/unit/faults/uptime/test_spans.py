"""Sets of time obey the laws of sets, and no minute is counted twice."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from faults.uptime import spans
from faults.uptime.spans import Span

START = datetime(2026, 3, 1, tzinfo=UTC)
minutes = st.integers(0, 200)
span = st.tuples(minutes, minutes).map(
    lambda pair: (START + timedelta(minutes=pair[0]), START + timedelta(minutes=pair[1]))
)
some = st.lists(span, max_size=8)


def covered(found: list[Span]) -> set[int]:
    """Every minute that some span covers, the slow way."""
    held = set()
    for start, end in found:
        first = int((start - START).total_seconds() // 60)
        last = int((end - START).total_seconds() // 60)
        held |= set(range(first, last))
    return held


@given(some, some)
def test_union_intersection_and_difference_are_those_of_sets_of_minutes(
    one: list[Span], other: list[Span]
) -> None:
    assert covered(spans.union(one)) == covered(one)
    assert covered(spans.intersection(one, other)) == covered(one) & covered(other)
    assert covered(spans.difference(one, other)) == covered(one) - covered(other)


@given(some)
def test_the_length_counts_no_minute_twice(found: list[Span]) -> None:
    assert spans.length(found) == timedelta(minutes=len(covered(found)))


@given(some, some)
def test_what_is_returned_neither_touches_nor_overlaps(one: list[Span], other: list[Span]) -> None:
    for found in (
        spans.union(one),
        spans.intersection(one, other),
        spans.difference(one, other),
    ):
        assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


@given(some, st.integers(0, 100))
def test_the_first_part_is_as_long_as_asked_and_the_earliest(found: list[Span], most: int) -> None:
    kept = spans.first_part(found, timedelta(minutes=most))

    assert covered(kept) == set(sorted(covered(found))[:most])
