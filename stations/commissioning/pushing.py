"""Pushing a template's differences to the stations that have them, some a minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from chargenet.core.models import User
from stations.commissioning import engine, templates
from stations.commissioning.profile import Wanted
from stations.models import Commissioning, ConfigurationTemplate, Station

# So many stations a minute are sent their differences: a fleet is not turned at once.
PER_MINUTE: Final = 30
WORTH_PUSHING: Final = (templates.DIFFERS, templates.UNKNOWN)


def push_template(
    *,
    template: ConfigurationTemplate,
    stations: Iterable[Station],
    requested_by: User | None,
    as_of: datetime,
) -> list[Commissioning]:
    """Begin a round for each station that differs, so many a minute; each is read back."""
    begun: list[Commissioning] = []
    for station in stations:
        settings = [
            Wanted(each.address, each.wanted, needs_reboot=each.needs_reboot)
            for each in templates.find_drift(template, [station])
            if each.state in WORTH_PUSHING
        ]
        if settings:
            wait = timedelta(seconds=60 * len(begun) / PER_MINUTE)
            begun.append(
                engine.begin_commissioning(
                    station=station,
                    reason=Commissioning.Reason.TEMPLATE,
                    settings=settings,
                    requested_by=requested_by,
                    as_of=as_of,
                    wait=wait,
                )
            )
    return begun
