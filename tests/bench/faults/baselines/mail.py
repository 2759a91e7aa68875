"""B1: a mail for every state Faulted; the sources of baselines are in docs/fault_benchmark.md."""

from datetime import datetime
from typing import ClassVar

from stations.metering.facts import StatusFact
from tests.bench.faults.baselines.watching import Baseline


class MailOnFaulted(Baseline):
    """Tells of every change to Faulted; nothing joins two of them."""

    NAME: ClassVar[str] = "B1"

    def on_status(self, station: str, fact: StatusFact, at: datetime) -> None:
        """Mail."""
        place = (station, str(fact.place.evse))
        if fact.status == "Faulted":
            self.tell(place, "faulted", at)
        else:
            self.well(place, "faulted", at)
