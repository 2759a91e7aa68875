"""Two parts of one rule: what a station reports of a fault, and what its readings show of it."""

from collections.abc import Callable
from datetime import datetime

from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Span, State

Part = Callable[[State], Result]


def either(state: State, **parts: Part) -> Result:
    """Return the answer of a rule that holds where any of its parts does.

    Each part keeps a state of its own, under its name. The most serious firing part speaks and
    carries the evidence of all; no is said only where a part knows and none fires.
    """
    kept: State = {}
    firing: dict[str, Firing] = {}
    clears: list[Clear] = []
    unknown: list[CannotKnow] = []
    missed: tuple[Span, ...] = ()
    check_at: datetime | None = None
    for name, part in parts.items():
        one = part(state.get(name, {}))
        if one.state:
            kept[name] = one.state
        if one.check_at is not None and (check_at is None or one.check_at < check_at):
            check_at = one.check_at
        if isinstance(one, Clear):
            clears.append(one)
            missed += one.missed
        elif isinstance(one, Firing):
            firing[name] = one
            missed += one.missed
        else:
            unknown.append(one)
    if firing:
        return _firing(firing, kept, missed)
    if not clears:
        return _doubt(unknown, kept, check_at)
    ends = [one.ended_at for one in clears if one.ended_at is not None]
    evidence = {name: value for one in clears for name, value in one.evidence.items()}
    return Clear(
        state=kept,
        ended_at=max(ends, default=None),
        evidence=evidence,
        check_at=check_at,
        missed=missed,
    )


def _doubt(unknown: list[CannotKnow], kept: State, check_at: datetime | None) -> CannotKnow:
    return CannotKnow(
        state=kept,
        reason="+".join(one.reason for one in unknown),
        wants_probe=any(one.wants_probe for one in unknown),
        check_at=check_at,
    )


def _firing(firing: dict[str, Firing], kept: State, missed: tuple[Span, ...]) -> Firing:
    worst = min(firing.values(), key=lambda one: (one.severity, one.fires_after, one.began_at))
    if len(firing) == 1:
        evidence = worst.evidence
    else:
        evidence = {name: value for one in firing.values() for name, value in one.evidence.items()}
        if not all(one.is_over for one in firing.values()):
            # a person may end what is over, never what another part still sees
            evidence.pop("ended_at", None)
    downs = [one.down_since or one.began_at for one in firing.values() if one.is_down]
    checks = [one.check_at for one in firing.values() if one.check_at is not None]
    return Firing(
        state=kept,
        evidence=evidence,
        began_at=min(one.began_at for one in firing.values()),
        seen_at=max(one.seen_at for one in firing.values()),
        severity=worst.severity,
        fires_after=worst.fires_after,
        ticket_after=worst.ticket_after,
        attribution=worst.attribution,
        is_over=all(one.is_over for one in firing.values()),
        is_standing=any(one.is_standing for one in firing.values()),
        is_down=bool(downs),
        down_since=min(downs, default=None),
        check_at=min(checks, default=None),
        missed=missed,
    )
