"""F19: somebody may be attacking a station, or its certificate is about to end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants
from faults.rules.combining import either
from faults.rules.facts import Notice
from faults.rules.protocol import Clear, Firing, Result, Scope, Snapshot, State, Wake
from faults.rules.vocabulary import security
from faults.rules.vocabulary.meaning import INFORMATION, SAFETY, fold

CODE = "F19"
TITLE = "Security event"
SEVERITY = 4
SCOPE: Scope = "station"
FAMILY = "security"
CAUSE = "station"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = frozenset({"notice"})

SECURITY, ENDS, RENEWED = "security_event", "certificate_ends", "certificate_renewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How often a mistyped password counts, and how long an event is remembered."""

    repeats: int = 3
    window: timedelta = timedelta(hours=24)
    remembered_for: timedelta = timedelta(days=7)
    certificate_days: int = 7
    # What the gateway gives a certificate when it first tells of its end.
    certificate_told_days: int = 30


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether there was an event a person must see."""
    return either(
        state,
        events=lambda kept: _events(snapshot, thresholds, kept),
        certificate=lambda kept: _certificate(snapshot, thresholds, kept),
    )


def _events(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """State: {"seen": [[instant, type, note]]}, the newest last."""
    trusted = snapshot.is_clock_trusted
    known = {tuple(one) for one in state.get("seen", ())}
    for one in snapshot.notices:
        if one.kind == SECURITY and _counts(one):
            at = instants.happened_at(one.occurred_at, one.received_at, trusted=trusted)
            note = str(one.detail.get("note", ""))[:200]
            known.add((at.isoformat(), str(one.detail.get("type", "")), note))
    oldest = (snapshot.as_of - thresholds.remembered_for).isoformat()
    seen = sorted(one for one in known if one[0] >= oldest)[-50:]
    kept: State = {"seen": [list(one) for one in seen]} if seen else {}
    counting = _counting(seen, thresholds)
    if not counting:
        ended = max((one[0] for one in known), default="")
        return Clear(state=kept, ended_at=datetime.fromisoformat(ended) if ended else None)
    is_grave = any(fold(one[1]) in security.GRAVE for one in counting)
    return Firing(
        state=kept,
        evidence={
            "events": [{"at": at, "type": kind, "note": note} for at, kind, note in counting]
        },
        began_at=datetime.fromisoformat(counting[0][0]),
        seen_at=datetime.fromisoformat(counting[-1][0]),
        severity=SAFETY if is_grave else SEVERITY,
        attribution="unknown",
        is_down=False,
        is_standing=False,
        check_at=datetime.fromisoformat(counting[-1][0]) + thresholds.remembered_for,
    )


def _counts(notice: Notice) -> bool:
    word = fold(str(notice.detail.get("type", "")))
    return word in security.GRAVE | security.AT_ONCE | security.REPEATED


def _counting(seen: list[tuple[str, ...]], thresholds: Thresholds) -> list[tuple[str, ...]]:
    """Return the events that count: the repeated ones only where there are enough in a window."""
    rare = [one for one in seen if fold(one[1]) not in security.REPEATED]
    often = [one for one in seen if fold(one[1]) in security.REPEATED]
    times = [datetime.fromisoformat(one[0]) for one in often]
    enough = thresholds.repeats
    is_often = any(
        last - first <= thresholds.window
        for first, last in zip(times, times[enough - 1 :], strict=False)
    )
    return sorted([*rare, *often]) if is_often and enough > 0 else rare


def _certificate(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """State: {"since", "ends_at"} of the certificate that ends."""
    told = sorted(
        (one for one in snapshot.notices if one.kind in {ENDS, RENEWED}),
        key=lambda one: (one.received_at, one.id),
    )
    renewed_at = None
    for one in told:
        if one.kind == RENEWED:
            state, renewed_at = {}, one.received_at
            continue
        ends = one.received_at + timedelta(days=thresholds.certificate_told_days)
        state = {
            "since": one.received_at.isoformat(),
            "ends_at": str(one.detail.get("not_after") or ends.isoformat()),
        }
    if not state:
        return Clear(state={}, ended_at=renewed_at)
    urgent_at = datetime.fromisoformat(state["ends_at"]) - timedelta(
        days=thresholds.certificate_days
    )
    is_urgent = snapshot.as_of >= urgent_at
    return Firing(
        state=state,
        evidence={"certificate_ends_at": state["ends_at"]},
        began_at=datetime.fromisoformat(state["since"]),
        seen_at=datetime.fromisoformat(state["since"]),
        severity=SEVERITY if is_urgent else INFORMATION,
        attribution="charger",
        is_down=False,
        check_at=None if is_urgent else urgent_at,
    )
