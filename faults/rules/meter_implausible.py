"""F34: a meter says what cannot be, or disagrees with itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import copysign
from statistics import median

from faults.rules import series
from faults.rules.facts import Card, Measures, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State

CODE = "F34"
TITLE = "Meter implausible"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "meter"
CAUSE = "station"
IS_IMPAIRING = False
WAKES = frozenset({"session"})
HARD, RATING = 3, 5
MOST_ROWS, MOST_GAPS = 20, 60
HOUR = timedelta(hours=1)
BACKWARDS, BETWEEN, NEGATIVE = "backwards", "backwards_between", "negative"
TOO_MUCH, RATED_WRONG = "more_than_rated", "rating_contradicted"
FAR_OFF = "register_far_from_power"
UNSEEN, BALANCE, APPARENT = "energy_without_session", "register_and_power", "volts_and_amperes"
DRIFT = "drift"
IMPOSSIBLE = frozenset({BACKWARDS, BETWEEN, NEGATIVE, TOO_MUCH, FAR_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What no meter may say once, and what it may not say three times.

    1.1 times rated power: a common rule of data quality. 5 %: engineering default, well above
    what sampling once a minute makes of ramps; 8 % for alternating current, where volt times
    ampere is not yet power. Drift: the median of the newest sessions, against what was usual here.
    """

    times_rated: float = 1.1
    least_wh: int = 500
    slack: timedelta = timedelta(minutes=2)
    unseen_wh: int = 500
    off_by: float = 0.05
    off_by_ac: float = 0.08
    least_balance_wh: int = 2000
    # One session is enough where register and power are this far apart, over so many samples.
    far_off_by: float = 0.25
    far_off_samples: int = 8
    soft_times: int = 3
    soft_of: int = 6
    drift: float = 0.03
    drift_sessions: int = 8
    usual_sessions: int = 15
    rating_times: int = 3
    clearing_sessions: int = 5


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the meter of one connector can be believed.

    State: {"rows": [[ended, session, [words], implied W]], "gaps": [[ended, share]], "stop_wh",
    "found": {word: since}, "newest_end"}.
    """
    memory: State = dict(state)
    for session in series.fresh(snapshot, memory.get("newest_end", "")):
        _count(memory, session, snapshot.card, thresholds)
    if not memory.get("newest_end"):
        return CannotKnow(state={}, reason="no_session_yet")
    if memory.get("found"):
        return _firing(memory, thresholds)
    return Clear(state=memory, ended_at=datetime.fromisoformat(memory["newest_end"]))


def _count(memory: State, session: SessionOutcome, card: Card, thresholds: Thresholds) -> None:
    found = session.measures or Measures()
    implied = _implied_w(session, thresholds)
    words = [*_hard(memory, session, found, card, thresholds)]
    words += _soft(memory, session, found, card, thresholds)
    gap = _gap(found, thresholds)
    ended = session.ended_at.isoformat()
    if gap is not None:
        memory["gaps"] = series.grown(memory.get("gaps", ()), [ended, round(gap, 4)], MOST_GAPS)
        if _drifts(memory["gaps"], thresholds):
            words.append(DRIFT)
    row = [ended, session.id, words, implied]
    memory["rows"] = series.grown(memory.get("rows", ()), row, MOST_ROWS)
    memory["newest_end"] = ended
    # a session whose end nobody knows took what nobody knows: nothing to compare the next with
    memory.pop("stop_wh", None)
    if session.meter_stop_wh is not None:
        memory["stop_wh"] = session.meter_stop_wh
    _judge(memory, thresholds)


def _hard(
    memory: State, session: SessionOutcome, found: Measures, card: Card, thresholds: Thresholds
) -> Iterator[str]:
    """Yield what no meter may say even once."""
    start_wh, stop_wh, before = (
        session.meter_start_wh,
        session.meter_stop_wh,
        memory.get("stop_wh"),
    )
    is_turned = start_wh is not None and stop_wh is not None and stop_wh < start_wh
    if session.energy_wh < 0 or is_turned:
        yield NEGATIVE
    elif found.is_backwards:
        yield BACKWARDS
    # a new meter begins at nothing: that is no step back
    if before is not None and start_wh is not None and thresholds.unseen_wh < start_wh < before:
        yield BETWEEN
    implied = _implied_w(session, thresholds)
    rated_w = card.max_power_w
    if rated_w and implied is not None and implied > thresholds.times_rated * rated_w:
        yield TOO_MUCH
    gap = _gap(found, thresholds)
    is_long = found.samples >= thresholds.far_off_samples
    if gap is not None and is_long and abs(gap) > thresholds.far_off_by:
        yield FAR_OFF


def _soft(
    memory: State, session: SessionOutcome, found: Measures, card: Card, thresholds: Thresholds
) -> Iterator[str]:
    """Yield what a meter may say now and then."""
    start_wh, before = session.meter_start_wh, memory.get("stop_wh")
    if before is not None and start_wh is not None and start_wh - before > thresholds.unseen_wh:
        yield UNSEEN
    gap = _gap(found, thresholds)
    if gap is not None and abs(gap) > thresholds.off_by:
        yield BALANCE
    most = thresholds.off_by if card.is_dc else thresholds.off_by_ac
    if found.vi_gap is not None and abs(found.vi_gap) > most:
        yield APPARENT


def _implied_w(session: SessionOutcome, thresholds: Thresholds) -> int | None:
    """Return the mean power a session's energy would have taken, W."""
    lasted = session.ended_at - session.started_at + thresholds.slack
    if session.energy_wh < thresholds.least_wh or lasted <= thresholds.slack:
        return None
    return round(session.energy_wh * (HOUR / lasted))


def _gap(found: Measures, thresholds: Thresholds) -> float | None:
    """Return how far the register moved beyond what power can have made, as a share of it."""
    register, integral = found.register_wh, found.integral_wh
    if register is None or integral is None:
        return None
    if max(register, integral) < thresholds.least_balance_wh:
        return None
    off = register - integral
    if abs(off) <= (found.register_step_wh or 0):
        return 0.0
    # between two samples power was anything between them: what that explains is no disagreement
    unexplained = max(0.0, abs(off) - (found.integral_slack_wh or 0))
    return copysign(unexplained, off) / max(register, thresholds.least_wh)


def _drifts(gaps: list[series.Row], thresholds: Thresholds) -> bool:
    """Return whether the newest sessions all lie off to one side of what was usual."""
    newest = [row[1] for row in gaps[-thresholds.drift_sessions :]]
    if len(newest) < thresholds.drift_sessions:
        return False
    first = [row[1] for row in gaps[: -thresholds.drift_sessions]][: thresholds.usual_sessions]
    usual = median(first) if len(first) >= thresholds.usual_sessions else 0.0
    off = [one - usual for one in newest]
    is_one_sided = all(one > 0 for one in off) or all(one < 0 for one in off)
    return is_one_sided and abs(median(off)) > thresholds.drift


def _judge(memory: State, thresholds: Thresholds) -> None:
    rows = memory["rows"]
    ended, _, words, _ = rows[-1]
    found = dict(memory.get("found", {}))
    for word in words:
        since = _since(rows, word, thresholds)
        if since is not None:
            found.setdefault(word, since)
    if TOO_MUCH in found and _is_rating_wrong(rows, thresholds):
        found[RATED_WRONG] = found.pop(TOO_MUCH)
    elif RATED_WRONG in found:
        found.pop(TOO_MUCH, None)
    clean = series.run_at_end(rows, lambda row: not row[2])
    if len(clean) >= thresholds.clearing_sessions:
        found = {}
    memory["found"] = found
    if words:
        memory["bad_at"] = ended


def _since(rows: list[series.Row], word: str, thresholds: Thresholds) -> str | None:
    """Return since when a word counts; None while it has not been said often enough."""
    if word in IMPOSSIBLE or word == DRIFT:
        return str(rows[-1][0])
    said = [row[0] for row in rows[-thresholds.soft_of :] if word in row[2]]
    return str(said[0]) if len(said) >= thresholds.soft_times else None


def _is_rating_wrong(rows: list[series.Row], thresholds: Thresholds) -> bool:
    """Return whether many sessions exceed the rating alike: then what is written down is wrong."""
    over = [row[3] for row in rows if TOO_MUCH in row[2]]
    if len(over) < thresholds.rating_times:
        return False
    return bool(max(over) <= 1.5 * median(over))


def _firing(memory: State, thresholds: Thresholds) -> Firing:
    found: dict[str, str] = memory["found"]
    bad = [row for row in memory["rows"] if row[2]]
    severity = SEVERITY
    if found.keys() & IMPOSSIBLE:
        severity = HARD
    elif found.keys() == {RATED_WRONG}:
        severity = RATING
    return Firing(
        state=memory,
        evidence={
            "found": sorted(found),
            "sessions": [
                {"session": row[1], "at": row[0], "found": row[2], "implied_w": row[3]}
                for row in bad
            ],
            "register_over_power": memory.get("gaps", []),
            "off_by": thresholds.off_by,
        },
        began_at=datetime.fromisoformat(min(found.values())),
        seen_at=datetime.fromisoformat(str(memory.get("bad_at", memory["newest_end"]))),
        severity=severity,
        attribution="charger",
        is_standing=False,
        is_down=False,
    )
