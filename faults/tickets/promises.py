"""How soon a ticket is answered and restored, and how its clocks stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.models import ServiceLevel, Ticket, TicketPolicy

# Where an operator has said nothing.
USUAL: dict[int, tuple[timedelta, timedelta]] = {
    1: (timedelta(minutes=15), timedelta(hours=4)),
    2: (timedelta(minutes=30), timedelta(hours=8)),
    3: (timedelta(hours=2), timedelta(hours=24)),
    4: (timedelta(hours=8), timedelta(days=5)),
    5: (timedelta(days=2), timedelta(days=30)),
}
# Far away an answer takes no longer, the journey does.
RURAL_TAKES = 2


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised for one ticket."""

    acknowledge: timedelta
    restore: timedelta


def promise_for(ticket: Ticket, policy: TicketPolicy) -> Promise:
    """Return what is promised for a ticket: the operator's table, else the usual one."""
    is_rural = ticket.location_id in policy.rural_site_ids
    levels = ServiceLevel.objects.filter(operator_id=policy.operator_id, severity=ticket.severity)
    said = {level.is_rural: level for level in levels}
    level = said.get(is_rural)
    if level is not None:
        return _of(level)
    acknowledge, restore = USUAL[ticket.severity]
    if False in said:
        near = _of(said[False])
        acknowledge, restore = near.acknowledge, near.restore
    return Promise(acknowledge, restore * RURAL_TAKES if is_rural else restore)


def start_clocks(ticket: Ticket, policy: TicketPolicy, *, as_of: datetime) -> None:
    """Set when a ticket must be accepted and restored, and when somebody else is told.

    The row is the caller's to write.
    """
    promise = promise_for(ticket, policy)
    ticket.acknowledge_by = as_of + promise.acknowledge
    ticket.restore_by = as_of + promise.restore
    ticket.acknowledged_at = None
    ticket.waiting_since, ticket.waited_s = None, 0
    ticket.escalation_step, ticket.reminded_at = 0, as_of
    ticket.escalate_at = as_of + min(promise.acknowledge / 2, repeat_after(ticket, policy))


def tighten(ticket: Ticket, policy: TicketPolicy, *, as_of: datetime) -> None:
    """Promise sooner once a ticket is more serious than it was; written by the caller."""
    promise = promise_for(ticket, policy)
    restore_by = as_of + promise.restore
    ticket.restore_by = min(ticket.restore_by or restore_by, restore_by)
    if ticket.acknowledged_at is None:
        acknowledge_by = as_of + promise.acknowledge
        ticket.acknowledge_by = min(ticket.acknowledge_by or acknowledge_by, acknowledge_by)
        soon = as_of + min(promise.acknowledge / 2, repeat_after(ticket, policy))
        ticket.escalate_at = min(ticket.escalate_at or soon, soon)


def repeat_after(ticket: Ticket, policy: TicketPolicy) -> timedelta:
    """Return how long after somebody was told they are told again."""
    is_safety = ticket.severity == 1
    return timedelta(seconds=policy.safety_repeat_s if is_safety else policy.repeat_s)


def accept(ticket: Ticket, *, as_of: datetime) -> None:
    """Stop the first clock; from now on only the second one rings. Written by the caller."""
    if ticket.acknowledged_at is None:
        ticket.acknowledged_at = as_of
        ticket.escalate_at = ticket.restore_by


def pause(ticket: Ticket, *, as_of: datetime) -> None:
    """Stop the second clock while the work waits for others."""
    ticket.waiting_since, ticket.escalate_at = as_of, None


def go_on(ticket: Ticket, *, as_of: datetime) -> None:
    """Let the second clock run again: what was waited is added to what was promised, and kept."""
    if ticket.waiting_since is None:
        return
    waited = max(as_of - ticket.waiting_since, timedelta(0))
    ticket.waited_s += int(waited.total_seconds())
    ticket.waiting_since = None
    if ticket.restore_by is not None:
        ticket.restore_by += waited
        ticket.escalate_at = ticket.restore_by


def stop_clocks(ticket: Ticket, *, as_of: datetime) -> None:
    """Let nothing ring for a ticket that is done."""
    go_on(ticket, as_of=as_of)
    ticket.escalate_at = None


def _of(level: ServiceLevel) -> Promise:
    return Promise(timedelta(seconds=level.acknowledge_s), timedelta(seconds=level.restore_s))


@dataclass(frozen=True, slots=True)
class Row:
    """What is promised for one severity, near and far; minutes and hours as a form shows them."""

    severity: int
    is_rural: bool
    acknowledge_min: int
    restore_h: int
    is_own: bool


def table(said: Mapping[tuple[int, bool], ServiceLevel]) -> list[Row]:
    """Return the whole table of promises, an operator's own or the usual ones."""
    rows = []
    for severity, (acknowledge, restore) in USUAL.items():
        for is_rural in (False, True):
            level = said.get((severity, is_rural))
            usual = Promise(acknowledge, restore * RURAL_TAKES if is_rural else restore)
            promise = _of(level) if level else usual
            rows.append(
                Row(
                    severity,
                    is_rural,
                    int(promise.acknowledge.total_seconds() // 60),
                    int(promise.restore.total_seconds() // 3600),
                    level is not None,
                )
            )
    return rows
