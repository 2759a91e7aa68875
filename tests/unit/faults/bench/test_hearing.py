"""The ear of the benchmark's detector."""

from datetime import UTC, datetime

import msgspec

from faults.engine.fleet import Fleet
from stations.metering import facts
from tests.bench.faults.detector import hearing
from tests.bench.faults.detector.__main__ import take

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
START, STOP = 4, 5


def test_a_session_that_begins_and_ends_in_one_part_is_known_by_our_number() -> None:
    place = facts.Place(1)
    start = facts.StartFact(
        place=place, token=facts.TokenFact("T1"), register_wh=1000, occurred_at=BEGIN
    )
    stop = facts.StopFact(transaction="9000001", register_wh=9000, occurred_at=BEGIN)
    said = msgspec.msgpack.encode(
        [(1.0, 7, START, start, "a", "9000001"), (600.0, 7, STOP, stop, "b", "")]
    )
    heard = take(Fleet(), hearing.Ear(BEGIN), said)
    ended = heard[1][2].facts[0]
    assert isinstance(ended, facts.StopFact)
    assert ended.transaction != "9000001"
