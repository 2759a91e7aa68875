"""What a worker draws from a station's reports and from how our commands ended.

The tables below are the whole list: one line a message, one verb behind it. A verb may be called
again for the same row and must not mind; it raises on what it cannot read.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
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
    "GetConfiguration": (devices.take_configuration,),
    "GetInstalledCertificateIds": (certificates.take_installed,),
    "GetVariables": (devices.take_variables,),
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
MOST_ATTEMPTS: Final = 5
# Somebody may be at it right now.
LEFT_ALONE: Final = timedelta(seconds=20)


def follow_station(*, station_id: int, as_of: datetime) -> int:
    """Apply what a station reported and what our commands to it led to; returns how many rows.

    In the order they came; what fails is tried again by the sweep, five times, then stays with
    its error.
    """
    done = 0
    with transaction.atomic():
        reports = list(
            StationReport.objects.filter(
                station_id=station_id, applied_at=None, attempts__lt=MOST_ATTEMPTS
            )
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("id")[:MOST_AT_ONCE]
        )
        for report in reports:
            done += _apply(report, as_of)
    with transaction.atomic():
        ended = (
            Command.objects.filter(
                station_id=station_id, finished_at__isnull=False, followed_at=None
            )
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("id")[:MOST_AT_ONCE]
        )
        for command in list(ended):
            done += _follow(command, as_of)
    return done


def find_unfollowed(*, as_of: datetime) -> list[int]:
    """Return stations with reports or ends of commands that a lost nudge left lying."""
    since = as_of - LEFT_ALONE
    reports = StationReport.objects.filter(
        applied_at=None, attempts__lt=MOST_ATTEMPTS, received_at__lt=since
    )
    ends = Command.objects.filter(finished_at__lt=since, followed_at=None)
    found = set(reports.values_list("station_id", flat=True)[:MOST_AT_ONCE])
    return sorted(found | set(ends.values_list("station_id", flat=True)[:MOST_AT_ONCE]))


def _apply(report: StationReport, as_of: datetime) -> int:
    row = StationReport.objects.filter(pk=report.pk)
    try:
        with transaction.atomic():
            for verb in REPORTS.get(report.kind, ()):
                verb(report, as_of)
            row.update(applied_at=as_of)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        logger.exception("report not applied report=%s kind=%s", report.pk, report.kind)
        text = f"{type(error).__name__}: {error}"[:255]
        row.update(attempts=F("attempts") + 1, error=text)
        return 0
    return 1


def _follow(command: Command, as_of: datetime) -> int:
    row = Command.objects.filter(Q(pk=command.pk))
    verbs = (*ANSWERS.get(command.action, ()), *ORIGINS.get(command.origin.partition(":")[0], ()))
    try:
        with transaction.atomic():
            for verb in verbs:
                verb(command, as_of)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # A hole in a verb must not hold up the others; the row keeps its answer for a person.
        logger.exception("command not followed command=%s action=%s", command.pk, command.action)
    row.update(followed_at=as_of)
    return 1
