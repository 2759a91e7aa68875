"""How a step asks and ends, and which row of the station's it is about."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from stations import commands
from stations.models import (
    Commissioning,
    CommissioningStep,
    DeviceReport,
    DeviceVariable,
    Station,
)
from stations.variables import Address

LIFETIME: Final = timedelta(minutes=2)


def end(
    step: CommissioningStep,
    state: str,
    as_of: datetime,
    answer: str = "",
    found: str | None = None,
) -> None:
    """End a step, with the station's word and what it is set to where that is known."""
    step.state, step.changed_at = state, as_of
    step.answer = answer[:255] or step.answer
    step.found = step.found if found is None else found
    step.save(update_fields=["state", "changed_at", "answer", "found", "progress"])


def find_row(station: Station, address: Address) -> DeviceVariable | None:
    """Return a setting as the station has it; of a sloppy one also without the instance."""
    rows = DeviceVariable.objects.filter(station=station)
    exact = rows.filter(**address.as_json()).first()
    if exact is not None or not address.component:
        return exact
    return rows.filter(
        component__iexact=address.component,
        variable__iexact=address.variable,
        variable_instance__in=["", address.variable_instance],
        attribute=address.attribute,
        evse=address.evse,
    ).first()


def ask(
    step: CommissioningStep,
    station: Station,
    action: str,
    payload: Mapping[str, Any],
    as_of: datetime,
) -> None:
    """Send a step's call; its end comes back by the command's origin."""
    step.command = commands.send_command(
        station=station,
        action=action,
        payload=payload,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"commissioning:{step.pk}",
    )
    step.state, step.changed_at = CommissioningStep.State.ASKED, as_of
    step.attempts += 1
    step.save(update_fields=["command", "state", "changed_at", "attempts", "progress"])


def has_inventory(commissioning: Commissioning) -> bool:
    """Say whether a whole 2.x inventory of the station has been read."""
    reports = DeviceReport.objects.filter(
        station=commissioning.station, kind=DeviceReport.Kind.FULL, finished_at__isnull=False
    )
    return reports.exists()
