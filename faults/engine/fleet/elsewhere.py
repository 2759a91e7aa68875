"""How tokens fare at other stations: the last seven days of a trial."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from faults.engine.fleet.posts import Post
from faults.rules import sessions_failing
from faults.rules.facts import SessionOutcome, TokenElsewhere

WITHIN = timedelta(days=7)
MOST_VISITS = 50
Visit = tuple[datetime, int, bool]


@dataclass(slots=True)
class Elsewhere:
    """Where each token charged of late, and whether it failed there."""

    _visits: dict[str, deque[Visit]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_VISITS))
    )
    _thresholds: sessions_failing.Thresholds = field(default_factory=sessions_failing.Thresholds)

    def count(self, station_id: int, sessions: Sequence[SessionOutcome]) -> None:
        """Remember who charged where."""
        for one in sessions:
            verdict = sessions_failing.has_failed(one, self._thresholds) if one.token else None
            if verdict is not None:
                self._visits[one.token].append((one.ended_at, station_id, verdict))

    def of(
        self, post: Post, sessions: Sequence[SessionOutcome], as_of: datetime
    ) -> dict[str, TokenElsewhere]:
        """Return how the tokens that fail at a station fare at others."""
        failing = {
            one.token
            for one in sessions
            if one.token and sessions_failing.has_failed(one, self._thresholds)
        }
        if not failing:
            return {}
        for (code, _), memory in post.memories.items():
            if code == sessions_failing.CODE:
                failing.update(one["token"] for one in memory.state.get("failures", []))
        found = {token: self._elsewhere(token, post.id, as_of) for token in failing if token}
        return {token: one for token, one in found.items() if one is not None}

    def _elsewhere(self, token: str, station_id: int, as_of: datetime) -> TokenElsewhere | None:
        visits = self._visits.get(token)
        if visits is None:
            return None
        while visits and visits[0][0] <= as_of - WITHIN:
            visits.popleft()
        others = [one for one in visits if one[1] != station_id]
        if not others:
            return None
        failed = {station for _, station, is_failure in others if is_failure}
        return TokenElsewhere(len(failed), any(not is_failure for *_, is_failure in others))
