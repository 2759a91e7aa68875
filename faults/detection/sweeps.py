"""Who must be looked at though nobody said so: silence, waiting, lost nudges, the hour's use."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import DataError, IntegrityError
from django.db.models import F

from chargenet.core.models import Operator
from faults import queries
from faults.detection import wide
from faults.detection.examination import Usages, examine_station
from faults.engine import containing
from faults.engine.looking import LOOK_AGAIN_AFTER
from faults.models import Fault, RuleState
from faults.queries.snapshots import NO_USAGE
from faults.rules import usage_drought
from stations.models import Location, Station

logger = logging.getLogger(__name__)

HOLES: Final = (*containing.HOLES, DataError, IntegrityError)
# The sites of an hour are spread over its minutes.
HOURLY_PARTS = 60
# What one worker process takes of a sweep: nobody waits longer than this behind it.
PART: Final = 10
MOST_S: Final = 5.0


# Gives stations, or a site's stations after one, to another worker; False where nobody takes them.
HandOn = Callable[[list[int]], bool]
HandSiteOn = Callable[[int, int], bool]


def sweep_silent(*, as_of: datetime, limit: int = 1000, hand_on: HandOn | None = None) -> int:
    """Examine the stations whose silence, or whose waiting fault, has come of age."""
    due = [
        *queries.silent_station_ids(as_of, limit),
        *queries.waiting_station_ids(as_of, limit),
    ]
    return _share(due, as_of, hand_on)


def sweep_unexamined(*, as_of: datetime, limit: int = 1000, hand_on: HandOn | None = None) -> int:
    """Examine the stations whose nudge was lost."""
    return _share(queries.unexamined_station_ids(as_of, limit), as_of, hand_on)


def examine_part(
    *, station_ids: list[int], asked_at: datetime, as_of: datetime, hand_on: HandOn
) -> int:
    """Examine a few stations for a few seconds and hand on what is left; returns how many were.

    Whoever was looked at since the sweep asked is passed by: slow parts are asked for twice. What
    nobody takes is found by the next sweep.
    """
    until = time.monotonic() + MOST_S
    for turn, station_id in enumerate(station_ids):
        if turn and time.monotonic() > until:
            hand_on(station_ids[turn:])
            return turn
        if not queries.is_examined_since(station_id, asked_at):
            _examine(station_id, as_of)
    return len(station_ids)


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


def sweep_usage(*, as_of: datetime, hand_on: HandSiteOn | None = None) -> int:
    """Look at how the sites of this minute are used; each site's minute comes once an hour."""
    minute = int(as_of.timestamp()) // 60 % HOURLY_PARTS
    due = Location.objects.annotate(part=F("pk") % HOURLY_PARTS).filter(part=minute)
    found = list(due.order_by("pk").values_list("pk", flat=True))
    # an hour passes until a site's next sweep: what nobody takes is done here
    mine = [one for one in found if one == found[0] or not (hand_on and hand_on(one, 0))]
    for location_id in mine:
        examine_usage(location_id=location_id, as_of=as_of, hand_on=hand_on)
    return len(found)


def examine_usage(
    *, location_id: int, as_of: datetime, after: int = 0, hand_on: HandSiteOn | None = None
) -> None:
    """Look at every station of a site with how the site is used, which is read once.

    Those up to `after` were looked at; what some seconds do not suffice for is handed on.
    """
    usages = queries.usage_of_site(location_id, as_of)
    if not usages:
        return
    stations = Station.objects.filter(location_id=location_id, is_active=True, pk__gt=after)
    until = time.monotonic() + MOST_S
    for station_id in stations.order_by("pk").values_list("pk", flat=True):
        _examine(station_id, as_of, usages)
        if hand_on and time.monotonic() > until and hand_on(location_id, station_id):
            return
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


def _share(found: list[int], as_of: datetime, hand_on: HandOn | None) -> int:
    """Examine the first few, after the others were handed out; all where nobody else is there."""
    found = list(dict.fromkeys(found))
    if hand_on is None:
        for station_id in found:
            _examine(station_id, as_of)
        return len(found)
    for start in range(PART, len(found), PART):
        hand_on(found[start : start + PART])
    examine_part(station_ids=found[:PART], asked_at=as_of, as_of=as_of, hand_on=hand_on)
    return len(found)


def _examine(station_id: int, as_of: datetime, usages: Usages = NO_USAGE) -> None:
    try:
        examine_station(station_id=station_id, as_of=as_of, usages=usages)
    except HOLES:
        # one station must not hold up the others, nor be the first in every sweep
        logger.exception("station not examined station=%d", station_id)
        Station.objects.filter(pk=station_id).update(check_after=as_of + LOOK_AGAIN_AFTER)
