"""What people at a connector tell: a part of F10, sessions fail, with evidence that is human.

One person may be wrong or a prank; two who do not know of each other within a day seldom are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules.facts import Notice
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Snapshot, State

KIND = "human"
WITHDRAWN = "withdrawn"
DANGER = "danger"
# What a driver says of the place or of the money is not the connector's doing.
NOT_THE_CONNECTORS = frozenset({"blocked", "payment"})
SEVERITY, DANGEROUS = 3, 2
MOST_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many people must say it, within how long, and what proves them wrong."""

    people: int = 2
    within: timedelta = timedelta(hours=24)
    # One person is believed of a connector as silent as this.
    believed_below: float = 0.05
    clearing_sessions: int = 3
    forgotten_after: timedelta = timedelta(days=7)


def check(
    snapshot: Snapshot,
    thresholds: Thresholds,
    state: State,
    *,
    ok_since: int,
) -> Result:
    """Say whether people report the connector.

    `ok_since` is the number of good sessions in this snapshot.
    State: {"told": [{"report", "who", "marks", "what", "at", "silence"}], "ok", "since"}.
    """
    news = [one for one in snapshot.notices if one.kind == KIND]
    ok = 0 if news else state.get("ok", 0) + ok_since
    told = _told(state.get("told", []), news, snapshot.as_of - thresholds.forgotten_after)
    if not told:
        return Clear(state={}) if state else CannotKnow(state={}, reason="nobody_reports")
    if ok >= thresholds.clearing_sessions:
        return Clear(state={}, ended_at=snapshot.as_of)
    since = state.get("since") or _since(told, thresholds, snapshot.as_of)
    kept: State = {"told": told, "ok": ok, **({"since": since} if since else {})}
    forgotten_at = _at(told[-1]) + thresholds.forgotten_after
    if not since:
        return CannotKnow(state=kept, reason="one_person_reports", check_at=forgotten_at)
    return Firing(
        state=kept,
        evidence={"people": [_shown(one) for one in told]},
        began_at=datetime.fromisoformat(since),
        seen_at=_at(told[-1]),
        severity=DANGEROUS if _is_dangerous(told) else SEVERITY,
        is_standing=False,
        check_at=forgotten_at,
    )


def _told(kept: list[State], news: list[Notice], since: datetime) -> list[State]:
    """Return what people say that still counts, the oldest first; a report counts once."""
    told = {one["report"]: one for one in kept}
    for notice in sorted(news, key=lambda one: (one.received_at, one.id)):
        what = str(notice.detail.get("what", ""))
        report = notice.detail.get("report", notice.id)
        if what == WITHDRAWN:
            told.pop(report, None)
        elif what not in NOT_THE_CONNECTORS:
            who = str(notice.detail.get("who", "")) or f"report:{report}"
            told[report] = {
                "report": report,
                "who": who,
                "marks": [who, *map(str, _marks(notice))],
                "what": what,
                "at": notice.received_at.isoformat(),
                # the chance that the connector is as unused as it is then by chance
                "silence": float(notice.detail.get("silence", 1.0)),
            }
    return [one for one in told.values() if _at(one) > since][-MOST_KEPT:]


def _since(told: list[State], thresholds: Thresholds, as_of: datetime) -> str | None:
    """Return since when it is believed, None while it is one person's word."""
    recent = [one for one in told if _at(one) > as_of - thresholds.within]
    if not recent:
        return None
    is_believed = (
        _is_dangerous(recent)
        or count_people(recent) >= thresholds.people
        or any(one["silence"] < thresholds.believed_below for one in recent)
    )
    return str(recent[0]["at"]) if is_believed else None


def _shown(one: State) -> State:
    return {name: value for name, value in one.items() if name != "marks"}


def count_people(told: list[State]) -> int:
    """Return how many people told this: whoever shares a mark with another is that other.

    One leaves an address once and not the next time, changes from a mobile net to another, or
    borrows a telephone; two who never met share none of it.
    """
    people: list[set[str]] = []
    for one in told:
        marks = {*one.get("marks", ()), one["who"]}
        same = [known for known in people if known & marks]
        people = [known for known in people if not known & marks]
        people.append(marks.union(*same))
    return len(people)


def _marks(notice: Notice) -> list[object]:
    marks = notice.detail.get("marks")
    return list(marks) if isinstance(marks, list | tuple) else []


def _is_dangerous(told: list[State]) -> bool:
    return any(one["what"] == DANGER for one in told)


def _at(one: State) -> datetime:
    return datetime.fromisoformat(one["at"])
