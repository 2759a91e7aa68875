"""F18: messages of a station are lost on the way, or cannot be read.

It is the station that has a line: what is missing of any of its connectors counts together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants
from faults.rules.facts import SessionOutcome
from faults.rules.protocol import Clear, Firing, Result, Scope, Snapshot, State, Wake
from faults.rules.vocabulary.meaning import fold
from faults.rules.vocabulary.security import LOST_MESSAGES

CODE = "F18"
TITLE = "Messages lost or unreadable"
SEVERITY = 4
SCOPE: Scope = "station"
FAMILY = "link"
CAUSE = "network"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = frozenset({"notice", "session", "now"})

SEQ_GAP, ASIDE, SECURITY = "seq_gap", "frame_set_aside", "security_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """In how many transactions a day messages may be missing, and what a gap is."""

    transactions: int = 3
    window: timedelta = timedelta(hours=24)
    gap_intervals: float = 3.0
    least_gap: timedelta = timedelta(minutes=5)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Count the transactions with gaps and the messages nobody could read, each once.

    State: {"seen": {"session:17": [instant, why]}}.
    """
    new = _new(snapshot.whole or snapshot, thresholds)
    seen: dict[str, list[str]] = {**state.get("seen", {}), **new}
    oldest = (snapshot.as_of - thresholds.window).isoformat()
    recent = sorted(
        (item for item in seen.items() if item[1][0] >= oldest), key=lambda item: item[1][0]
    )[-50:]
    kept: State = {"seen": dict(recent)} if recent else {}
    if len(recent) < thresholds.transactions:
        ended = max((item[1][0] for item in seen.items()), default="")
        return Clear(state=kept, ended_at=datetime.fromisoformat(ended) if ended else None)
    # one by one they grow old; the newest that still makes it enough decides when to look
    return Firing(
        state=kept,
        evidence={
            "lost": [{"what": name, "at": at, "why": why} for name, (at, why) in recent[-20:]],
            "in_window": len(recent),
        },
        began_at=datetime.fromisoformat(recent[0][1][0]),
        seen_at=datetime.fromisoformat(recent[-1][1][0]),
        severity=SEVERITY,
        attribution="network",
        is_down=False,
        is_standing=False,
        check_at=datetime.fromisoformat(recent[-thresholds.transactions][1][0])
        + thresholds.window
        + timedelta(seconds=1),
    )


def _new(snapshot: Snapshot, thresholds: Thresholds) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for session in snapshot.sessions:
        if _has_gap(session, thresholds):
            found[f"session:{session.id}"] = [session.ended_at.isoformat(), "samples_missing"]
    trusted = snapshot.is_clock_trusted
    for one in snapshot.notices:
        at = instants.happened_at(one.occurred_at, one.received_at, trusted=trusted).isoformat()
        if one.kind == SEQ_GAP:
            transaction = str(one.detail.get("transaction") or one.id)
            found.setdefault(f"transaction:{transaction}", [at, SEQ_GAP])
        elif one.kind == ASIDE:
            found[f"frame:{one.id}"] = [at, str(one.detail.get("action") or ASIDE)]
        elif one.kind == SECURITY and fold(str(one.detail.get("type", ""))) in LOST_MESSAGES:
            found[f"event:{one.id}"] = [at, str(one.detail["type"])]
    return found


def _has_gap(session: SessionOutcome, thresholds: Thresholds) -> bool:
    measures = session.measures
    if measures is None or not measures.longest_gap_s or not measures.usual_interval_s:
        return False
    limit = thresholds.gap_intervals * measures.usual_interval_s
    return measures.longest_gap_s > max(limit, thresholds.least_gap.total_seconds())
