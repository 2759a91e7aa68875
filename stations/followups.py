"""What a worker draws from a station's reports and from how our commands ended.

The tables below are the whole list: one line a message, one verb behind it. A verb may be called
again for the same row and must not mind; it raises on what it cannot read.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Q

from stations import (
    bulk,
    certificates,
    charging,
    commands,
    commissioning,
    credentials,
    devices,
    diagnostics,
    displays,
    endings,
    firmware,
    local_lists,
    reservations,
    status,
)
from stations.models import Command, StationReport

logger = logging.getLogger(__name__)

# By OCPP action.
REPORTS: Mapping[str, tuple[Callable[[StationReport, datetime], None], ...]] = {
    "BootNotification": (
        commissioning.hear_boot,
        charging.apply_boot,
        firmware.hear_boot,
    ),
    "NotifyDisplayMessages": (displays.apply_shown,),
    "NotifyReport": (
        devices.take_report,
        commissioning.hear_report,
        displays.learn_screen,
    ),
    "DiagnosticsStatusNotification": (diagnostics.hear_status,),
    "FirmwareStatusNotification": (firmware.hear_status,),
    "SignedFirmwareStatusNotification": (firmware.hear_status,),
    "LogStatusNotification": (diagnostics.hear_status,),
    "ClearedChargingLimit": (charging.apply_limit_cleared,),
    "NotifyChargingLimit": (charging.apply_limit,),
    "NotifyEVChargingNeeds": (charging.apply_needs,),
    "NotifyEVChargingSchedule": (charging.apply_plan,),
    "ReportChargingProfiles": (charging.apply_profiles,),
    "ReservationStatusUpdate": (reservations.apply_update,),
    "ReservationUsed": (reservations.apply_used,),
    "NotifyMonitoringReport": (devices.take_monitoring_report, commissioning.hear_report),
    "SignCertificate": (certificates.take_request,),
}
# By the action as the command was sent: OCPP's name, or our own word.
ANSWERS: Mapping[str, tuple[Callable[[Command, datetime], None], ...]] = {
    "ChangeConfiguration": (devices.take_change,),
    "ClearVariableMonitoring": (devices.take_cleared,),
    "GetConfiguration": (devices.take_configuration, displays.learn_costmsg),
    commands.GET_CONFIGURATION: (displays.learn_costmsg,),
    "GetInstalledCertificateIds": (certificates.take_installed,),
    "GetVariables": (devices.take_variables,),
    "GetTariffs": (displays.take_tariffs,),
    commands.INSTALLED_CERTIFICATES: (certificates.take_installed,),
    "SetMonitoringBase": (devices.take_monitoring_choice,),
    "SetMonitoringLevel": (devices.take_monitoring_choice,),
    "SetVariableMonitoring": (devices.take_monitoring,),
    "SetVariables": (devices.take_variables_set,),
}
# By the kind before the colon of `Command.origin`.
ORIGINS: Mapping[str, tuple[Callable[[Command, datetime], None], ...]] = {
    commissioning.ORIGIN: (commissioning.hear_answer,),
    "composite": (charging.follow_composite,),
    "list": (local_lists.follow_list,),
    "message": (displays.follow_message,),
    "tariff": (displays.follow_tariff,),
    "profile": (charging.follow_profile,),
    "certificate": (certificates.hear_delivery,),
    "trust": (certificates.hear_change,),
    "reservation": (reservations.follow_reservation,),
    endings.ORIGIN: (endings.hear_transaction,),
    credentials.PASSWORD_ORIGIN: (credentials.hear_password,),
    credentials.PROFILE_ORIGIN: (credentials.hear_profile,),
    bulk.ORIGIN: (bulk.hear_answer,),
    diagnostics.ORIGIN: (diagnostics.hear_answer,),
    firmware.ORIGIN: (firmware.hear_answer,),
}

MOST_AT_ONCE: Final = 200
MOST_ROUNDS: Final = 10
MOST_ATTEMPTS: Final = 5
TURN_LOCK: Final = 4620
# What a station may have said that no verb foresaw; a store that is busy or away is none of them.
HOLES: Final = (
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
    *(DataError, IntegrityError, ObjectDoesNotExist, MultipleObjectsReturned),
)
# Somebody may be at it right now.
LEFT_ALONE: Final = timedelta(seconds=20)


def follow_station(*, station_id: int, as_of: datetime) -> int:
    """Apply what a station reported and what our commands to it led to; returns how many rows.

    In the order they came, by one worker at a time. What fails is tried again by the sweep, five
    times, then stays with its error.
    """
    return _apply_reports(station_id, as_of) + _follow_ends(station_id, as_of)


def _apply_reports(station_id: int, as_of: datetime) -> int:
    done, after = 0, 0
    reports = StationReport.objects.filter(
        station_id=station_id, applied_at=None, attempts__lt=MOST_ATTEMPTS
    ).order_by("id")
    for _ in range(MOST_ROUNDS):
        # Asked without the lock: whoever finds it taken leaves its work to the one who has it.
        if not reports.filter(pk__gt=after).exists():
            break
        with transaction.atomic():
            if not _take_turn(station_id):
                break
            for report in reports.filter(pk__gt=after)[:MOST_AT_ONCE]:
                done += _apply(report, as_of)
                after = report.pk
    return done


def _follow_ends(station_id: int, as_of: datetime) -> int:
    done = 0
    ended = Command.objects.filter(
        station_id=station_id, finished_at__isnull=False, followed_at=None
    ).order_by("id")
    for _ in range(MOST_ROUNDS):
        if not ended.exists():
            break
        with transaction.atomic():
            if not _take_turn(station_id):
                break
            for command in ended.select_for_update(of=("self",))[:MOST_AT_ONCE]:
                done += _follow(command, as_of)
    return done


def _take_turn(station_id: int) -> bool:
    """Say whether nobody else is at a station's rows, and keep it so to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [TURN_LOCK, station_id % 2**31])
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)


def find_unfollowed(*, as_of: datetime) -> list[int]:
    """Return stations with reports or ends of commands that a lost nudge left lying."""
    since = as_of - LEFT_ALONE
    reports = StationReport.objects.filter(
        applied_at=None, attempts__lt=MOST_ATTEMPTS, received_at__lt=since
    )
    ends = Command.objects.filter(finished_at__lt=since, followed_at=None)
    # Each station once: one that reports in floods must not fill the list alone.
    found = set(reports.values_list("station_id", flat=True).distinct()[:MOST_AT_ONCE])
    late = ends.values_list("station_id", flat=True).distinct()[:MOST_AT_ONCE]
    return sorted(found.union(late))


def _apply(report: StationReport, as_of: datetime) -> int:
    row = StationReport.objects.filter(pk=report.pk)
    try:
        with transaction.atomic():
            for verb in REPORTS.get(report.kind, ()):
                verb(report, as_of)
            row.update(applied_at=as_of)
    except HOLES as error:
        logger.exception("report not applied report=%s kind=%s", report.pk, report.kind)
        text = f"{type(error).__name__}: {error}"[:255]
        row.update(attempts=F("attempts") + 1, error=text)
        return 0
    return 1


def _follow(command: Command, as_of: datetime) -> int:
    row = Command.objects.filter(Q(pk=command.pk))
    verbs = (
        status.note_answer,
        *ANSWERS.get(command.action, ()),
        *ORIGINS.get(command.origin.partition(":")[0], ()),
    )
    try:
        with transaction.atomic():
            for verb in verbs:
                verb(command, as_of)
    except HOLES:
        # A hole in a verb must not hold up the others; the row keeps its answer for a person.
        logger.exception("command not followed command=%s action=%s", command.pk, command.action)
    row.update(followed_at=as_of)
    return 1
