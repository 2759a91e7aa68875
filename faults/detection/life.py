"""One fault's life: watched, firing, cleared; and back, if the same comes again within a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chargenet.core import events
from chargenet.core.events import Event
from faults import downtimes, tickets
from faults.models import Fault, Scope, Ticket
from faults.rules.protocol import Clear, Firing, Rule
from stations.models import CableFitting

REVIVE_WITHIN = timedelta(hours=24)
# After a repair a station may need this long to say that all is well.
GRACE_AFTER_REPAIR = timedelta(minutes=15)
# Families in which the cable may be to blame: their faults name the one fitted then.
CABLE_FAMILIES = frozenset({"cable", "outcome"})
# S5 is for a weekly list, not for a person with a van.
LEAST_FOR_TICKET = 4
SAFETY = 1


@dataclass(frozen=True, slots=True)
class Place:
    """What a condition is about, in ids."""

    operator_id: int
    location_id: int
    station_id: int
    connector_id: int | None
    scope_key: str


def hold(
    *, rule: Rule, place: Place, fault: Fault | None, result: Firing, as_of: datetime
) -> Fault:
    """Bring a fault to what its rule says now; opens it, and its ticket, when it is time."""
    if fault is None:
        fault = _watch(rule, place, result, as_of)
    is_safety = fault.state == Fault.State.FIRING and fault.severity == SAFETY
    fault.severity = SAFETY if is_safety else result.severity
    fault.last_seen_at = max(fault.last_seen_at, result.seen_at)
    fault.attribution = result.attribution
    earlier = {"earlier": fault.evidence["earlier"]} if "earlier" in fault.evidence else {}
    fault.evidence = {**result.evidence, **earlier}
    age = as_of - fault.began_at
    is_new = fault.state == Fault.State.PENDING and age >= result.fires_after
    if is_new:
        fault = _fire(fault, as_of)
    if fault.state == Fault.State.FIRING:
        is_time = age >= result.ticket_after and fault.severity <= LEAST_FOR_TICKET
        if is_time and (is_new or _needs_hands(fault, result, as_of)):
            _hand_over(rule, fault, as_of)
    fault.check_at = _next_look(fault, result, as_of)
    fault.save()
    if fault.state == Fault.State.FIRING:
        down_since = max(result.down_since or fault.began_at, fault.began_at)
        if result.is_down:
            downtimes.record(fault=fault, down_since=down_since, as_of=as_of)
        else:
            downtimes.end(fault=fault, ended_at=as_of)
    return fault


def let_go(*, fault: Fault, result: Clear, as_of: datetime) -> bool:
    """Clear a fault whose condition is gone; a safety fault waits for a person, says False."""
    if fault.state == Fault.State.PENDING:
        fault.delete()
        return True
    ended_at = max(result.ended_at or as_of, fault.began_at)
    ticket = fault.ticket
    if fault.severity == SAFETY and ticket is not None and ticket.resolved_at is None:
        _note_over(fault, ended_at, as_of)
        return False
    if fault.severity == SAFETY:
        ended_at = as_of
    fault.state, fault.cleared_at, fault.check_at = Fault.State.CLEARED, ended_at, None
    fault.evidence = {**fault.evidence, **result.evidence}
    fault.save(update_fields=["state", "cleared_at", "check_at", "evidence"])
    downtimes.end(fault=fault, ended_at=ended_at)
    events.publish(Event.FAULT_CLEARED, fault_id=fault.pk)
    if ticket is not None:
        _note(fault, "fault_cleared", as_of)
        tickets.fault_cleared(ticket_id=ticket.pk, as_of=as_of)
    return True


def _watch(rule: Rule, place: Place, result: Firing, as_of: datetime) -> Fault:
    cable_id = None
    if rule.family in CABLE_FAMILIES and place.connector_id is not None:
        cable_id = _fitted_cable(place.connector_id, result.began_at)
    return Fault(
        operator_id=place.operator_id,
        code=rule.code,
        scope=Scope.STATION if place.connector_id is None else Scope.CONNECTOR,
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


def _fire(fault: Fault, as_of: datetime) -> Fault:
    """Make a watched condition a fault; the same one within a day is the same fault again."""
    before = _last_time(fault)
    if before is not None:
        if fault.pk:
            fault.delete()
        earlier = [*before.evidence.get("earlier", []), _period(before)][-10:]
        for name in ("severity", "last_seen_at", "attribution", "began_at", "cable_id"):
            setattr(before, name, getattr(fault, name))
        before.evidence = {**fault.evidence, "earlier": earlier}
        before.reopened += 1
        before.cleared_at = None
        fault = before
    fault.state = Fault.State.FIRING
    fault.opened_at = fault.opened_at or as_of
    fault.save()
    events.publish(Event.FAULT_OPENED, fault_id=fault.pk)
    return fault


def _last_time(fault: Fault) -> Fault | None:
    rows = Fault.objects.filter(
        operator_id=fault.operator_id,
        code=fault.code,
        scope_key=fault.scope_key,
        state=Fault.State.CLEARED,
        cleared_at__gte=fault.began_at - REVIVE_WITHIN,
    )
    return rows.select_related("ticket").order_by("-cleared_at").first()


def _period(fault: Fault) -> dict[str, Any]:
    assert fault.cleared_at is not None, "only a cleared fault is revived"
    return {"began_at": fault.began_at.isoformat(), "cleared_at": fault.cleared_at.isoformat()}


def _next_look(fault: Fault, result: Firing, as_of: datetime) -> datetime | None:
    """Return when waiting alone changes something, None where only a new fact does."""
    moments = [fault.began_at + result.fires_after, fault.began_at + result.ticket_after]
    if result.check_at is not None:
        moments.append(result.check_at)
    ticket = fault.ticket
    if ticket is not None and ticket.resolved_at is not None and result.is_standing:
        moments.append(ticket.resolved_at + GRACE_AFTER_REPAIR)
    return min((moment for moment in moments if moment > as_of), default=None)


def _needs_hands(fault: Fault, result: Firing, as_of: datetime) -> bool:
    """Return whether a firing fault has something to say to its ticket."""
    ticket = fault.ticket
    if ticket is None or ticket.state == Ticket.State.CLOSED:
        return True
    if ticket.state == Ticket.State.RESOLVED and ticket.resolved_at is not None:
        if result.is_standing:
            return as_of >= ticket.resolved_at + GRACE_AFTER_REPAIR
        return result.seen_at > ticket.resolved_at
    return fault.severity < ticket.severity


def _hand_over(rule: Rule, fault: Fault, as_of: datetime) -> None:
    fault.ticket = tickets.open_ticket(
        about=tickets.About(
            operator_id=fault.operator_id,
            scope_key=fault.scope_key,
            location_id=fault.location_id,
            station_id=fault.station_id,
            connector_id=fault.connector_id,
            cable_id=fault.cable_id,
        ),
        family=rule.family,
        code=fault.code,
        severity=fault.severity,
        as_of=as_of,
    )
    _note(fault, "fault_opened", as_of)


def _note_over(fault: Fault, ended_at: datetime, as_of: datetime) -> None:
    if "ended_at" in fault.evidence:
        return
    fault.evidence = {**fault.evidence, "ended_at": ended_at.isoformat()}
    fault.check_at = None
    fault.save(update_fields=["evidence", "check_at"])
    _note(fault, "fault_over", as_of)


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
