"""The connectors and open sessions of the stations a process speaks with.

A cache that may be thrown away: what a session is believed to be is compared with the mark of its
row in every batch, so that whoever else writes to it is noticed.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from stations.metering.facts import Place
from stations.metering.lifecycle import SessionState
from stations.metering.remarkable import Watch


@dataclass(slots=True)
class ConnectorView:
    """One connector, and what its station last said of it."""

    id: int
    evse: int
    number: int
    max_power_w: int | None
    status: str
    status_at: datetime | None
    is_dc: bool = False
    watch: Watch = field(default_factory=Watch)


class Places:
    """Connectors and open sessions; forgotten when a station connects anew or a batch fails."""

    def __init__(self) -> None:
        self._stations: dict[int, list[ConnectorView]] = {}
        # Absent means nobody knows, empty means that none is open.
        self.sessions: dict[int, list[SessionState]] = {}
        # Numbers for sessions to come, drawn ahead.
        self.ids: list[int] = []
        self._doomed: set[int] = set()
        self._at_work: set[int] = set()

    @contextmanager
    def at_work(self, station_ids: set[int]) -> Iterator[None]:
        """Keep what is known of a batch's stations while another one refreshes its own."""
        self._at_work |= station_ids
        try:
            yield
        finally:
            self._at_work -= station_ids

    def refresh(self, station_ids: Collection[int]) -> None:
        """Drop what was to be forgotten, of these stations and of those no batch has."""
        if not self._doomed:
            return
        dropped = self._doomed - self._at_work.difference(station_ids)
        for station_id in dropped:
            self._stations.pop(station_id, None)
            self.sessions.pop(station_id, None)
        self._doomed -= dropped

    def missing(self, station_ids: set[int]) -> list[int]:
        """Return the stations whose connectors must be read."""
        return sorted(station_ids - self._stations.keys())

    def remember(self, station_id: int, connector: ConnectorView | None) -> None:
        """Keep one connector of a station; None only says that the station was read."""
        known = self._stations.setdefault(station_id, [])
        if connector is not None:
            known.append(connector)

    def forget(self, station_id: int) -> None:
        """Drop a station before the next batch: what is known of it may be old."""
        self._doomed.add(station_id)

    def of(self, station_id: int) -> list[ConnectorView]:
        """Return the known connectors of a station."""
        return self._stations.get(station_id, [])

    def by_id(self, station_id: int, connector_id: int) -> ConnectorView | None:
        """Return a connector of a station by its row."""
        return next((view for view in self.of(station_id) if view.id == connector_id), None)

    def find(self, station_id: int, place: Place) -> ConnectorView | None:
        """Return the connector of a place; of an EVSE's several the one in use, else the first."""
        evse, number = place.evse, place.connector
        found = [
            view
            for view in self._stations.get(station_id, ())
            if view.evse == evse and (number is None or number == view.number)
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
