"""How well stations and their connectors are, by the faults that hold there."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from faults.engine import health
from faults.engine.health import Finding, Health
from faults.models import Fault


@dataclass(frozen=True, slots=True)
class StationHealth:
    """The health of a station, of each connector something was found at, and of the others.

    `open_faults`: how many faults hold there.
    """

    whole: Health = health.WELL
    connectors: Mapping[int, Health] = field(default_factory=dict)
    rest: Health = health.WELL
    open_faults: int = 0

    def at(self, connector_id: int) -> Health:
        """Return how well one of its connectors is."""
        return self.connectors.get(connector_id, self.rest)


def health_of_stations(station_ids: Collection[int]) -> dict[int, StationHealth]:
    """Return the health of some stations; one query, and nothing for those without a fault."""
    rows = Fault.objects.filter(station_id__in=station_ids, state=Fault.State.FIRING)
    found: dict[int, dict[int | None, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    columns = ("station_id", "connector_id", "code", "severity")
    sure = rows.values_list(*columns, "evidence__probability_of_fault")
    for station_id, connector_id, code, severity, said in sure.order_by("pk"):
        if station_id is not None:
            sureness = float(said) if isinstance(said, int | float) else 1.0
            found[station_id][connector_id].append(Finding(code, severity, sureness))
    return {station_id: _health(here) for station_id, here in found.items()}


def _health(here: Mapping[int | None, list[Finding]]) -> StationHealth:
    own = list(here.get(None, ()))
    rest = health.health_of(own)
    connectors = {
        place: health.health_of([*own, *mine]) for place, mine in here.items() if place is not None
    }
    return StationHealth(
        whole=health.worst_of([rest, *connectors.values()]),
        connectors=connectors,
        rest=rest,
        open_faults=sum(len(mine) for mine in here.values()),
    )
