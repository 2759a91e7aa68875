"""Tickets that turn out to be one, in memory as in rows."""

from datetime import UTC, datetime

import pytest

from faults.engine.keeping import Place
from faults.engine.memory import Job, Shelf

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def job(number: int, scope: str, *, severity: int) -> Job:
    return Job(
        number=number,
        place=Place(1, scope, f"{scope}:{number}"),
        family="power",
        code="F31",
        severity=severity,
        opened_at=NOON,
    )


@pytest.mark.parametrize(("severity", "is_joined"), [(1, False), (3, True)])
def test_a_ticket_joins_a_wider_one_unless_there_is_danger_on_it(
    severity: int, *, is_joined: bool
) -> None:
    narrow, wider = job(1, "connector", severity=severity), job(2, "site", severity=2)

    Shelf().join(narrow, wider, NOON)

    assert (narrow.closed_at is not None) is is_joined
