"""Several findings that are one incident: of one station, they are one ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from faults.rules.vocabulary.meaning import SAFETY

TOGETHER: Final = timedelta(minutes=10)
# Each cable and each meter is a thing of its own, that somebody must look at.
APART: Final = frozenset({"cable", "meter", "vehicle", "outcome", "usage", "silence"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition as far as grouping must know it; `ticket` is its open ticket, or None."""

    family: str
    severity: int
    station_id: int | None
    connector_id: int | None
    began_at: datetime
    ticket: int | None = None


def joins(new: Finding, others: Iterable[Finding]) -> int | None:
    """Return the open ticket a finding joins: of the same family, station and ten minutes.

    It is then a station's incident. A safety fault keeps a ticket of its own for its connector.
    """
    if new.station_id is None or new.family in APART or new.severity == SAFETY:
        return None
    for other in others:
        is_near = abs(other.began_at - new.began_at) <= TOGETHER
        is_sibling = other.station_id == new.station_id and other.connector_id != new.connector_id
        is_same = other.family == new.family and other.severity != SAFETY
        if other.ticket is not None and is_near and is_sibling and is_same:
            return other.ticket
    return None
