"""Planning one command for many stations, and moving it: confirmed, agreed, paused, stopped."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from chargenet.core import audit
from chargenet.core.models import User
from stations import commands, limits
from stations import secrets as secrets_of
from stations.models import BulkCommand, BulkState, BulkTarget, Command, OperationLimits, Station

MOST_STATIONS: Final = 10_000
LONGEST_SPREAD_S: Final = 600
# What can be felt by drivers and by the grid when many stations do it at once.
GRAVE: Final = frozenset(
    {commands.REMOTE_STOP, commands.RESET, commands.CHANGE_AVAILABILITY, commands.UPDATE_FIRMWARE}
    | {"RemoteStopTransaction", "RequestStopTransaction", "Reset", "ChangeAvailability"}
    | {"UpdateFirmware", "SignedUpdateFirmware", "SetChargingProfile", commands.SET_PROFILE}
    | {"RemoteStartTransaction", "RequestStartTransaction", commands.REMOTE_START}
    | {"ClearChargingProfile", commands.CLEAR_PROFILE, "UnlockConnector", commands.UNLOCK}
    # and what can take a whole network off the line
    | {"SetNetworkProfile"}
)
State = BulkTarget.State
OPEN: Final = (BulkState.DRAFT, BulkState.WAITING, BulkState.RUNNING, BulkState.PAUSED)


class BulkInvalid(ValueError):
    """The bulk command cannot be planned or moved like this; every argument is a sentence."""


class NotYours(BulkInvalid):
    """The person who asked for it cannot be the second one to agree."""


@dataclass(frozen=True, kw_only=True)
class BulkPlan:
    """What a person wants of many stations; `chosen_by` says how they were chosen."""

    action: str
    payload: Mapping[str, Any]
    reason: str
    chosen_by: Mapping[str, str] = field(default_factory=dict)
    per_minute: int = 30
    spread_s: int = 0


@transaction.atomic
def plan_bulk(
    *,
    operator_id: int,
    plan: BulkPlan,
    stations: QuerySet[Station],
    requested_by: User,
    as_of: datetime,
) -> BulkCommand:
    """Write a bulk command down, to be looked at and confirmed; nothing leaves yet.

    Raises BulkInvalid.
    """
    known = limits.limits_of(operator_id)
    _check(plan, known)
    chosen = list(stations.filter(operator_id=operator_id, is_active=True).order_by("pk"))
    if not chosen:
        raise BulkInvalid("No station is chosen.")
    if len(chosen) > MOST_STATIONS:
        raise BulkInvalid(f"At most {MOST_STATIONS} stations at once.")
    _require_fit(plan, chosen)
    bulk = BulkCommand.objects.create(
        operator_id=operator_id,
        action=plan.action,
        payload=dict(plan.payload),
        reason=plan.reason.strip()[:200],
        chosen_by=dict(plan.chosen_by),
        station_count=len(chosen),
        per_minute=plan.per_minute,
        spread_s=plan.spread_s,
        needs_approval=plan.action in GRAVE and len(chosen) > known.approval_above,
        requested_by=requested_by,
        created_at=as_of,
    )
    _line_up(bulk, chosen)
    _write_down(bulk, "plan", requested_by.pk, as_of, {"stations": len(chosen)})
    return bulk


def _check(plan: BulkPlan, known: OperationLimits) -> None:
    if not plan.reason.strip():
        raise BulkInvalid("Say why: who reads this later was not there.")
    if secrets_of.hidden(plan.payload) != plan.payload:
        # The plan is read by people and kept; and no two stations may have one password.
        raise BulkInvalid("Passwords and keys are given to each station by itself.")
    if not 1 <= plan.per_minute <= known.most_per_minute:
        raise BulkInvalid(f"The pace is 1 to {known.most_per_minute} stations a minute.")
    if not 0 <= plan.spread_s <= LONGEST_SPREAD_S:
        raise BulkInvalid(f"The random delay is at most {LONGEST_SPREAD_S} s.")


def _require_fit(plan: BulkPlan, chosen: Sequence[Station]) -> None:
    """Refuse what one of the versions among the stations could not be told."""
    versions = {station.ocpp_version: station for station in chosen}
    for version, station in sorted(versions.items()):
        try:
            commands.require_fit(station=station, action=plan.action, payload=plan.payload)
        except commands.CommandUnfit as error:
            where = f"OCPP {version}: " if len(versions) > 1 else ""
            raise BulkInvalid(*(f"{where}{reason}" for reason in error.args)) from error


def _line_up(bulk: BulkCommand, chosen: Sequence[Station]) -> None:
    """Give each station its second: the pace in a shuffled order, plus its random share.

    Shuffled, so that a site's stations do not switch together; the delay blurs the grid's view.
    """
    dice = secrets.SystemRandom()
    order = list(chosen)
    dice.shuffle(order)
    BulkTarget.objects.bulk_create(
        BulkTarget(
            operator_id=bulk.operator_id,
            bulk=bulk,
            station=station,
            due_after_s=number * 60 // bulk.per_minute + dice.randint(0, bulk.spread_s),
        )
        for number, station in enumerate(order)
    )


def confirm_bulk(*, bulk: BulkCommand, user: User, as_of: datetime) -> str:
    """Start a planned bulk command, or hand it to a second person; return its state."""
    if bulk.needs_approval:
        return _move(
            bulk, (BulkState.DRAFT,), BulkState.WAITING, "confirm", user, as_of, confirmed_at=as_of
        )
    return _move(
        bulk,
        (BulkState.DRAFT,),
        BulkState.RUNNING,
        "confirm",
        user,
        as_of,
        confirmed_at=as_of,
        next_at=as_of,
    )


def approve_bulk(*, bulk: BulkCommand, user: User, as_of: datetime) -> str:
    """Agree as the second person; raises NotYours."""
    if bulk.requested_by_id == user.pk:
        raise NotYours("Somebody else must agree.")
    return _move(
        bulk,
        (BulkState.WAITING,),
        BulkState.RUNNING,
        "approve",
        user,
        as_of,
        approved_by=user,
        approved_at=as_of,
        next_at=as_of,
    )


def pause_bulk(*, bulk: BulkCommand, user: User, as_of: datetime) -> str:
    """Send no more for now."""
    return _move(bulk, (BulkState.RUNNING,), BulkState.PAUSED, "pause", user, as_of)


@transaction.atomic
def resume_bulk(*, bulk: BulkCommand, user: User, as_of: datetime) -> str:
    """Go on: the line begins again now, at the same pace."""
    first = BulkTarget.objects.filter(bulk=bulk, state=State.WAITING).order_by("due_after_s")
    passed = first.values_list("due_after_s", flat=True).first() or 0
    return _move(
        bulk,
        (BulkState.PAUSED,),
        BulkState.RUNNING,
        "resume",
        user,
        as_of,
        next_at=as_of - timedelta(seconds=passed),
    )


@transaction.atomic
def stop_bulk(*, bulk: BulkCommand, user: User, as_of: datetime) -> str:
    """End it for good: what was not sent never is, and what only waits in the queue expires."""
    state = _move(bulk, OPEN, BulkState.STOPPED, "stop", user, as_of, finished_at=as_of)
    BulkTarget.objects.filter(bulk=bulk, state=State.WAITING).update(
        state=State.STOPPED, finished_at=as_of
    )
    queued = BulkTarget.objects.filter(bulk=bulk, state=State.SENT).values("command_id")
    Command.objects.filter(pk__in=queued, state=Command.State.QUEUED).update(
        state=Command.State.EXPIRED,
        finished_at=as_of,
        error="The bulk command was stopped.",
        sealed=None,
    )
    return state


@transaction.atomic
def _move(
    bulk: BulkCommand,
    before: Sequence[str],
    after: str,
    verb: str,
    user: User,
    as_of: datetime,
    **fields: Any,
) -> str:
    moved = BulkCommand.objects.filter(pk=bulk.pk, state__in=before).update(state=after, **fields)
    if not moved:
        raise BulkInvalid("It has moved on. This is how it stands now.")
    _write_down(bulk, verb, user.pk, as_of, {})
    return after


def _write_down(
    bulk: BulkCommand, verb: str, user_id: int, as_of: datetime, details: dict[str, Any]
) -> None:
    audit.record(
        operator_id=bulk.operator_id,
        user_id=user_id,
        action=f"bulk.{verb}",
        object_type="bulk",
        object_id=bulk.pk,
        as_of=as_of,
        details={"action": bulk.action, **details},
    )
