"""How it stands around a fault that might be healed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, get_args

from django.db.models import F, Max, Q, QuerySet

from faults.engine import ladder
from faults.engine.ladder import Circumstances, Outcome, Step, Tried
from faults.models import Fault, Healing, HealingStep
from faults.queries import cards, crew
from faults.rules.vocabulary.meaning import SAFETY
from stations import commands, limits
from stations.models import Command, Connector, Session, Status

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
        usable_since=_usable_since(fault),
        at_plug_since=_at_plug_since(fault.station_id, as_of),
    )


def _at_plug_since(station_id: int, as_of: datetime) -> datetime | None:
    """Return when a connector somebody is at said so last."""
    rows = Connector.objects.filter(
        station_id=station_id, status__in=ladder.AT_PLUG, status_received_at__lte=as_of
    )
    at: datetime | None = rows.aggregate(at=Max("status_received_at"))["at"]
    return at


def _usable_since(fault: Fault) -> datetime | None:
    """Return since when, by its own word, a fault's connector is ready for a driver."""
    ready = Connector.objects.filter(
        pk=fault.connector_id or 0, status__in=(Status.AVAILABLE, Status.PREPARING)
    )
    return ready.values_list("status_occurred_at", flat=True).first()


def tried_of(healing: Healing) -> list[Tried]:
    """Return the steps of this round, dry ones too, in order; what never left was not tried."""
    rows = healing.steps.filter(round=healing.round).order_by("at", "pk")
    told = _left(rows).values_list("step", "at", "command__state")
    return [
        Tried(step, at, _outcome(state))
        for said, at, state in told
        for step in STEPS
        if step == said
    ]


def _outcome(state: str | None) -> Outcome:
    """Return what became of a step by its command; one without a command is done."""
    if state in {None, Command.State.ACCEPTED}:
        return "done"
    return "under_way" if state in commands.UNDER_WAY else "failed"


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


def healings_here(station_id: int) -> list[int]:
    """Return the faults of a station whose healing waits for anything."""
    rows = Healing.objects.filter(station_id=station_id, check_at__isnull=False)
    return list(rows.order_by("pk").values_list("fault_id", flat=True))


def healings_to_release(station_id: int) -> list[Healing]:
    """Return what we locked at a station for faults that are gone, where no danger is left."""
    locked = _left(HealingStep.objects.filter(step="lock_out", is_dry_run=False)).filter(
        healing__station_id=station_id,
        healing__released_at__isnull=True,
        healing__fault__state=Fault.State.CLEARED,
        round=F("healing__round"),
    )
    rows = Healing.objects.filter(pk__in=locked.values("healing")).order_by("pk")
    found = rows.select_related("fault__station", "station")
    return [healing for healing in found if not _is_dangerous_at(healing.fault)]


def newest_release(healings: Sequence[Healing]) -> HealingStep | None:
    """Return the newest order to open what these locked, given since the last lock."""
    return _releases(healings).select_related("command").order_by("-pk").first()


def count_releases(healings: Sequence[Healing]) -> int:
    """Return how often a station was told to open what these locked, since the last lock."""
    return _releases(healings).count()


def _releases(healings: Sequence[Healing]) -> QuerySet[HealingStep]:
    steps = _left(HealingStep.objects.filter(healing__in=healings, is_dry_run=False))
    locked = steps.filter(step="lock_out").order_by("-pk").values_list("pk", flat=True).first()
    return steps.filter(step="release", pk__gt=locked or 0)


def _left(steps: QuerySet[HealingStep]) -> QuerySet[HealingStep]:
    """Return the steps whose command left, or still may."""
    return steps.exclude(command__state=Command.State.EXPIRED, command__sent_at__isnull=True)


def _is_dangerous_at(cleared: Fault) -> bool:
    """Return whether a safety fault holds at a place that would be opened with this one's."""
    held = Fault.objects.filter(station=cleared.station, state=Fault.State.FIRING, severity=SAFETY)
    if cleared.connector_id is not None:
        held = held.filter(Q(connector_id=cleared.connector_id) | Q(connector__isnull=True))
    return held.exists()
