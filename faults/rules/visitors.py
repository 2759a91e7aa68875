"""How many different drivers met a trouble: one driver again and again is the driver's."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from faults.rules import reports, windows
from faults.rules.protocol import Snapshot, State

# Without a token, what comes sooner after the last is the same driver trying again.
SAME_VISIT = timedelta(minutes=5)
BEFORE_START, AFTER_END = timedelta(minutes=10), timedelta(minutes=2)
OK_WH = 500
DAY = timedelta(hours=24)
MOST = 50


def take_in(code: str, snapshot: Snapshot, state: State) -> State:
    """Return who met a trouble within a day, how often it was tried, and how often it went well.

    State: {"visits": [[instant, token]], "starts": [instants], "good": sessions since}.
    """
    if not (snapshot.signs or snapshot.events or snapshot.sessions) and _stays(state, snapshot):
        return state
    visits = [list(one) for one in state.get("visits", ())]
    good = int(state.get("good", 0))
    for step in reports.steps(snapshot):
        for report in step.raised:
            if report.meaning.code == code:
                good = 0
                _add(visits, step.at, _token_at(snapshot, step.at))
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        _name(visits, session.token, session.started_at - BEFORE_START, session.ended_at)
        if (
            visits
            and session.energy_wh >= OK_WH
            and session.started_at.isoformat() > visits[-1][0]
        ):
            good += 1
    starts = windows.recent(
        [*state.get("starts", ()), *(one.started_at.isoformat() for one in snapshot.sessions)],
        snapshot.as_of,
        DAY,
    )
    oldest = (snapshot.as_of - DAY).isoformat()
    visits = [one for one in visits if one[0] > oldest][-MOST:]
    kept: State = {"visits": visits, "starts": starts, "good": good if visits else 0}
    return {name: value for name, value in kept.items() if value}


def _stays(state: State, snapshot: Snapshot) -> bool:
    """Return whether nobody is remembered, and no start is a day old by now."""
    starts = state.get("starts")
    if "visits" in state or "good" in state:
        return False
    return not starts or datetime.fromisoformat(starts[0]) > snapshot.as_of - DAY


def count(visits: Iterable[list[str]]) -> int:
    """Return how many drivers there were; whoever is unknown counts each visit."""
    found = list(visits)
    return len({one[1] for one in found if one[1]}) + sum(not one[1] for one in found)


def _add(visits: list[list[str]], at: datetime, token: str) -> None:
    stamp = at.isoformat()
    for visit in visits:
        is_near = abs(at - datetime.fromisoformat(visit[0])) < SAME_VISIT
        if is_near and (not token or not visit[1] or visit[1] == token):
            visit[1] = visit[1] or token
            return
    visits.append([stamp, token])
    visits.sort()


def _token_at(snapshot: Snapshot, at: datetime) -> str:
    now = snapshot.open_sessions.get(snapshot.subject or 0)
    if now is not None and now.started_at - BEFORE_START <= at:
        return now.token
    for session in snapshot.sessions:
        if session.started_at - BEFORE_START <= at <= session.ended_at + AFTER_END:
            return session.token
    return ""


def _name(visits: list[list[str]], token: str, first: datetime, last: datetime) -> None:
    """Write down who it was where the session told it only at its end."""
    for visit in visits:
        if not visit[1] and first <= datetime.fromisoformat(visit[0]) <= last + AFTER_END:
            visit[1] = token
