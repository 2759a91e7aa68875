"""Which samples of a trial station rules look at at once: those a person would look at twice."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from faults.engine.fleet.places import Spot
from faults.engine.fleet.talks import sample_of
from faults.rules.facts import Sample
from stations.metering.facts import Reading

# A hot cable is told again and again: one word of it in this time is enough.
ONCE_IN = timedelta(seconds=20)
CABLE_C, BODY_C = 45, 50
LEAST_V, MOST_V = 207, 253


def remarkable(
    taken: Sequence[Reading], spot: Spot, at: datetime, *, is_in_session: bool
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield when a remarkable sample was taken, and what it says: the fields of Sample."""
    for reading in taken:
        if not _is_remarkable(reading, is_in_session=is_in_session):
            continue
        if spot.read_at is not None and at - spot.read_at < ONCE_IN:
            continue
        spot.read_at = at
        sample = sample_of(reading)
        said = {name: getattr(sample, name) for name in Sample.__slots__ if name != "at"}
        yield reading.occurred_at, said


def _is_remarkable(reading: Reading, *, is_in_session: bool) -> bool:
    if reading.temperature_c is not None and reading.temperature_c >= CABLE_C:
        return True
    if reading.temperature_body_c is not None and reading.temperature_body_c >= BODY_C:
        return True
    voltage_v = reading.voltage_v
    if voltage_v is not None and not LEAST_V <= voltage_v <= MOST_V and voltage_v < 300:
        return True
    return not is_in_session and bool(reading.power_w or reading.current_a)
