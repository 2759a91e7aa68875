"""Repair figures against a month counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from faults.uptime import repairs
from faults.uptime.repairs import Repair

START = datetime(2026, 4, 1, tzinfo=UTC)


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def repair(
    found: float,
    *,
    began: float | None = None,
    good: float | None = None,
    restored: float | None = None,
    visits: int = 1,
    code: str = "F26",
    is_no_fault: bool = False,
) -> Repair:
    return Repair(
        connector_id=1,
        code=code,
        last_good_at=None if good is None else hours(good),
        began_at=hours(found if began is None else began),
        found_at=hours(found),
        acknowledged_at=hours(found + 1),
        restored_at=None if restored is None else hours(restored),
        closed_at=None if restored is None else hours(restored),
        visits=visits,
        is_no_fault=is_no_fault,
    )


def test_a_month_counted_by_hand() -> None:
    found = repairs.figures(
        [
            repair(10, began=8, good=4, restored=14, visits=1),
            repair(100, restored=120, visits=2),
            repair(600, restored=601, visits=0, code="F02"),
            repair(700, is_no_fault=True),
        ],
        operating=timedelta(hours=3000),
        connector_days=2000,
    )

    assert found.detect == (timedelta(minutes=40), timedelta(hours=2))
    assert found.acknowledge == timedelta(hours=1)
    assert found.restore == timedelta(hours=9)
    assert found.between_failures == timedelta(hours=1000)
    assert found.inherent_availability == pytest.approx(1000 / 1009)
    assert found.first_time_fix == pytest.approx(1 / 2)
    assert found.remote_fix == pytest.approx(1 / 3)
    assert found.repeat == pytest.approx(1 / 3)
    assert found.false_rate == pytest.approx(0.5)


def test_a_month_without_tickets_has_no_means() -> None:
    found = repairs.figures([], operating=timedelta(hours=10), connector_days=0)

    assert (found.detect, found.restore, found.repeat, found.false_rate) == (None,) * 4


def test_a_fault_that_never_came_back_in_a_fortnight_is_no_repeat() -> None:
    found = repairs.figures(
        [repair(0, restored=1), repair(400, restored=401)],
        operating=timedelta(hours=1),
        connector_days=1,
    )

    assert found.repeat == 0
