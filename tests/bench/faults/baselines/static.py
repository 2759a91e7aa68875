"""B2: the static queries of the widest open system, with its own limits.

Connection broken after 540 s, connector in error, no consumption, under 500 Wh, under 120 s, over
1.10 of the connector's power, Preparing for 15 minutes; the source is in docs/fault_benchmark.md.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from faults.engine.fleet import DisconnectFact
from stations.metering.facts import StatusFact
from tests.bench.faults.baselines.watching import Baseline, Session

BROKEN_AFTER = timedelta(seconds=540)
PREPARING = timedelta(minutes=15)
LEAST_WH, LEAST_S, MOST = 500, 120, 1.10


class StaticRules(Baseline):
    """Tells of whatever a query would list; listed things leave when they are no more."""

    NAME: ClassVar[str] = "B2"

    def __post_init__(self) -> None:
        """Know what each connector can give."""
        self.gone: dict[str, datetime] = {}
        self.preparing: dict[tuple[str, str], datetime] = {}
        self.power = {
            (one.name, str(it.evse)): it.max_power_w or 0
            for one in self.places
            for it in one.connectors
        }

    def hear(self, heard) -> None:
        """Take a batch, and look at what waiting alone would show."""
        heard = list(heard)
        super().hear(heard)
        for at, station, told, _ in heard:
            if station in self.gone and not _is_gone(told):
                since = self.gone.pop(station)
                if at - since >= BROKEN_AFTER:
                    self.tell((station, ""), "connection_broken", since + BROKEN_AFTER)
                    self.well((station, ""), "connection_broken", at)

    def on_gone(self, station: str, at: datetime) -> None:
        """Note when it was seen last."""
        self.gone.setdefault(station, at)

    def on_status(self, station: str, fact: StatusFact, at: datetime) -> None:
        """Look for errors and for cars that wait."""
        place = (station, str(fact.place.evse))
        if fact.status == "Faulted" or fact.error_code:
            self.tell(place, "connector_error", at)
        else:
            self.well(place, "connector_error", at)
        since = self.preparing.pop(place, None)
        if since is not None and at - since >= PREPARING:
            self.tell(place, "preparing", since + PREPARING)
            self.well(place, "preparing", at)
        if fact.status == "Preparing":
            self.preparing[place] = at

    def on_session(self, session: Session, at: datetime) -> None:
        """List the session where it looks odd; each is a line of its own."""
        power = self.power.get(session.place, 0)
        hours = session.seconds / 3600
        if session.energy_wh <= 0:
            self._line(session, "no_consumption", at)
        elif session.energy_wh < LEAST_WH:
            self._line(session, "low_consumption", at)
        if session.seconds < LEAST_S:
            self._line(session, "low_duration", at)
        if hours > 0.05 and power and session.energy_wh / hours > MOST * power:
            self._line(session, "over_consumption", at)

    def _line(self, session: Session, word: str, at: datetime) -> None:
        self.tell(session.place, word, at)
        self.well(session.place, word, at)


def _is_gone(told) -> bool:
    return isinstance(told, tuple) and isinstance(told[0], DisconnectFact)
