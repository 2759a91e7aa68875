"""What rules remember of a site's other connectors: a bad supply, or slow vehicles, show there."""

from collections import defaultdict
from collections.abc import Iterable

from faults.models import RuleState
from faults.queries.facts import Fresh
from faults.rules import power_low, readings, supply_wrong
from faults.rules.protocol import State

CODES = (power_low.CODE, supply_wrong.CODE)
MOST = 60
CONNECTOR = "connector:"
VOLTAGE = "voltage"
Neighbours = dict[str, dict[int, State]]


def neighbours_of(
    location_id: int, station_id: int, own: Iterable[RuleState], fresh: Fresh
) -> Neighbours:
    """Return the states of the rules that compare connectors of a site; empty where none asks."""
    if not _is_wanted(fresh):
        return {}
    others = RuleState.objects.filter(
        station__location_id=location_id, code__in=CODES, scope_key__startswith=CONNECTOR
    ).exclude(station_id=station_id)
    found: Neighbours = defaultdict(dict)
    mine = [row for row in own if row.code in CODES and row.scope_key.startswith(CONNECTOR)]
    for row in [*mine, *others.order_by("-updated_at")[:MOST]]:
        found[row.code][int(row.scope_key.removeprefix(CONNECTOR))] = row.state
    return dict(found)


def _is_wanted(fresh: Fresh) -> bool:
    has_ratio = any(
        one.measures is not None and one.measures.power_ratio is not None for one in fresh.sessions
    )
    return has_ratio or any(
        one.kind == readings.READING and VOLTAGE in readings.remarks_of(one)
        for one in fresh.notices
    )
