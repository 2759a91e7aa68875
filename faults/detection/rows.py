"""Conditions kept as Fault rows: what the engine asks for, answered by the database."""

from dataclasses import dataclass
from datetime import datetime

from chargenet.core import events
from chargenet.core.events import Event
from faults import downtimes, rules, tickets
from faults.engine import grouping
from faults.engine.grouping import Finding
from faults.engine.keeping import REVIVE_WITHIN, Place, Work
from faults.models import Closing, Fault, Ticket
from faults.rules.protocol import Firing, Rule
from faults.rules.vocabulary.meaning import SAFETY
from stations.models import CableFitting

# Families in which the cable may be to blame: their faults name the one fitted then.
CABLE_FAMILIES = frozenset({"cable", "outcome"})


@dataclass(frozen=True, slots=True)
class Rows:
    """The keeper of one look, inside its transaction."""

    def watch(self, rule: Rule, place: Place, result: Firing, as_of: datetime) -> Fault:
        """Return a new pending fault, not yet written."""
        cable_id = None
        if rule.family in CABLE_FAMILIES and place.connector_id is not None:
            cable_id = _fitted_cable(place.connector_id, result.began_at)
        return Fault(
            operator_id=place.operator_id,
            code=rule.code,
            scope=place.scope,
            scope_key=place.scope_key,
            location_id=place.location_id,
            station_id=place.station_id,
            connector_id=place.connector_id,
            cable_id=cable_id,
            severity=result.severity,
            state=Fault.State.PENDING,
            # a station's clock may run ahead of ours by a minute
            began_at=min(result.began_at, as_of),
            last_seen_at=result.seen_at,
        )

    def last_time(self, condition: Fault) -> Fault | None:
        """Return the same fault as it was cleared within a day, with the cable fitted now."""
        rows = Fault.objects.filter(
            operator_id=condition.operator_id,
            code=condition.code,
            scope_key=condition.scope_key,
            state=Fault.State.CLEARED,
            cleared_at__gte=condition.began_at - REVIVE_WITHIN,
        )
        before = rows.select_related("ticket").order_by("-cleared_at").first()
        if before is not None:
            before.cable_id = condition.cable_id
        return before

    def keep(self, condition: Fault) -> None:
        """Write a fault."""
        condition.save()

    def drop(self, condition: Fault) -> None:
        """Delete a fault that never fired, or that an earlier one goes on as."""
        if condition.pk:
            condition.delete()

    def work_of(self, condition: Fault) -> Work | None:
        """Return the ticket of a fault as the engine sees it."""
        ticket = condition.ticket
        if ticket is None:
            return None
        if ticket.closing in tickets.DISMISSALS and not _is_uncovered(ticket):
            return Work(ticket.severity, "dismissed")
        if ticket.state == Ticket.State.CLOSED:
            return Work(ticket.severity, "closed", ticket.resolved_at)
        # a repair that was reported is waited for
        is_resolved = ticket.resolved_at is not None
        return Work(ticket.severity, "resolved" if is_resolved else "open", ticket.resolved_at)

    def opened(self, condition: Fault) -> None:
        """Tell that a fault fires."""
        ids = {"fault_id": condition.pk, "operator_id": condition.operator_id}
        events.publish(Event.FAULT_OPENED, **ids)

    def hand_over(self, rule: Rule, condition: Fault, as_of: datetime) -> None:
        """Open the fault's ticket, or join the one that is open for its place and family.

        Several connectors of a station at once are one incident, and one ticket.
        """
        scope_key = _scope_key(rule, condition, as_of)
        is_own, before = scope_key == condition.scope_key, condition.ticket
        condition.ticket = tickets.open_ticket(
            about=tickets.About(
                operator_id=condition.operator_id,
                scope_key=scope_key,
                location_id=condition.location_id,
                station_id=condition.station_id,
                connector_id=condition.connector_id if is_own else None,
                cable_id=condition.cable_id if is_own else None,
            ),
            family=rule.family,
            code=condition.code,
            severity=condition.severity,
            as_of=as_of,
        )
        _note(condition, "fault_opened", as_of)
        if before is not None and before != condition.ticket:
            # a fault that became a danger left the ticket it shared
            condition.save(update_fields=["ticket"])
            tickets.fault_cleared(ticket_id=before.pk, as_of=as_of)

    def over(self, condition: Fault, as_of: datetime) -> None:
        """Note on the ticket that a safety condition ended; a person must look all the same."""
        condition.save(update_fields=["evidence", "check_at"])
        _note(condition, "fault_over", as_of)

    def cleared(self, condition: Fault, as_of: datetime) -> None:
        """Tell that a fault cleared, and let its ticket follow."""
        ids = {"fault_id": condition.pk, "operator_id": condition.operator_id}
        events.publish(Event.FAULT_CLEARED, **ids)
        if condition.ticket is not None:
            _note(condition, "fault_cleared", as_of)
            tickets.fault_cleared(ticket_id=condition.ticket.pk, as_of=as_of)

    def down(self, condition: Fault, since: datetime, as_of: datetime) -> None:
        """Record the downtime of what the fault takes out of service."""
        if condition.severity <= downtimes.LEAST_DOWN:
            downtimes.end_doubt(fault=condition, ended_at=since)
        downtimes.record(fault=condition, down_since=since, as_of=as_of)
        if condition.severity > downtimes.LEAST_DOWN:
            downtimes.doubt(fault=condition)

    def up(self, condition: Fault, since: datetime) -> None:
        """End the downtime."""
        downtimes.end(fault=condition, ended_at=since)
        if condition.state == Fault.State.FIRING:
            # it charges in spite of it
            downtimes.doubt(fault=condition)
        else:
            downtimes.end_doubt(fault=condition, ended_at=since)

    def missed(self, rule: Rule, place: Place, since: datetime, until: datetime) -> None:
        """Record a downtime that was over before anybody had heard of it."""
        downtimes.record_missed(place=place, code=rule.code, since=since, until=until)


def _is_uncovered(ticket: Ticket) -> bool:
    """Return whether a ticket was closed as part of a site's or wider, which is over."""
    if ticket.closing != Closing.DUPLICATE or ticket.duplicate_of is None:
        return False
    is_wider = ticket.duplicate_of.station_id is None and ticket.station_id is not None
    covering = Fault.objects.filter(ticket=ticket.duplicate_of, state=Fault.State.FIRING)
    return is_wider and not covering.exists()


def _scope_key(rule: Rule, condition: Fault, as_of: datetime) -> str:
    """Return the place whose ticket a fault belongs on: its own, or its station's."""
    ticket = condition.ticket
    if ticket is not None:
        is_shared = ticket.state != Ticket.State.CLOSED and condition.severity != SAFETY
        return ticket.scope_key if is_shared else condition.scope_key
    return _incident(rule, condition, as_of) or condition.scope_key


def _incident(rule: Rule, condition: Fault, as_of: datetime) -> str | None:
    """Make the open ticket of a sibling's like fault the station's; None for most."""
    if condition.station_id is None:
        return None
    held = Fault.objects.filter(
        station_id=condition.station_id, state=Fault.State.FIRING, ticket__isnull=False
    ).exclude(pk=condition.pk)
    others = [
        _finding(one)
        for one in held.exclude(ticket__state=Ticket.State.CLOSED).order_by("ticket", "pk")
        if one.code in rules.BY_CODE
    ]
    number = grouping.joins(_finding(condition, rule.family), others)
    key = f"station:{condition.station_id}"
    if number is None or not tickets.widen_ticket(ticket_id=number, scope_key=key, as_of=as_of):
        return None
    return key


def _finding(fault: Fault, family: str = "") -> Finding:
    return Finding(
        family=family or rules.BY_CODE[fault.code].family,
        severity=fault.severity,
        station_id=fault.station_id,
        connector_id=fault.connector_id,
        began_at=fault.began_at,
        ticket=fault.ticket_id,
    )


def _note(fault: Fault, verb: str, as_of: datetime) -> None:
    assert fault.ticket is not None, "only a fault with a ticket is noted on it"
    tickets.note_evidence(
        ticket=fault.ticket,
        key=f"{verb}:{fault.pk}:{fault.reopened}",
        detail={"verb": verb, "fault_id": fault.pk, "code": fault.code},
        as_of=as_of,
    )


def _fitted_cable(connector_id: int, at: datetime) -> int | None:
    fitted = CableFitting.objects.filter(connector_id=connector_id, fitted_at__lte=at)
    kept = fitted.exclude(removed_at__lte=at).order_by("-fitted_at")
    return kept.values_list("cable_id", flat=True).first()
