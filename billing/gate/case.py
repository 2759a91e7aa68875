"""What the gate knows of a session, and what it may find. Energy in Wh, times in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from fractions import Fraction

Evidence = Mapping[str, int | str]
Limits = Mapping[str, int]


class Action(Enum):
    """What a check does to a session in which it found something."""

    HOLD = "hold"
    WAIVE = "waive"
    NOTE = "note"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that held at the session's connector; it goes on where it has no end."""

    code: str
    cause: str
    started_at: datetime
    ended_at: datetime | None = None
    family: str = ""

    def meets(self, started_at: datetime, ended_at: datetime) -> bool:
        """Say whether it held at any instant of a time; what ended a session met it."""
        return self.started_at <= ended_at and (
            self.ended_at is None or self.ended_at > started_at
        )


@dataclass(frozen=True, slots=True)
class Readings:
    """What the readings of a session did: the deepest fall, the longest time none came.

    A gap counts where the register moved over it; `zero_after_wh` is the register a reset left.
    """

    count: int
    fall_wh: int = 0
    zero_after_wh: int = 0
    jump_wh: int = 0
    jump_s: int = 0
    gap_s: int = 0
    gap_wh: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One completed session before the gate; None is what nobody knows."""

    started_at: datetime
    ended_at: datetime
    seen_at: datetime
    energy_wh: int
    parking_s: int = 0
    # A station told it; else it stands in somebody's list.
    is_metered: bool = True
    meter_start_wh: int | None = None
    meter_stop_wh: int | None = None
    max_power_w: int | None = None
    flags: tuple[str, ...] = ()
    needs_review: bool = False
    id_tag: str = ""
    is_token_known: bool = True
    is_payer_known: bool = True
    is_by_crew: bool = False
    overlaps_session: int | None = None
    readings: Readings | None = None
    troubles: tuple[Trouble, ...] = ()
    price: Fraction = Fraction(0)
    currency: str = ""

    @property
    def length_s(self) -> int:
        """Return how long it took, in s; negative where it ended before it began."""
        return int((self.ended_at - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, with the figures it was found by."""

    check: str
    action: Action
    evidence: Evidence = field(default_factory=dict)
