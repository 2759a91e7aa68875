"""A fleet without a database: facts in, conditions and trial tickets out, by a virtual clock.

`Fleet.take` hears what a gateway would understand of a frame, `Fleet.advance` lets time pass; the
same rules and the same engine decide as in production.
"""

from faults.engine.fleet.fleet import Fleet
from faults.engine.fleet.places import (
    AttendFact,
    ConnectFact,
    ConnectorPlace,
    DisconnectFact,
    RepairFact,
    StationPlace,
)

__all__ = [
    "AttendFact",
    "ConnectFact",
    "ConnectorPlace",
    "DisconnectFact",
    "Fleet",
    "RepairFact",
    "StationPlace",
]
