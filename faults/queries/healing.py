"""How it stands around a fault that might be healed."""

from datetime import datetime, timedelta
from typing import Final, get_args

from django.db.models import F, Q

from faults.engine import ladder
from faults.engine.ladder import Circumstances, Step, Tried
from faults.models import Fault, Healing, HealingStep
from faults.queries import cards, crew
from stations import commands, limits
from stations.models import Command, Session

STEPS: Final[tuple[Step, ...]] = get_args(Step)
A_FAULTS_LIFE: Final = timedelta(hours=24)


def circumstances_of(fault: Fault, as_of: datetime) -> Circumstances:
    """Return what the guards of the ladder must know of a fault's station now."""
    assert fault.station_id is not None, "only a station's fault is healed from afar"
    station = cards.find_station(fault.station_id, as_of)
    charging = set(
        Session.objects.filter(station_id=fault.station_id, state=Session.State.OPEN).values_list(
            "connector_id", flat=True
        )
    )
    is_own = bool(charging) if fault.connector_id is None else fault.connector_id in charging
    return Circumstances(
        severity=fault.severity,
        is_online=station.is_online,
        is_attended=station.is_attended,
        is_silenced=crew.windows_over(fault, as_of=as_of).exists(),
        is_explained=bool(fault.inhibited_by),
        is_halted=limits.is_halted(fault.operator_id),
        own_session=is_own,
        any_session=bool(charging),
        resets=_resets(fault.station_id, as_of),
    )


def tried_of(healing: Healing) -> list[Tried]:
    """Return the steps of this round, dry ones too, in order; what never left was not tried."""
    rows = healing.steps.filter(round=healing.round).order_by("at", "pk")
    rows = rows.exclude(command__state=Command.State.EXPIRED, command__sent_at__isnull=True)
    told = rows.values_list("step", "at")
    return [Tried(step, at) for said, at in told for step in STEPS if step == said]


def due_healings(as_of: datetime, limit: int) -> list[int]:
    """Return the faults whose healing waits to be looked at, the longest due first."""
    rows = Healing.objects.filter(check_at__lte=as_of).order_by("check_at")
    return list(rows.values_list("fault_id", flat=True)[:limit])


def unbegun_faults(as_of: datetime, limit: int) -> list[int]:
    """Return faults that fire and for which nobody was woken."""
    rows = Fault.objects.filter(
        state=Fault.State.FIRING,
        station_id__isnull=False,
        healing__isnull=True,
        code__in=ladder.KNOWN,
        last_seen_at__gt=as_of - A_FAULTS_LIFE,
    )
    return list(rows.order_by("opened_at").values_list("pk", flat=True)[:limit])


def _resets(station_id: int, as_of: datetime) -> list[datetime]:
    """Return when the station was told to restart, by whomever; one on its way counts."""
    rows = Command.objects.filter(
        station_id=station_id,
        action__in=(commands.RESET, "Reset"),
        created_at__gt=as_of - ladder.RESETS_WITHIN,
    ).exclude(state=Command.State.EXPIRED, sent_at__isnull=True)
    return list(rows.order_by("created_at").values_list("created_at", flat=True))


def healings_to_release(station_id: int) -> list[Healing]:
    """Return what we locked at a station for faults that are gone, where no danger is left."""
    locked = HealingStep.objects.filter(
        healing__station_id=station_id,
        healing__released_at__isnull=True,
        healing__fault__state=Fault.State.CLEARED,
        round=F("healing__round"),
        step="lock_out",
        is_dry_run=False,
    )
    rows = Healing.objects.filter(pk__in=locked.values("healing")).order_by("pk")
    found = rows.select_related("fault__station", "station")
    return [healing for healing in found if not _is_dangerous_at(healing.fault)]


def _is_dangerous_at(cleared: Fault) -> bool:
    """Return whether a safety fault holds at a place that would be opened with this one's."""
    held = Fault.objects.filter(
        station=cleared.station, state=Fault.State.FIRING, severity=ladder.SAFETY
    )
    if cleared.connector_id is not None:
        held = held.filter(Q(connector_id=cleared.connector_id) | Q(connector__isnull=True))
    return held.exists()
