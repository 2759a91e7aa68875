"""One look at a site, a network or its cohorts: what many stations have in common."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from chargenet.core import locks
from faults import queries, rules, tickets
from faults.detection import noting
from faults.detection.rows import Rows
from faults.engine import inhibition
from faults.engine.inhibition import Around
from faults.engine.keeping import Place
from faults.engine.looking import Memory
from faults.engine.wide import WideLook, look_wide, waits
from faults.models import Fault, RuleState
from faults.rules import own_service, wide
from faults.rules.protocol import Rule
from faults.rules.wide import CohortSnapshot, NetworkSnapshot, OwnHealth, SiteSnapshot
from stations.models import Location, Station

logger = logging.getLogger(__name__)

SITE_LOCK, NETWORK_LOCK = 4603, 4604
# What began this little before a wider thing is of it.
TOGETHER = timedelta(minutes=10)
NOTE = """
INSERT INTO faults_rulestate
    (operator_id, code, scope_key, state, watermark, is_knowing, check_at, updated_at)
VALUES (%s, %s, %s, '{}', '', true, %s, %s)
ON CONFLICT (operator_id, code, scope_key) DO UPDATE
SET check_at = least(faults_rulestate.check_at, excluded.check_at)
"""


def examine_site(*, location_id: int, as_of: datetime) -> None:
    """Say what the stations of a site have in common, and let it explain their own faults."""
    location = Location.objects.filter(pk=location_id).first()
    if location is None:
        return
    place = Place(location.operator_id, "site", wide.site_key(location_id), location_id)
    networks = Station.objects.filter(location_id=location_id).values_list("network_group")
    keys = [wide.network_key(location.operator_id, group) for (group,) in networks.distinct()]
    with transaction.atomic():
        locks.hold(SITE_LOCK, location_id)
        snapshot = queries.site_snapshot(location_id, as_of)
        _look(place, snapshot, Fault.objects.filter(location_id=location_id), keys)


def examine_network(*, operator_id: int, as_of: datetime, own: OwnHealth | None = None) -> None:
    """Say what the stations of an operator's lines have in common, and how we do ourselves.

    What is ours is said once, on the line without a name: it is everybody's.
    """
    rows = Station.objects.filter(operator_id=operator_id).order_by()
    groups = set(rows.values_list("network_group", flat=True).distinct())
    for group in sorted({"", *groups} if groups else groups):
        place = Place(operator_id, "network", wide.network_key(operator_id, group))
        children = Fault.objects.filter(operator_id=operator_id)
        if group:
            children = children.filter(station__network_group=group)
        with transaction.atomic():
            locks.hold(NETWORK_LOCK, operator_id)
            ours = None if group else own or queries.own_health(as_of)
            snapshot = queries.network_snapshot(operator_id, group, ours, as_of)
            _look(place, snapshot, children, [])


def examine_cohorts(*, operator_id: int, as_of: datetime) -> None:
    """Say which model and firmware of an operator does worse than the others."""
    for snapshot in queries.cohort_snapshots(operator_id, as_of):
        place = Place(operator_id, "cohort", snapshot.key)
        children = Fault.objects.filter(
            operator_id=operator_id,
            station__model=snapshot.model,
            station__firmware_version=snapshot.firmware,
        )
        with transaction.atomic():
            locks.hold(NETWORK_LOCK, operator_id)
            _look(place, snapshot, children, [])


def _look(
    place: Place,
    snapshot: SiteSnapshot | NetworkSnapshot | CohortSnapshot,
    children: Any,
    wider_keys: list[str],
) -> None:
    as_of = snapshot.as_of
    mine = {"operator_id": place.operator_id, "scope_key": place.scope_key}
    states = {(row.code, row.scope_key): row for row in RuleState.objects.filter(**mine)}
    held = Fault.objects.filter(**mine).exclude(state=Fault.State.CLEARED)
    conditions = {(row.code, row.scope_key): row for row in held.select_related("ticket")}
    before = _shape(conditions.values())
    tuning = queries.tuning_of(place.operator_id, place.location_id, "")
    holds, _ = queries.wider_than(place.operator_id, wider_keys, as_of)

    def explained(rule: Rule) -> str:
        return inhibition.explanation(
            Around(scope_key=place.scope_key, wide=holds), rule.code, None
        )

    at: WideLook[Any] = WideLook(
        keeper=Rows(),
        place=place,
        snapshot=snapshot,
        memories={
            key: Memory(row.state, row.is_knowing, row.check_at) for key, row in states.items()
        },
        conditions=conditions,
        as_of=as_of,
        tuned=tuning.thresholds,
        inhibitor=explained,
    )
    look_wide(at, tuning.asked(rules.WIDE))
    noting.note_failures(at.failed, operator_id=place.operator_id, station_id=None, as_of=as_of)
    _remember(at)
    _tell_of_us(conditions.values(), as_of)
    if before != _shape(conditions.values()):
        _tell(conditions.values(), children.exclude(state=Fault.State.CLEARED), place, as_of)


def _tell_of_us(conditions: Iterable[Fault], as_of: datetime) -> None:
    """Say in the log at once that our own service is ill: what tells people may be ill too."""
    for one in conditions:
        if one.code == own_service.CODE and one.opened_at == as_of:
            logger.critical("our own service is ill evidence=%s", one.evidence)


def _shape(conditions: Iterable[Fault]) -> set[tuple[str, str, str, bool]]:
    return {
        (one.code, one.state, one.inhibited_by, one.ticket_id is not None) for one in conditions
    }


def _tell(conditions: Iterable[Fault], children: Any, place: Place, as_of: datetime) -> None:
    """Let the children wait, or go on; what they were opened for joins the wider ticket."""
    for wider in conditions:
        if wider.ticket_id is None or not inhibition.fires(wider):
            continue
        explained = inhibition.EXPLAINS.get(wider.code, frozenset())
        joined = children.filter(
            code__in=explained,
            began_at__gte=wider.began_at - TOGETHER,
            ticket__isnull=False,
            severity__gt=1,
        ).exclude(ticket_id=wider.ticket_id)
        for ticket_id in set(joined.values_list("ticket_id", flat=True)):
            tickets.join_ticket(ticket_id=ticket_id, wider_id=wider.ticket_id, as_of=as_of)
    # a sweep looks at them within seconds, and knows then what holds around them
    children.exclude(scope_key=place.scope_key).update(check_at=as_of)


def _remember(at: WideLook[Any]) -> None:
    """Write the rules' memories, and when the place is looked at again."""
    due = [one for one in waits(at) if one > at.as_of]
    examined = (queries.EXAMINED, at.place.scope_key)
    changed = {**at.changed, examined: Memory(state={}, check_at=min(due, default=None))}
    RuleState.objects.bulk_create(
        [
            RuleState(
                operator_id=at.place.operator_id,
                code=key[0],
                scope_key=key[1],
                state=memory.state,
                is_knowing=memory.is_knowing,
                check_at=memory.check_at if key == examined else None,
                updated_at=at.as_of,
            )
            for key, memory in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["operator", "code", "scope_key"],
        update_fields=["state", "is_knowing", "check_at", "updated_at"],
    )


def note_surroundings(*, station_id: int, as_of: datetime) -> None:
    """Have the site of a station that came or went looked at once it counts as gone.

    Of many that come and go together one look is made.
    """
    station = Station.objects.filter(pk=station_id).values("operator_id", "location_id").first()
    if station is not None:
        wanted_at = as_of + wide.GONE_GRACE
        key = wide.site_key(station["location_id"])
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [station["operator_id"], queries.EXAMINED, key, wanted_at, as_of])
