"""What the engine asks of whoever keeps its conditions: rows in production, memory on trial."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from faults.rules.protocol import Firing, Rule

PENDING, FIRING, CLEARED = "pending", "firing", "cleared"
# S5 is for a weekly list, not for a person with a van.
LEAST_FOR_TICKET = 4
REVIVE_WITHIN = timedelta(hours=24)
# After a repair a station may need this long to say that all is well.
GRACE_AFTER_REPAIR = timedelta(minutes=15)
# What waits for something else to end is asked about this often, whoever forgot to say so.
EXPLAINED_ANEW_AFTER = timedelta(minutes=5)


class Condition(Protocol):
    """One thing a rule found; a Fault row is one, and so is `faults.engine.memory.Held`."""

    code: str
    scope: str
    scope_key: str
    severity: int
    state: str
    attribution: str
    began_at: datetime
    opened_at: datetime | None
    cleared_at: datetime | None
    last_seen_at: datetime
    reopened: int
    check_at: datetime | None
    # What explains it, "F40:site:3": while it holds, this one waits; empty: nothing does.
    inhibited_by: str
    evidence: dict[str, Any]


C = TypeVar("C", bound=Condition)


@dataclass(frozen=True, slots=True)
class Work:
    """The ticket of a condition, as far as the engine must know it."""

    severity: int
    # dismissed: a person said that it is no work, until it is gone and comes again
    stage: Literal["open", "resolved", "closed", "dismissed"]
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What a condition is about, in ids; None where it is wider than that."""

    operator_id: int
    scope: str
    scope_key: str
    location_id: int | None = None
    station_id: int | None = None
    connector_id: int | None = None


class Keeper(Protocol[C]):
    """The store of conditions and tickets behind one look."""

    def watch(self, rule: Rule, place: Place, result: Firing, as_of: datetime) -> C:
        """Return a new pending condition, not yet kept."""

    def last_time(self, condition: C) -> C | None:
        """Return the same condition as it was cleared within a day before it began, if it was."""

    def keep(self, condition: C) -> None:
        """Write a condition down as it is."""

    def drop(self, condition: C) -> None:
        """Forget a pending condition, or one that an earlier one goes on as."""

    def work_of(self, condition: C) -> Work | None:
        """Return the ticket of a condition."""

    def opened(self, condition: C) -> None:
        """Tell that a condition fires."""

    def hand_over(self, rule: Rule, condition: C, as_of: datetime) -> None:
        """Open the condition's ticket, or join or raise the one that is there."""

    def over(self, condition: C, as_of: datetime) -> None:
        """Note that a safety condition ended, which a person must look at all the same."""

    def cleared(self, condition: C, as_of: datetime) -> None:
        """Tell that a condition cleared, and let its ticket follow."""

    def down(self, condition: C, since: datetime, as_of: datetime) -> None:
        """Record that a driver cannot charge there."""

    def up(self, condition: C, since: datetime) -> None:
        """Record that a driver can, though the condition may still hold."""

    def missed(self, rule: Rule, place: Place, since: datetime, until: datetime) -> None:
        """Record that a driver could not charge there, which nobody knew while it was so."""
