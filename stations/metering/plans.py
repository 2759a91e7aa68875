"""A vehicle's plan beside the limits it was given (OCPP 2.0.1 K15.FR.10 to 13)."""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal

# Seconds from the start, and the limit from then on.
Step = tuple[int, Decimal]
# Both are said with one decimal.
TOLERANCE = Decimal("0.1")


def is_within(plan: Sequence[Step], limits: Sequence[Step], *, later_s: int = 0) -> bool:
    """Say whether a plan never asks for more than its limits; it begins `later_s` after them.

    Nothing is known of a time before the first limit, so nothing is said against it.
    """
    if not plan or not limits:
        return True
    asked = sorted((start + later_s, limit) for start, limit in plan)
    given = sorted(limits)
    begins = asked[0][0]
    moments = {start for start, _ in asked} | {start for start, _ in given if start > begins}
    return all(_at(asked, moment) <= _at(given, moment) + TOLERANCE for moment in moments)


def _at(steps: Sequence[Step], moment: int) -> Decimal:
    index = bisect_right([start for start, _ in steps], moment) - 1
    return steps[index][1] if index >= 0 else Decimal("Infinity")
