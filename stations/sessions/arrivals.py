"""What goes into a batch and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chargenet.core.events import News
from stations.metering.facts import Facts, Outcome, StationView

State = Literal[
    "stored",
    "duplicate",
    "conflict",
    "set_aside",
    "orphan",
    "superseded",  # a newer connection of the station writes now; nothing was written
    "later",  # somebody else holds the station's row; nothing was written, try again
]


@dataclass(slots=True)
class Arrival:
    """One frame of one station, waiting to be stored.

    `render` writes the payload of the answer, `wrap` the frame around it, empty where none may
    leave; `error` is the code of the CALLERROR a frame gets that could not be understood;
    `failure` is why it could not be stored as what it means, where it stands alone now.
    """

    station: StationView
    received_at: datetime
    action: str
    raw: bytes
    payload_hash: bytes
    facts: Facts
    render: Callable[[Outcome], bytes]
    wrap: Callable[[bytes], bytes]
    message_id: str = ""
    error: str = ""
    failure: str = ""


@dataclass(slots=True)
class Recorded:
    """What became of one arrival: the payload of its answer, and the frame that leaves.

    Both are empty where nothing may be said.
    """

    state: State
    answer: bytes = b""
    flags: tuple[str, ...] = ()
    transaction: str = ""
    frame: bytes = b""


@dataclass(slots=True)
class Batch:
    """What one transaction made true."""

    recorded: list[Recorded]
    news: list[News] = field(default_factory=list)
