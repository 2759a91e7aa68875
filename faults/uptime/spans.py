"""Sets of time: lists of half-open spans, in order, which neither touch nor overlap."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
Spans = Sequence[Span]
NOTHING = timedelta(0)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the time that any of the spans covers; empty ones cover nothing."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def intersection(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Return the time that both cover."""
    left, right = union(one), union(other)
    both: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            both.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return both


def difference(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Return the time that the first covers and the second does not."""
    left, right = union(one), union(other)
    rest: list[Span] = []
    j = 0
    for start, end in left:
        while j < len(right) and right[j][1] <= start:
            j += 1
        k = j
        while k < len(right) and right[k][0] < end:
            if start < right[k][0]:
                rest.append((start, right[k][0]))
            start = max(start, right[k][1])
            k += 1
        if start < end:
            rest.append((start, end))
    return rest


def length(spans: Iterable[Span]) -> timedelta:
    """Return how long the time covered is."""
    return sum((end - start for start, end in union(spans)), NOTHING)


def first_part(spans: Iterable[Span], most: timedelta) -> list[Span]:
    """Return the first so and so long part of the time covered."""
    kept: list[Span] = []
    left = most
    for start, end in union(spans):
        if left <= NOTHING:
            break
        end = min(end, start + left)
        kept.append((start, end))
        left -= end - start
    return kept
