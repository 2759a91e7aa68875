"""Frames that mean nothing to us: kept for whoever looks for the reason, but not in a flood."""

import json
import time
from dataclasses import dataclass
from datetime import datetime

from stations import secrets
from stations.metering.facts import Facts, Outcome, StationView
from stations.sessions import Arrival

# Of one connection and minute so many are kept, and of each so much.
MOST, MAX_KEPT = 20, 4096
# The same bytes so soon after their answer crossed it on the way: one call, sent twice.
JOIN_S = 2.0


@dataclass(slots=True)
class LastCall:
    """The last call of a connection that has no business key, to know it when it comes twice."""

    text: str = ""
    answer: bytes = b""
    answered_at: float = 0.0

    def keep(self, arrival: Arrival, answer: bytes) -> None:
        """Remember a call and its answer."""
        if not arrival.facts.key and not arrival.error and len(arrival.raw) <= MAX_KEPT:
            self.text, self.answer = arrival.raw.decode("utf-8", "replace"), answer
            self.answered_at = time.monotonic()

    def is_again(self, text: str) -> bool:
        """Say whether a frame is the last call over again, sent while that was being answered."""
        return text == self.text and time.monotonic() - self.answered_at < JOIN_S


@dataclass(slots=True)
class OddFrames:
    """How many odd frames of one connection were kept this minute, and how many were not."""

    kept: int = 0
    left_out: int = 0
    since: datetime | None = None

    def has_room(self, now: datetime) -> bool:
        """Say whether one more is kept; one that is not is counted."""
        minute = now.replace(second=0, microsecond=0)
        if self.since != minute:
            self.since, self.kept = minute, 0
        if self.kept >= MOST:
            self.left_out += 1
            return False
        self.kept += 1
        return True

    def take_left_out(self, view: StationView, now: datetime) -> Arrival | None:
        """Return the row that says how many were left out, or None where none were."""
        if not self.left_out:
            return None
        text, self.left_out = json.dumps({"leftOut": self.left_out}), 0
        return odd_arrival(view, now, text, code="LeftOut")


def odd_arrival(
    view: StationView,
    received_at: datetime,
    text: str,
    *,
    action: str = "",
    message_id: str = "",
    code: str = "",
    answer: bytes = b"",
) -> Arrival:
    """Return a frame that is only kept, with the CALLERROR it gets, if any."""
    return Arrival(
        station=view,
        received_at=received_at,
        action=action,
        raw=secrets.hidden_frame(text.encode("utf-8", "replace"))[:MAX_KEPT],
        payload_hash=b"",
        facts=Facts(()),
        render=_nothing,
        wrap=lambda _: answer,
        message_id=message_id,
        error=code,
    )


def _nothing(_: Outcome) -> bytes:
    return b"{}"
