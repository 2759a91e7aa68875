"""The referee finds fault: a validator that let everything pass would prove nothing."""

from typing import Any

import pytest

from tests.conformance.referee import Referee


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        ({"currentTime": "2026-11-22T12:00:00Z"}, None),
        ({}, "currentTime"),
        ({"currentTime": 5}, "string"),
        ({"currentTime": "2026-11-22T12:00:00Z", "more": 1}, "additional"),
    ],
)
def test_what_breaks_a_schema_is_named(
    referee: Referee, version: str, payload: dict[str, Any], fault: str | None
) -> None:
    complaint = referee.complaint(version, 3, "Heartbeat", payload)

    assert complaint is None if fault is None else fault in str(complaint)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_what_has_no_schema_is_no_payload(referee: Referee, version: str) -> None:
    assert "missing" in str(referee.complaint(version, 2, "Hearthbeat", {}))
