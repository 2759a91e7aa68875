"""A rule of two parts: what one of them says must not hide what the other does."""

from datetime import UTC, datetime

from faults.rules.combining import either
from faults.rules.protocol import Firing

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def firing(*, is_over: bool, **evidence: object) -> Firing:
    return Firing(
        state={},
        evidence=evidence,
        began_at=NOON,
        seen_at=NOON,
        severity=1,
        is_over=is_over,
        is_standing=not is_over,
    )


def test_a_part_that_ended_does_not_end_the_part_that_stands() -> None:
    found = either(
        {},
        reported=lambda _: firing(is_over=False, word="PowerSwitchFailure"),
        flowing=lambda _: firing(is_over=True, ended_at=NOON.isoformat()),
    )

    assert isinstance(found, Firing)
    assert not found.is_over
    # a person may close a safety ticket whose evidence says that it ended
    assert found.evidence == {"word": "PowerSwitchFailure"}


def test_parts_that_all_ended_say_when() -> None:
    found = either(
        {},
        reported=lambda _: firing(is_over=True, ended_at=NOON.isoformat()),
        flowing=lambda _: firing(is_over=True, ended_at=NOON.isoformat(), first={}),
    )

    assert isinstance(found, Firing)
    assert found.evidence == {"ended_at": NOON.isoformat(), "first": {}}
