"""The connectors of the stations a process speaks with: a cache that may be thrown away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from stations.metering.facts import Place


@dataclass(slots=True)
class ConnectorView:
    """One connector, and what its station last said of it."""

    id: int
    evse: int
    number: int
    max_power_w: int | None
    status: str
    status_at: datetime | None


class Places:
    """Connectors by station; forgotten when a station connects anew or a batch fails."""

    def __init__(self) -> None:
        self._stations: dict[int, list[ConnectorView]] = {}

    def missing(self, station_ids: set[int]) -> list[int]:
        """Return the stations whose connectors must be read."""
        return sorted(station_ids - self._stations.keys())

    def remember(self, station_id: int, connector: ConnectorView | None) -> None:
        """Keep one connector of a station; None only says that the station was read."""
        known = self._stations.setdefault(station_id, [])
        if connector is not None:
            known.append(connector)

    def forget(self, station_id: int) -> None:
        """Drop a station: what is known of it may be old."""
        self._stations.pop(station_id, None)

    def of(self, station_id: int) -> list[ConnectorView]:
        """Return the known connectors of a station."""
        return self._stations.get(station_id, [])

    def by_id(self, station_id: int, connector_id: int) -> ConnectorView | None:
        """Return a connector of a station by its row."""
        return next((view for view in self.of(station_id) if view.id == connector_id), None)

    def find(self, station_id: int, place: Place) -> ConnectorView | None:
        """Return the connector of a place; of an EVSE's several the one in use, else the first."""
        found = [
            view
            for view in self.of(station_id)
            if view.evse == place.evse and place.connector in (None, view.number)
        ]
        if len(found) > 1:
            return _most_likely(found)
        return found[0] if found else None

    def guess(
        self, station_id: int, *, taken: Collection[int] = frozenset()
    ) -> ConnectorView | None:
        """Return the connector a frame without a place likely means: one not taken, if any."""
        views = self.of(station_id)
        return _most_likely([view for view in views if view.id not in taken] or views)


def _most_likely(views: list[ConnectorView]) -> ConnectorView | None:
    ordered = sorted(views, key=lambda view: (view.evse, view.number))
    busy = [view for view in ordered if view.status not in {"", "Available", "Unavailable"}]
    return next(iter(busy or ordered), None)
