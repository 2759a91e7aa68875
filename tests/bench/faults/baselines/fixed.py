"""B3: fixed limits: 14 days of silence, three failures in a row, a cable of 90 °C.

The 7-day variant is told apart by its word, so that both can be counted.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from stations.metering.facts import Reading, StatusFact
from tests.bench.faults.baselines.watching import Baseline, Session

SILENCES = (("silent_7d", timedelta(days=7)), ("silent_14d", timedelta(days=14)))
IN_A_ROW = 3
HOT_C = 90.0
LEAST_WH, LEAST_S = 500, 120
OFFLINE_AFTER = timedelta(minutes=60)


class FixedLimits(Baseline):
    """Tells when a fixed limit is passed, and lets go when it is not."""

    NAME: ClassVar[str] = "B3"

    def __post_init__(self) -> None:
        """Wait for the first session of every connector."""
        self.last: dict[tuple[str, str], datetime] = {}
        self.row: dict[tuple[str, str], int] = {}
        self.looked: datetime | None = None

    def hear(self, heard) -> None:
        """Take a batch, and look for silence once an hour."""
        heard = list(heard)
        super().hear(heard)
        if not heard:
            return
        at = heard[-1][0]
        if self.looked is None:
            self.last = {place: at for place in self.ids}
        if self.looked is None or at - self.looked >= timedelta(hours=1):
            self.looked = at
            for place, last in self.last.items():
                for word, limit in SILENCES:
                    if at - last >= limit:
                        self.tell(place, word, max(last + limit, heard[0][0]))

    def on_status(self, station: str, fact: StatusFact, at: datetime) -> None:
        """Believe what is reported."""
        place = (station, str(fact.place.evse))
        if fact.status == "Faulted":
            self.tell(place, "faulted", at)
        else:
            self.well(place, "faulted", at)

    def on_sample(self, session: Session, reading: Reading, at: datetime) -> None:
        """Look at the cable."""
        if reading.temperature_c is not None and reading.temperature_c >= HOT_C:
            self.tell(session.place, "hot", at)

    def on_session(self, session: Session, at: datetime) -> None:
        """Count failures in a row."""
        place = session.place
        self.last[place] = at
        for word, _ in SILENCES:
            self.well(place, word, at)
        failed = session.energy_wh < LEAST_WH or session.seconds < LEAST_S
        self.row[place] = self.row.get(place, 0) + 1 if failed else 0
        if self.row[place] >= IN_A_ROW:
            self.tell(place, "failures", at)
        elif not failed:
            self.well(place, "failures", at)
        if session.hottest < HOT_C:
            self.well(place, "hot", at)
