"""NotifyEVChargingSchedule: the plan the vehicle made of our limits (OCPP 2.0.1 K15–K17)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from stations.metering import plans
from stations.metering.facts import Facts, StationView
from stations.ocpp.instants import read_instant
from stations.ocpp.kept import always, report
from stations.ocpp.words import child, children, integer


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the plan; a no where it asks for more than the session was given (K15.FR.12).

    What it was given over an earlier connection is not known here: then the worker compares.
    """
    given = station.granted.get(integer(payload, "evseId") or 0, {})
    is_within = _is_within(payload, given, received_at)
    status = "Accepted" if is_within else "Rejected"
    return Facts((report("NotifyEVChargingSchedule", payload),), always(status=status))


def _is_within(
    payload: Mapping[str, Any], given: Mapping[str, Any], received_at: datetime
) -> bool:
    plan = child(payload, "chargingSchedule")
    if plan.get("chargingRateUnit") != given.get("chargingRateUnit"):
        return True
    later_s = 0
    if given.get("startSchedule"):
        began = read_instant(given["startSchedule"], received_at, [])
        begins = read_instant(payload.get("timeBase"), received_at, [])
        later_s = int((begins - began).total_seconds())
    return plans.is_within(_steps(plan), _steps(given), later_s=later_s)


def _steps(schedule: Mapping[str, Any]) -> list[plans.Step]:
    try:
        return [
            (integer(row, "startPeriod") or 0, Decimal(str(row.get("limit"))))
            for row in children(schedule, "chargingSchedulePeriod")
        ]
    except InvalidOperation:
        return []
