"""The rounds of setting up: begun at first contact, one call at a time, resumed after a crash."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from chargenet.core.models import User
from stations.commissioning import acting, hearing, outcome, planning
from stations.commissioning.profile import Wanted
from stations.models import Command, Commissioning, CommissioningStep, Station, StationReport

ORIGIN: Final = "commissioning"
# Chargers that have just connected stall, or restart, when they are called at once.
QUIET: Final = timedelta(seconds=10)
# A restart so soon after a call is that call's doing.
BLAMED_WITHIN: Final = timedelta(seconds=120)
MOST_RESTARTS: Final = 2
MOST_BEGUN: Final = 20
OPEN: Final = (CommissioningStep.State.WAITING, CommissioningStep.State.ASKED)


@transaction.atomic
def begin_commissioning(
    *,
    station: Station,
    reason: str,
    as_of: datetime,
    requested_by: User | None = None,
    settings: Sequence[Wanted] | None = None,
    wait: timedelta = QUIET,
) -> Commissioning:
    """Plan a round for a station, or return the one that is under way.

    `settings` narrows it to some settings; without, everything we want is read, set and read back.
    """
    # One round at a time, also where two begin at once.
    Station.objects.select_for_update(no_key=True, of=("self",)).get(pk=station.pk)
    running = Commissioning.objects.filter(
        station=station, state=Commissioning.State.RUNNING
    ).first()
    if running is not None:
        return running
    commissioning = Commissioning.objects.create(
        operator_id=station.operator_id,
        station=station,
        reason=reason,
        firmware_version=station.firmware_version,
        ocpp_version=station.ocpp_version,
        requested_by=requested_by,
        began_at=as_of,
        next_at=as_of + wait,
    )
    CommissioningStep.objects.bulk_create(planning.steps_of(commissioning, settings))
    return commissioning


@transaction.atomic
def advance(*, commissioning_id: int, as_of: datetime) -> bool:
    """Do what can be done now: at most one call leaves. Says whether the round has ended."""
    commissioning = (
        Commissioning.objects.select_for_update(of=("self",))
        .select_related("station")
        .filter(pk=commissioning_id, state=Commissioning.State.RUNNING)
        .first()
    )
    if commissioning is None:
        return True
    if not _may_call(commissioning, as_of):
        return False
    steps = commissioning.steps.filter(state__in=OPEN).select_related("command")
    for step in steps.order_by("position"):
        if step.state == CommissioningStep.State.ASKED:
            hearing.look_again(step, as_of)
        if step.state == CommissioningStep.State.WAITING:
            acting.act(commissioning, step, as_of)
        if step.state in OPEN:
            return False
    outcome.finish(commissioning, as_of)
    return True


@transaction.atomic
def hear_answer(command: Command, as_of: datetime) -> None:
    """Take in how a call of a round ended, and go on."""
    number = command.origin.partition(":")[2]
    asked = CommissioningStep.objects.filter(
        pk=int(number) if number.isdecimal() else 0,
        command=command,
        state=CommissioningStep.State.ASKED,
    )
    # The round before its steps, as everywhere: two workers may hold two answers of it.
    rounds = Commissioning.objects.select_for_update(of=("self",))
    commissioning = rounds.filter(pk__in=asked.values("commissioning_id")).first()
    step = asked.select_related("commissioning__station", "command").first()
    if commissioning is not None and step is not None:
        hearing.hear(step, command, as_of)
        advance(commissioning_id=commissioning.pk, as_of=as_of)


def hear_report(report: StationReport, as_of: datetime) -> None:
    """Go on with a round that waits for a report in parts."""
    running = Commissioning.objects.filter(
        station_id=report.station_id, state=Commissioning.State.RUNNING
    )
    for commissioning_id in running.values_list("pk", flat=True):
        advance(commissioning_id=commissioning_id, as_of=as_of)


@transaction.atomic
def hear_boot(report: StationReport, as_of: datetime) -> None:
    """Begin a round at first contact or with new firmware; stop one that restarts its station."""
    station = report.station
    running = (
        Commissioning.objects.select_for_update(of=("self",))
        .filter(station=station, state=Commissioning.State.RUNNING)
        .first()
    )
    if running is None:
        if station.registration == Station.Registration.ACCEPTED and station.is_active:
            begin_due(station=station, as_of=as_of)
        return
    asked = running.steps.filter(
        state=CommissioningStep.State.ASKED, changed_at__gte=report.received_at - BLAMED_WITHIN
    )
    blamed = asked.filter(changed_at__lte=report.received_at).update(
        state=CommissioningStep.State.FAILED, answer="restarted", changed_at=as_of
    )
    running.next_at = as_of + QUIET
    running.restarts = F("restarts") + blamed
    running.save(update_fields=["next_at", "restarts"])
    running.refresh_from_db()
    if running.restarts >= MOST_RESTARTS:
        outcome.stop(running, "restarts", as_of)


def find_due(*, as_of: datetime) -> list[int]:
    """Return rounds that may go on: their station is here and has had its quiet seconds."""
    due = Commissioning.objects.filter(
        state=Commissioning.State.RUNNING, next_at__lte=as_of, station__is_online=True
    )
    return list(due.order_by("next_at").values_list("pk", flat=True)[:200])


def find_new(*, as_of: datetime) -> list[Station]:
    """Return stations here that no round has met yet, or only with other firmware.

    A few at a time: a whole fleet that comes new is set up over some minutes.
    """
    met = Commissioning.objects.filter(
        station=OuterRef("pk"), firmware_version=OuterRef("firmware_version")
    ).exclude(reason=Commissioning.Reason.TEMPLATE)
    running = Commissioning.objects.filter(
        station=OuterRef("pk"), state=Commissioning.State.RUNNING
    )
    here = Station.objects.filter(
        is_active=True,
        is_online=True,
        registration=Station.Registration.ACCEPTED,
        connected_at__lte=as_of - QUIET,
        last_boot_at__isnull=False,
    )
    return list(here.filter(~Exists(met), ~Exists(running)).order_by("pk")[:MOST_BEGUN])


def begin_due(*, station: Station, as_of: datetime) -> None:
    """Begin the round a station needs: its first, or one for new firmware."""
    rounds = Commissioning.objects.filter(station=station).exclude(
        reason=Commissioning.Reason.TEMPLATE
    )
    last = rounds.order_by("-pk").first()
    if last is not None and last.firmware_version == station.firmware_version:
        return
    reason = Commissioning.Reason.FIRMWARE if last else Commissioning.Reason.FIRST
    begin_commissioning(station=station, reason=reason, as_of=as_of)


def _may_call(commissioning: Commissioning, as_of: datetime) -> bool:
    station = commissioning.station
    is_quiet_over = station.connected_at is None or as_of >= station.connected_at + QUIET
    return (
        station.is_online
        and is_quiet_over
        and as_of >= commissioning.next_at
        and station.registration == Station.Registration.ACCEPTED
    )
