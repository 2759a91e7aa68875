"""A reading comes to a rule as the sample it was."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from faults.rules import readings
from faults.rules.facts import Notice, Sample
from stations.metering import remarkable
from stations.metering.facts import Reading

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def notice(number: int, kind: str = "reading", **detail: Any) -> Notice:
    at = NOON - timedelta(seconds=number)
    return Notice(id=number, kind=kind, detail=detail, occurred_at=at, received_at=NOON)


def test_what_the_gateway_wrote_is_read_back_as_a_sample() -> None:
    read = Reading(NOON, power_w=11_000, current_l1_a=Decimal("16"), temperature_c=Decimal("61.5"))
    kept = remarkable.detail_of(read, frozenset({"hot_cable"}), in_session=True)

    found = Notice(id=0, kind="reading", detail=kept, occurred_at=NOON, received_at=NOON)

    assert readings.sample_of(found) == Sample(
        at=NOON, power_w=11_000, cable_c=61.5, phases_a=(16.0, None, None)
    )
    assert readings.remarks_of(found) == {"hot_cable"}
    assert readings.is_in_session(found)


def test_readings_come_oldest_first_and_other_notices_not_at_all() -> None:
    told = (notice(1, power_w=1), notice(3, power_w=3), notice(2, kind="boot"))

    assert [sample.power_w for _, sample in readings.readings_of(told)] == [3, 1]
