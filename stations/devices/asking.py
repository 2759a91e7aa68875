"""What a person asks of a station's settings: read them again, change one."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from chargenet.core.models import User
from stations import commands, variables
from stations.models import Command, DeviceReport, DeviceVariable, OcppVersion, Station
from stations.variables import Address

LIFETIME = timedelta(minutes=5)


class ChangeRefused(ValueError):
    """A setting that is not to be changed this way; the text says why."""


@transaction.atomic
def read_again(*, station: Station, requested_by: User | None, as_of: datetime) -> list[Command]:
    """Ask a station for everything it is set to, and a 2.x one for what it watches."""
    action, payload = variables.report_call(
        station, variables.new_request_id(station, DeviceReport.Kind.FULL, as_of=as_of)
    )
    calls = [(action, payload)]
    if station.ocpp_version != OcppVersion.V16:
        number = variables.new_request_id(station, DeviceReport.Kind.MONITORS, as_of=as_of)
        calls.append(("GetMonitoringReport", {"requestId": number}))
    return [
        commands.send_command(
            station=station,
            action=name,
            payload=said,
            requested_by=requested_by,
            as_of=as_of,
            lifetime=LIFETIME,
        )
        for name, said in calls
    ]


@transaction.atomic
def change_setting(
    *,
    station: Station,
    address: Address,
    value: str,
    requested_by: User | None,
    as_of: datetime,
    origin: str = "",
) -> Command:
    """Ask a station to take a new value. Raises ChangeRefused, also for secrets."""
    if variables.is_secret(address):
        raise ChangeRefused(
            "Passwords and keys are changed under Security, where nobody sees them."
        )
    known = DeviceVariable.objects.filter(station=station, **address.as_json()).first()
    if known is not None and known.mutability == "ReadOnly":
        raise ChangeRefused(_("The station says this can only be read."))
    try:
        action, payload = variables.set_call(station, address, value)
    except variables.CannotSay as error:
        raise ChangeRefused(str(error)) from error
    return commands.send_command(
        station=station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=origin,
    )
