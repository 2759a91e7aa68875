"""One condition's life: watched, firing, cleared; and back, if the same comes within a day."""

from datetime import datetime
from typing import Any

from faults.engine.keeping import (
    CLEARED,
    EXPLAINED_ANEW_AFTER,
    FIRING,
    GRACE_AFTER_REPAIR,
    LEAST_FOR_TICKET,
    PENDING,
    C,
    Condition,
    Keeper,
    Place,
    Work,
)
from faults.rules.protocol import Clear, Firing, Rule
from faults.rules.vocabulary.meaning import SAFETY


def hold(
    keeper: Keeper[C],
    *,
    rule: Rule,
    place: Place,
    condition: C | None,
    result: Firing,
    inhibitor: str = "",
    as_of: datetime,
) -> C:
    """Bring a condition to what its rule says now; it fires, and becomes work, when it is time."""
    if condition is None:
        condition = keeper.watch(rule, place, result, as_of)
    is_back = _is_back(keeper, condition, result)
    _take_over(condition, result)
    condition.inhibited_by = inhibitor if condition.severity != SAFETY else ""
    age = as_of - condition.began_at
    is_new = (
        condition.state == PENDING and not condition.inhibited_by and age >= result.fires_after
    )
    if is_new:
        condition = _fire(keeper, condition, as_of)
    if condition.state == FIRING and not condition.inhibited_by and not rule.is_trial:
        is_work = result.is_work or condition.severity <= LEAST_FOR_TICKET
        is_time = age >= result.ticket_after and is_work
        work = keeper.work_of(condition)
        if is_time and (is_new or is_back or _needs_hands(condition, work, result, as_of)):
            keeper.hand_over(rule, condition, as_of)
    condition.check_at = _next_look(condition, keeper.work_of(condition), result, as_of)
    keeper.keep(condition)
    if condition.state == FIRING:
        _tell_down(keeper, condition, result, as_of)
    return condition


def let_go(keeper: Keeper[C], *, rule: Rule, condition: C, result: Clear, as_of: datetime) -> bool:
    """Clear a condition that is gone; a safety condition waits for a person, and says False."""
    if condition.state == PENDING:
        keeper.drop(condition)
        return True
    ended_at = max(result.ended_at or as_of, condition.began_at)
    if condition.severity == SAFETY and _awaits_word(keeper, rule, condition):
        _wait_for_word(keeper, rule, condition, ended_at, as_of)
        return False
    if condition.severity == SAFETY:
        ended_at = as_of
    condition.state, condition.cleared_at, condition.check_at = CLEARED, ended_at, None
    condition.inhibited_by = ""
    condition.evidence = {**condition.evidence, **result.evidence}
    keeper.keep(condition)
    keeper.up(condition, ended_at)
    keeper.cleared(condition, as_of)
    return True


def _awaits_word(keeper: Keeper[C], rule: Rule, condition: C) -> bool:
    """Return whether no person has said yet that a danger is over; a trial's waits for nobody."""
    work = keeper.work_of(condition)
    return not rule.is_trial if work is None else work.stage == "open"


def _wait_for_word(
    keeper: Keeper[C], rule: Rule, condition: C, ended_at: datetime, as_of: datetime
) -> None:
    """Note once that a danger is over, on a ticket where a person can say that all is well."""
    if keeper.work_of(condition) is None:
        keeper.hand_over(rule, condition, as_of)
        keeper.keep(condition)
    if "ended_at" not in condition.evidence:
        condition.evidence = {**condition.evidence, "ended_at": ended_at.isoformat()}
        condition.check_at = None
        keeper.over(condition, as_of)


def is_seen_to(keeper: Keeper[C], condition: C) -> bool:
    """Return whether a person has said of a safety condition that ended that all is well again."""
    if condition.state != FIRING or condition.severity != SAFETY:
        return False
    work = keeper.work_of(condition)
    return "ended_at" in condition.evidence and work is not None and work.stage != "open"


def _is_back(keeper: Keeper[C], condition: C, result: Firing) -> bool:
    """Return whether a danger that was over, and that a person has seen to, is there again."""
    return is_seen_to(keeper, condition) and "ended_at" not in result.evidence


def _take_over(condition: Condition, result: Firing) -> None:
    is_safety = condition.state == FIRING and condition.severity == SAFETY
    condition.severity = SAFETY if is_safety else result.severity
    condition.last_seen_at = max(condition.last_seen_at, result.seen_at)
    condition.attribution = result.attribution
    kept = {name: condition.evidence[name] for name in ("earlier",) if name in condition.evidence}
    condition.evidence = {**result.evidence, **kept}


def _fire(keeper: Keeper[C], condition: C, as_of: datetime) -> C:
    """Make a watched condition a fault; the same one within a day is the same fault again."""
    before = keeper.last_time(condition)
    if before is not None:
        keeper.drop(condition)
        earlier = [*before.evidence.get("earlier", []), _period(before)][-10:]
        for name in ("severity", "last_seen_at", "attribution", "began_at", "inhibited_by"):
            setattr(before, name, getattr(condition, name))
        before.evidence = {**condition.evidence, "earlier": earlier}
        before.reopened += 1
        before.cleared_at = None
        condition = before
    condition.state = FIRING
    condition.opened_at = condition.opened_at or as_of
    keeper.keep(condition)
    keeper.opened(condition)
    return condition


def _period(condition: Condition) -> dict[str, Any]:
    assert condition.cleared_at is not None, "only a cleared condition is revived"
    return {
        "began_at": condition.began_at.isoformat(),
        "cleared_at": condition.cleared_at.isoformat(),
    }


def _next_look(
    condition: Condition, work: Work | None, result: Firing, as_of: datetime
) -> datetime | None:
    """Return when waiting alone changes something, None where only a new fact does."""
    moments = [condition.began_at + result.fires_after, condition.began_at + result.ticket_after]
    if result.check_at is not None:
        moments.append(result.check_at)
    if condition.inhibited_by:
        # what explains it may end without a word to this place: a storm of our own passes
        moments.append(as_of + EXPLAINED_ANEW_AFTER)
    if work is not None and work.resolved_at is not None and result.is_standing:
        moments.append(work.resolved_at + GRACE_AFTER_REPAIR)
    return min((moment for moment in moments if moment > as_of), default=None)


def _needs_hands(condition: Condition, work: Work | None, result: Firing, as_of: datetime) -> bool:
    """Return whether a firing condition has something to say to its ticket."""
    if work is None or work.stage == "closed":
        return True
    if work.stage == "resolved" and work.resolved_at is not None:
        if result.is_standing:
            return as_of >= work.resolved_at + GRACE_AFTER_REPAIR
        return result.seen_at > work.resolved_at
    if work.stage == "dismissed" and condition.severity == SAFETY:
        # called safe once it was over: there again, it needs a person's word anew
        return True
    # open, or dismissed by a person: only what is worse is news
    return condition.severity < work.severity


def _tell_down(keeper: Keeper[C], condition: C, result: Firing, as_of: datetime) -> None:
    if result.is_down:
        since = max(result.down_since or condition.began_at, condition.began_at)
        keeper.down(condition, since, as_of)
    else:
        keeper.up(condition, as_of)
