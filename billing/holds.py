"""Held sessions: what a person decides of them, each deed once, with its reason on paper."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from billing import rating
from billing.gate.case import Case
from billing.gate.checks import energy
from billing.gate.table import CHECKS
from billing.models import Cdr, RatingHold, SessionRuling
from chargenet.core import audit
from chargenet.core.models import User
from stations.models import Session

Deed = SessionRuling.Deed
MOST_AT_ONCE = 500
LONGEST_REASON = 500
# Before it nobody charged; longer than a year nobody stands.
EARLIEST, LONGEST = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=366)


class HoldGone(Exception):
    """The session is not held any more: somebody decided, or it was rated meanwhile."""


class RulingStale(Exception):
    """Somebody else decided of this session since the page was read."""


class ReasonMissing(ValueError):
    """A deed without a reason is refused."""


class CorrectionUnfit(ValueError):
    """What should be billed instead cannot be true; says the name of what is wrong."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is billed in place of what was told; energy in Wh."""

    started_at: datetime
    ended_at: datetime
    energy_wh: int


def release(
    *, session_id: int, turn: int, reason: str, actor: User, as_of: datetime
) -> Cdr | None:
    """Bill a held session as it is; None where no price list prices it yet.

    Raises HoldGone, RulingStale, ReasonMissing.
    """
    return _rule(Deed.RELEASE, session_id, turn, reason, actor, as_of)


def waive(*, session_id: int, turn: int, reason: str, actor: User, as_of: datetime) -> Cdr | None:
    """Bill nothing for a held session: its Cdr is 0.

    Raises HoldGone, RulingStale, ReasonMissing.
    """
    return _rule(Deed.WAIVE, session_id, turn, reason, actor, as_of)


def correct(
    *,
    session_id: int,
    turn: int,
    correction: Correction,
    reason: str,
    actor: User,
    as_of: datetime,
) -> Cdr | None:
    """Bill other times or another energy than told; what was told stays as it is.

    Raises HoldGone, RulingStale, ReasonMissing, CorrectionUnfit.
    """
    return _rule(Deed.CORRECT, session_id, turn, reason, actor, as_of, correction)


def release_many(
    *, operator_id: int, held_for: str, reason: str, actor: User, as_of: datetime
) -> Counter[str]:
    """Release up to 500 sessions of an operator held for one reason, the oldest first.

    Counts `rated` and what still holds some. Raises ReasonMissing.
    """
    said = _said(reason)
    with transaction.atomic():
        holds = list(
            RatingHold.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(operator_id=operator_id, reason=held_for, session__cdr__isnull=True)
            .select_related("session")
            .order_by("held_at", "pk")[:MOST_AT_ONCE]
        )
        ids = [hold.session_id for hold in holds]
        made = Counter(
            SessionRuling.objects.filter(session_id__in=ids).values_list("session_id", flat=True)
        )
        for hold in holds:
            turn = made[hold.session_id] + 1
            _write(Deed.RELEASE, hold, turn, said, {}, actor, as_of)
        return rating.rate_sessions(session_ids=ids, as_of=as_of)


def turn_of(session_id: int) -> int:
    """Return which ruling of a session would be the next, from 1."""
    return SessionRuling.objects.filter(session_id=session_id).count() + 1


def _said(reason: str) -> str:
    said = reason.replace("\0", "").strip()
    if not said:
        raise ReasonMissing
    return said[:LONGEST_REASON]


def _rule(
    deed: SessionRuling.Deed,
    session_id: int,
    turn: int,
    reason: str,
    actor: User,
    as_of: datetime,
    correction: Correction | None = None,
) -> Cdr | None:
    said = _said(reason)
    with transaction.atomic():
        hold = (
            RatingHold.objects.select_for_update(of=("self",))
            .select_related("session__connector")
            .filter(session_id=session_id, session__cdr__isnull=True)
            .first()
        )
        if hold is None:
            raise HoldGone
        if turn != turn_of(session_id):
            raise RulingStale
        corrected = _corrected(hold.session, correction, as_of) if correction else {}
        _write(deed, hold, turn, said, corrected, actor, as_of)
        rating.rate_sessions(session_ids=[session_id], as_of=as_of)
        return Cdr.objects.filter(session_id=session_id).first()


def _corrected(session: Session, correction: Correction, as_of: datetime) -> dict[str, Any]:
    """Return a correction as it is kept; raises CorrectionUnfit."""
    if correction.ended_at < correction.started_at:
        raise CorrectionUnfit("ends_before_start")
    if correction.ended_at > as_of:
        raise CorrectionUnfit("in_future")
    if correction.energy_wh < 0:
        raise CorrectionUnfit("negative_energy")
    if correction.started_at < EARLIEST:
        raise CorrectionUnfit("told_late")
    if correction.ended_at - correction.started_at > LONGEST:
        raise CorrectionUnfit("too_long")
    case = Case(
        started_at=correction.started_at,
        ended_at=correction.ended_at,
        seen_at=as_of,
        energy_wh=correction.energy_wh,
        max_power_w=session.connector.max_power_w,
    )
    if energy.over_power(case, CHECKS["over_power"].limits) is not None:
        raise CorrectionUnfit("over_power")
    return {
        "started_at": correction.started_at.isoformat(),
        "ended_at": correction.ended_at.isoformat(),
        "energy_wh": correction.energy_wh,
    }


def _write(
    deed: SessionRuling.Deed,
    hold: RatingHold,
    turn: int,
    reason: str,
    corrected: Mapping[str, Any],
    actor: User,
    as_of: datetime,
) -> None:
    session = hold.session
    SessionRuling.objects.create(
        operator_id=hold.operator_id,
        session=session,
        turn=turn,
        deed=deed,
        reason=reason,
        held_for=hold.reason,
        findings=hold.findings,
        original=_original(session),
        corrected=dict(corrected),
        made_at=as_of,
        made_by=actor,
    )
    audit.record(
        operator_id=hold.operator_id,
        user_id=actor.pk,
        action=f"session.{deed.value}",
        object_type="session",
        object_id=session.pk,
        as_of=as_of,
        details={"reason": reason, "held_for": hold.reason, "corrected": dict(corrected)},
    )


def _original(session: Session) -> dict[str, Any]:
    ended_at = session.ended_at
    flags: Sequence[str] = session.flags
    return {
        "started_at": session.started_at.isoformat(),
        "ended_at": None if ended_at is None else ended_at.isoformat(),
        "energy_wh": session.energy_wh,
        "parking_s": session.parking_s,
        "meter_start_wh": session.meter_start_wh,
        "meter_stop_wh": session.meter_stop_wh,
        "flags": list(flags),
    }
