"""What happened in one session, ready for whoever prices or judges it: energy, time, place."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from fractions import Fraction
from zoneinfo import ZoneInfo


class ReservationOutcome(Enum):
    """What became of the reservation in front of a session."""

    USED = "USED"
    EXPIRED = "EXPIRED"


class HeldBy(Enum):
    """What kept a vehicle that would have charged or left."""

    CHARGER = "charger"
    CABLE = "cable"
    GRID = "grid"
    SMART_CHARGING = "smart_charging"


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch in which a vehicle stood through no doing of its driver."""

    started_at: datetime
    ended_at: datetime
    by: HeldBy


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of a session over which energy flowed evenly; it lasts until the next one.

    Seconds say how long the vehicle charged, only stood, or was awaited; Wh is None where
    nothing measured it. Power W and current A are the least and most seen, None where unknown.
    """

    started_at: datetime
    ended_at: datetime
    energy_wh: Fraction | int | None = None
    charging_s: Fraction | int = 0
    parking_s: Fraction | int = 0
    reservation_s: Fraction | int = 0
    min_power_w: Fraction | int | None = None
    max_power_w: Fraction | int | None = None
    min_current_a: Fraction | int | None = None
    max_current_a: Fraction | int | None = None

    @property
    def is_reservation(self) -> bool:
        """Return whether the vehicle was only awaited."""
        return self.reservation_s > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """One session as measured: instants UTC, energy Wh, periods in order of time.

    The zone is the location's: prices follow the clock on its wall. Ids are None for a session
    that no row stands for. A period's ended_at is where its energy is spread until. Stretches
    held back may overlap, and reach over periods and beyond the session.
    """

    time_zone: ZoneInfo
    started_at: datetime
    ended_at: datetime
    periods: tuple[Period, ...]
    reservation: ReservationOutcome | None = None
    session_id: int | None = None
    operator_id: int | None = None
    location_id: int | None = None
    station_id: int | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    cable_id: int | None = None
    token_id: int | None = None
    notes: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def energy_wh(self) -> Fraction:
        """Return all energy delivered, in Wh."""
        return Fraction(sum(period.energy_wh or 0 for period in self.periods))
