"""Who must be looked at though nobody said so: silence, waiting, lost nudges, the hour's use."""

import logging
from datetime import datetime
from typing import Final

from django.db import DataError, IntegrityError
from django.db.models import F

from chargenet.core.models import Operator
from faults import queries
from faults.detection import wide
from faults.detection.examination import examine_station
from faults.engine import containing
from faults.engine.looking import LOOK_AGAIN_AFTER
from faults.models import Fault, RuleState
from faults.rules import usage_drought
from stations.models import Location, Station

logger = logging.getLogger(__name__)

HOLES: Final = (*containing.HOLES, DataError, IntegrityError)
# The sites of an hour are spread over its minutes.
HOURLY_PARTS = 60


def sweep_silent(*, as_of: datetime, limit: int = 1000) -> int:
    """Examine the stations whose silence, or whose waiting fault, has come of age."""
    due = [
        *queries.silent_station_ids(as_of, limit),
        *queries.waiting_station_ids(as_of, limit),
    ]
    return _examine_all(due, as_of)


def sweep_unexamined(*, as_of: datetime, limit: int = 1000) -> int:
    """Examine the stations whose nudge was lost."""
    return _examine_all(queries.unexamined_station_ids(as_of, limit), as_of)


def sweep_wide(*, as_of: datetime, limit: int = 500) -> int:
    """Look at the sites where stations came or went, and at every operator's lines."""
    found = queries.due_sites(as_of, limit)
    for location_id in found:
        wide.examine_site(location_id=location_id, as_of=as_of)
    own = queries.own_health(as_of)
    for operator_id in _operators():
        wide.examine_network(operator_id=operator_id, as_of=as_of, own=own)
    return len(found)


def sweep_cohorts(*, as_of: datetime) -> None:
    """Compare the models and firmwares of every operator."""
    for operator_id in _operators():
        wide.examine_cohorts(operator_id=operator_id, as_of=as_of)


def _operators() -> list[int]:
    return list(Operator.objects.order_by("pk").values_list("pk", flat=True))


def sweep_usage(*, as_of: datetime) -> int:
    """Look at how the sites of this minute are used; each site's minute comes once an hour."""
    minute = int(as_of.timestamp()) // 60 % HOURLY_PARTS
    due = Location.objects.annotate(part=F("pk") % HOURLY_PARTS).filter(part=minute)
    found = list(due.order_by("pk").values_list("pk", flat=True))
    for location_id in found:
        examine_usage(location_id=location_id, as_of=as_of)
    return len(found)


def examine_usage(*, location_id: int, as_of: datetime) -> None:
    """Look at every station of a site with how the site is used, which is read once."""
    usages = queries.usage_of_site(location_id, as_of)
    if not usages:
        return
    stations = Station.objects.filter(location_id=location_id, is_active=True).order_by("pk")
    for station_id in stations.values_list("pk", flat=True):
        examine_station(station_id=station_id, as_of=as_of, usages=usages)
    silent = Fault.objects.filter(location_id=location_id, code=usage_drought.CODE)
    if silent.exclude(state=Fault.State.CLEARED).exists():
        # are they silent together? that is the site's
        wide.examine_site(location_id=location_id, as_of=as_of)


def sweep_peers(*, as_of: datetime) -> None:
    """Work out how often the connectors of each kind are used, for what is new among them."""
    RuleState.objects.bulk_create(
        [
            RuleState(
                operator_id=operator_id,
                code=queries.PEERS,
                scope_key=f"network:{operator_id}",
                state=queries.work_out_rates(operator_id, as_of),
                updated_at=as_of,
            )
            for operator_id in _operators()
        ],
        update_conflicts=True,
        unique_fields=["operator", "code", "scope_key"],
        update_fields=["state", "updated_at"],
    )


def _examine_all(station_ids: list[int], as_of: datetime) -> int:
    for station_id in dict.fromkeys(station_ids):
        try:
            examine_station(station_id=station_id, as_of=as_of)
        except HOLES:
            # one station must not hold up the others, nor be the first in every sweep
            logger.exception("station not examined station=%d", station_id)
            Station.objects.filter(pk=station_id).update(check_after=as_of + LOOK_AGAIN_AFTER)
    return len(station_ids)
