"""Mending from afar: the ladder's next step for a fault, taken once and written down."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from chargenet.core import locks
from faults import tickets
from faults.engine import ladder
from faults.engine.ladder import Do, Leave, Wait
from faults.healing import calls, policies, releasing
from faults.models import Fault, Healing, HealingPolicy, HealingStep
from faults.queries import healing as reads
from faults.queries import proofs
from faults.rules.vocabulary.meaning import SAFETY
from stations import commands
from stations.models import Command, Station

HEALING_LOCK: Final = 4607
EXPIRES_AFTER: Final = timedelta(seconds=30)
AT_A_TIME: Final = 100


def heal_fault(*, fault_id: int, as_of: datetime) -> None:
    """Take the next step about a fault, wait, or leave it to people; twice is once.

    The step and its command are one transaction, under a lock of the station: whoever dies in
    between has done nothing, and two workers do not both reset.
    """
    with transaction.atomic():
        fault = Fault.objects.filter(pk=fault_id, station__isnull=False).first()
        if fault is None:
            return
        assert fault.station_id is not None, "asked for above"
        _lock_station(fault.station_id)
        fault.refresh_from_db()
        if fault.state == Fault.State.FIRING and fault.code in ladder.KNOWN:
            _go_on(_begun(fault, as_of), fault, as_of)
        elif fault.state == Fault.State.CLEARED:
            _end(fault, as_of)


def heal_station(*, station_id: int, as_of: datetime) -> None:
    """Go on at a station that came back: what waited for it need not wait for the sweep."""
    for fault_id in reads.healings_here(station_id):
        heal_fault(fault_id=fault_id, as_of=as_of)


def sweep_healings(*, as_of: datetime, limit: int = AT_A_TIME) -> int:
    """Go on with what is due, and begin what nobody was woken for."""
    due = [*reads.due_healings(as_of, limit), *reads.unbegun_faults(as_of, limit)]
    for fault_id in dict.fromkeys(due):
        heal_fault(fault_id=fault_id, as_of=as_of)
    return len(due)


def sweep_proofs(*, as_of: datetime, limit: int = AT_A_TIME) -> int:
    """Write down which healed places have charged a vehicle since; returns how many."""
    waiting = Healing.objects.filter(
        healed_at__gt=as_of - proofs.WITHIN, verified_at__isnull=True
    ).select_related("fault")
    proven = 0
    for healing in waiting.order_by("pk")[:limit]:
        at = _proof(healing)
        if at is not None:
            proven += Healing.objects.filter(pk=healing.pk, verified_at__isnull=True).update(
                verified_at=at
            )
    return proven


def _begun(fault: Fault, as_of: datetime) -> Healing:
    assert fault.station_id is not None, "only a station's fault is healed"
    station = Station.objects.get(pk=fault.station_id)
    healing, _ = Healing.objects.get_or_create(
        fault=fault,
        defaults={
            "operator_id": fault.operator_id,
            "station": station,
            "code": fault.code,
            "station_model": f"{station.vendor} {station.model}".strip()[:160],
            "round": fault.reopened,
            "began_at": as_of,
        },
    )
    if healing.round != fault.reopened:
        healing.round, healing.began_at = fault.reopened, as_of
        healing.healed_at = healing.verified_at = healing.released_at = None
    return healing


def _go_on(healing: Healing, fault: Fault, as_of: datetime) -> None:
    policy = policies.policy_of(fault.operator_id)
    is_danger = fault.severity == SAFETY
    if policy.mode == HealingPolicy.Mode.OFF and not (is_danger and policy.makes_safe):
        _rest(healing, None, "switched_off")
        return
    here = reads.circumstances_of(fault, as_of)
    found = ladder.next_step(fault.code, reads.tried_of(healing), here, as_of)
    if isinstance(found, Leave):
        # what is locked is looked at now and then: a place whose release was missed opens then
        again = as_of + ladder.SELDOM if is_danger and found.why == "made_safe" else None
        _rest(healing, again, found.why)
    elif isinstance(found, Wait):
        _rest(healing, found.until, found.why)
    else:
        is_real = policy.makes_safe if is_danger else policy.mode == HealingPolicy.Mode.ON
        _take(healing, fault, found, as_of, is_dry_run=not is_real)


def _rest(healing: Healing, until: datetime | None, why: str) -> None:
    healing.check_at, healing.why = until, why
    healing.save()


def _take(healing: Healing, fault: Fault, found: Do, as_of: datetime, *, is_dry_run: bool) -> None:
    """Write the step down with its command; in a dry run there is none."""
    _rest(healing, found.until, "given_time")
    call = calls.call_of(found.step, fault)
    command = None
    if call is not None and not is_dry_run:
        command = commands.send_command(
            station=healing.station,
            action=call[0],
            payload=call[1],
            as_of=as_of,
            lifetime=EXPIRES_AFTER,
            origin=f"{calls.ORIGIN}:{healing.pk}",
        )
    step = HealingStep.objects.create(
        operator_id=healing.operator_id,
        healing=healing,
        round=healing.round,
        step=found.step,
        is_dry_run=is_dry_run,
        command=command,
        at=as_of,
    )
    if fault.ticket is not None:
        tickets.note_evidence(
            ticket=fault.ticket,
            key=f"healing:{step.pk}",
            detail={
                "verb": "healing_dry" if is_dry_run else "healing",
                "step": found.step,
                "code": fault.code,
            },
            as_of=as_of,
        )


def _end(fault: Fault, as_of: datetime) -> None:
    """Write what helped, and open again what we locked."""
    healing = Healing.objects.filter(fault=fault).select_related("station").first()
    if healing is not None:
        _judge(healing, fault)
        _rest(healing, None, "cleared")
    assert fault.station_id is not None, "only a station's fault is healed"
    releasing.release(fault.station_id, as_of)


def _judge(healing: Healing, fault: Fault) -> None:
    """Write whether the last step was what helped."""
    steps = healing.steps.filter(round=healing.round, is_dry_run=False)
    last = (
        steps.exclude(step__in=("stop_session", "lock_out", releasing.RELEASE))
        .order_by("-at", "-pk")
        .first()
    )
    if last is None or last.has_helped is not None or healing.healed_at is not None:
        return
    steps.filter(has_helped__isnull=True).update(has_helped=False)
    HealingStep.objects.filter(pk=last.pk).update(has_helped=_was_done(last))
    healing.healed_at = fault.cleared_at if _was_done(last) else None


def _was_done(step: HealingStep) -> bool:
    return step.command is not None and step.command.state == Command.State.ACCEPTED


def _proof(healing: Healing) -> datetime | None:
    """Return when a vehicle was charged there after the healing, for long enough to prove it."""
    assert healing.healed_at is not None, "only what was healed is proven"
    connector_id = healing.fault.connector_id
    place = Q(station_id=healing.station_id)
    if connector_id is not None:
        place = Q(connector_id=connector_id)
    rows = proofs.charges_at(place, since=healing.healed_at).order_by("ended_at")
    return rows.values_list("ended_at", flat=True).first()


def _lock_station(station_id: int) -> None:
    locks.hold(HEALING_LOCK, station_id)
