"""F13: asked at night for what a healthy station does, it does not do it.

The only rule that learns something of a connector nobody uses; `faults.probing` asks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules.facts import Notice
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F13"
TITLE = "Active probe failed"
SEVERITY = 3
SCOPE: Scope = "connector"
FAMILY = "outcome"
CAUSE = "charger"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = frozenset({"notice", "session"})

# The Observation of one night: {"night": "2026-11-22", "asked": [words], "failed": [words]}.
PROBED = "probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many questions of a night must fail, and how many nights in a row."""

    failed_questions: int = 2
    nights: int = 2
    # A night without a probe, somebody charging, is neither good nor bad.
    longest_gap: timedelta = timedelta(days=3)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether one connector failed its probes on consecutive nights.

    State: {"bad": [{"at", "night", "failed"}], "is_good": whether the last one passed}.
    """
    bad: list[State] = list(state.get("bad", []))
    is_good = bool(state.get("is_good"))
    probes = [one for one in snapshot.notices if one.kind == PROBED]
    for notice in sorted(probes, key=lambda one: (one.occurred_at, one.id)):
        bad = _counted(bad, notice, thresholds)
        is_good = not bad
    if snapshot.sessions and any(one.energy_wh > 0 for one in snapshot.sessions):
        # whoever charged knows better than any probe
        bad, is_good = [], True
    kept: State = {"bad": bad, "is_good": is_good} if bad or is_good else {}
    if len(bad) >= thresholds.nights:
        return Firing(
            state=kept,
            evidence={"nights": bad, "nights_needed": thresholds.nights},
            began_at=datetime.fromisoformat(bad[0]["at"]),
            seen_at=datetime.fromisoformat(bad[-1]["at"]),
            severity=SEVERITY,
            attribution="charger",
        )
    if bad or not is_good:
        return CannotKnow(state=kept, reason="failed_once" if bad else "not_probed")
    return Clear(state=kept)


def _counted(bad: list[State], notice: Notice, thresholds: Thresholds) -> list[State]:
    failed = list(notice.detail.get("failed", ()))
    if len(failed) < thresholds.failed_questions:
        return []
    at = notice.occurred_at
    if bad and at - datetime.fromisoformat(bad[-1]["at"]) > thresholds.longest_gap:
        bad = []
    night = {"at": at.isoformat(), "night": notice.detail.get("night", ""), "failed": failed}
    others = [one for one in bad if one["night"] != night["night"] or not night["night"]]
    return [*others, night][-10:]
