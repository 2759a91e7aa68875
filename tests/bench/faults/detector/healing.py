"""What the ladder would have sent: decided as in production, written down, and sent to nobody."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from faults.engine import ladder
from faults.engine.fleet import Fleet
from faults.engine.keeping import FIRING
from faults.engine.ladder import Tried
from faults.engine.memory import Held

# As often as production looks whether a step is due.
EVERY = timedelta(minutes=2)


class Healing:
    """The ladders of a fleet, climbed on paper: no step helps, so every rung is reached."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.taken: list[dict[str, Any]] = []
        self._known = 0
        self._open: dict[int, tuple[Held, list[Tried], datetime | None]] = {}
        self._resets: dict[int, list[datetime]] = defaultdict(list)

    def work(self, as_of: datetime) -> None:
        """Take the steps that are due."""
        fired = self.fleet.conditions()
        for held in fired[self._known :]:
            self._open[id(held)] = (held, [], None)
        self._known = len(fired)
        for name, (held, tried, wait) in list(self._open.items()):
            if held.state != FIRING:
                # one that comes back within a day is the same, and its ladder begins anew
                if held.cleared_at is not None and as_of - held.cleared_at > timedelta(days=2):
                    del self._open[name]
                tried.clear()
            elif held.place.station_id is not None and (wait is None or wait <= as_of):
                self._open[name] = (held, tried, self._step(held, tried, as_of))

    def _step(self, held: Held, tried: list[Tried], as_of: datetime) -> datetime | None:
        station = held.place.station_id or 0
        recent = [one for one in self._resets[station] if one > as_of - ladder.RESETS_WITHIN]
        here = self.fleet.circumstances(held, recent)
        found = ladder.next_step(held.code, tried, here, as_of)
        if isinstance(found, ladder.Leave):
            return as_of + timedelta(hours=1)
        if isinstance(found, ladder.Do):
            tried.append(Tried(found.step, as_of))
            self._resets[station] = recent
            if found.step in ladder.RESETS:
                recent.append(as_of)
            self.taken.append({"code": held.code, "step": found.step, "at": as_of, "held": held})
        return found.until
