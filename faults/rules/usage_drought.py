"""F11: a connector that says it is available, and that nobody uses any more.

How long a silence must be to mean something depends on how busy the connector was: the chance
of it under the connector's own rate (gamma-Poisson, over-dispersed, leaning on its peers) and
the chance that drivers who were there never chose it (beta-binomial against its siblings).
Holidays and roadworks silence the siblings too, and so explain themselves.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from faults.rules import chances, demand
from faults.rules.facts import Usage
from faults.rules.protocol import (
    CannotKnow,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)

CODE = "F11"
TITLE = "Silent connector"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "outcome"
CAUSE = "unknown"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = frozenset({"usage"})

WATCHED, DEGRADED, DOWN = 5, 4, 3
PROBE_FAILED = "F13"
# Out of service by its own word: nobody is expected, so nobody is missed.
OUT_OF_SERVICE = frozenset({"Unavailable", "Faulted"})
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How unlikely a silence must be.

    Calibrated on Perth & Kinross to August 2018: docs/perth_and_kinross.md. The chances are those
    of a healthy connector being silent for so long.
    """

    window: timedelta = timedelta(days=56)
    over_dispersion: float = 1.3
    warn_below: float = 1e-3
    ticket_below: float = 1e-4
    sibling_below: float = 1e-3
    # Where siblings are too little used to tell, silence alone must say it.
    alone_below: float = 1e-5
    # A whole site as quiet as this has no visitors: that is nobody's connector to mend.
    site_silent_below: float = 0.05
    least_silence: timedelta = timedelta(hours=24)
    least_sibling_starts: int = 3
    # Longer than this is no finding, it is for the nightly probe.
    longest_wait: timedelta = timedelta(days=45)
    # How often a connector dies without a word, a day.
    hazard_a_day: float = 0.002
    least_peers: int = 3
    usual_rate: float = 0.5
    # The peers weigh as much as so many days of the connector's own, at most.
    most_prior_days: float = 14.0


@dataclass(frozen=True, slots=True)
class Habit:
    """How a connector was used up to its last start: what its silence is measured by.

    `shape` and `days` are A and B of the rate's gamma distribution, `own` and `siblings` the
    starts in the window; before `quiet_until` no silence can mean anything.
    """

    last: datetime
    own: int
    siblings: int
    shape: float
    days: float
    quiet_until: datetime
    # The severity it was found silent with: only a new start takes that back, no new estimate.
    held: int = 0

    @classmethod
    def read(cls, state: State) -> "Habit | None":
        """Return the habit a rule state holds, None of a connector never seen in use."""
        if not state:
            return None
        dates = {name: datetime.fromisoformat(state[name]) for name in ("last", "quiet_until")}
        return cls(**{**state, **dates})

    def written(self) -> State:
        """Return the habit as JSON."""
        known = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in known.items()
        }

    @property
    def rate(self) -> float:
        """Return the expected starts a day."""
        return self.shape / self.days


@dataclass(frozen=True, slots=True)
class Silence:
    """How unlikely a silence is: `sibling` is None where the siblings cannot tell."""

    alone: float
    sibling: float | None
    sibling_starts: int
    expected: float
    is_whole_site: bool = False


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether one connector is silent beyond chance; new starts alone cost work."""
    usage, subject = snapshot.usage, snapshot.subject
    if usage is None or subject is None:
        return CannotKnow(state=state, reason="not_in_this_look")
    kept = Habit.read(state)
    habit = _habit(kept, snapshot, usage, subject, thresholds)
    if habit is None:
        return CannotKnow(state={}, reason="never_used")
    kept_state = state if habit is kept else habit.written()
    if snapshot.as_of < habit.quiet_until:
        return _quiet(habit, kept_state, snapshot, thresholds)
    if snapshot.status in OUT_OF_SERVICE:
        return CannotKnow(state=kept_state, reason="out_of_service")
    silence = _silence(habit, snapshot, usage, subject, thresholds)
    severity = _severity(silence, snapshot, thresholds) or habit.held
    if severity:
        severity = min(severity, habit.held or severity)
        habit = replace(habit, held=max(severity, DEGRADED))
        return _firing(habit, silence, severity, snapshot, thresholds)
    return _quiet(habit, kept_state, snapshot, thresholds)


def _quiet(habit: Habit, state: State, snapshot: Snapshot, thresholds: Thresholds) -> Result:
    is_rare = habit.quiet_until - habit.last > thresholds.longest_wait
    if is_rare and snapshot.as_of - habit.last > thresholds.least_silence:
        return CannotKnow(state=state, reason="too_little_used")
    return Clear(state=state, ended_at=habit.last)


def prior(rates: tuple[float, ...], thresholds: Thresholds) -> tuple[float, float]:
    """Return shape and days of the rate of a connector like these, by their moments."""
    mean, variance = chances.moments(rates) if len(rates) >= thresholds.least_peers else (0.0, 0.0)
    if mean <= 0:
        return thresholds.usual_rate, 1.0
    days = min(mean / max(variance, 1e-9), thresholds.most_prior_days)
    return mean * days, days


def _habit(
    kept: Habit | None, snapshot: Snapshot, usage: Usage, subject: int, thresholds: Thresholds
) -> Habit | None:
    starts = usage.starts.get(subject, ())
    last = starts[-1] if starts else None
    running = snapshot.open_sessions.get(subject)
    if running is not None and (last is None or running.started_at > last):
        last = running.started_at
    if last is None or (kept is not None and last <= kept.last):
        return kept
    since = last - thresholds.window
    if usage.known_for:
        since = max(since, snapshot.as_of - usage.known_for)
    clock = demand.clock_of(usage.demand, usage.time_zone)
    own = bisect_right(starts, last) - bisect_left(starts, since)
    a0, b0 = prior(usage.peer_rates, thresholds)
    phi = thresholds.over_dispersion
    days = b0 + clock.days(since, last, usage.away.get(subject, ())) / phi
    shape = a0 + own / phi
    needed = chances.days_of_silence(shape, days, thresholds.warn_below) if shape > 0 else 3650.0
    return Habit(
        last=last,
        own=own,
        siblings=_siblings_between(usage, subject, since, last),
        shape=shape,
        days=days,
        quiet_until=last + max(thresholds.least_silence, demand.real_least(needed, clock)),
    )


def _silence(
    habit: Habit, snapshot: Snapshot, usage: Usage, subject: int, thresholds: Thresholds
) -> Silence:
    clock = demand.clock_of(usage.demand, usage.time_zone)
    away = usage.away.get(subject, ())
    hushed = _hushed(habit, usage, subject, snapshot.as_of, thresholds)
    silent_days = clock.days(habit.last, snapshot.as_of, (*away, *hushed))
    since = _siblings_between(usage, subject, habit.last, snapshot.as_of)
    found = Silence(
        alone=chances.of_silence(habit.shape, habit.days, silent_days),
        sibling=None,
        sibling_starts=since,
        expected=habit.rate * silent_days,
    )
    if habit.siblings < thresholds.least_sibling_starts:
        return found
    phi = thresholds.over_dispersion
    chance = chances.never_chosen(habit.own + 0.5, habit.siblings + 0.5, since, phi)
    newest = _newest_sibling(usage, subject) or habit.last
    others = chances.of_silence(
        habit.siblings / phi,
        habit.days,
        clock.days(max(newest, habit.last), snapshot.as_of, away),
    )
    return replace(found, sibling=chance, is_whole_site=others < thresholds.site_silent_below)


def _hushed(
    habit: Habit, usage: Usage, subject: int, as_of: datetime, thresholds: Thresholds
) -> list[tuple[datetime, datetime]]:
    """Return the times since its last use when nobody came to its siblings: roadworks, ended."""
    if habit.siblings < thresholds.least_sibling_starts:
        return []
    clock = demand.clock_of(usage.demand, usage.time_zone)
    shape = habit.siblings / thresholds.over_dispersion
    below = thresholds.site_silent_below
    least = demand.real_least(chances.days_of_silence(shape, habit.days, below), clock)
    beside = sorted(
        at
        for connector, starts in usage.starts.items()
        if connector != subject
        for at in starts[bisect_right(starts, habit.last) : bisect_right(starts, as_of)]
    )
    return [
        (since, until)
        for since, until in pairwise([habit.last, *beside])
        if until - since >= least  # most gaps are too short whatever the hour
        and chances.of_silence(shape, habit.days, clock.days(since, until)) < below
    ]


def _severity(silence: Silence, snapshot: Snapshot, thresholds: Thresholds) -> int:
    """Return how bad a silence is; 0 where it may well be chance."""
    has_failed = PROBE_FAILED in snapshot.open_codes.get(snapshot.subject, frozenset())
    if silence.alone >= thresholds.warn_below:
        return 0
    if has_failed:
        return DOWN
    if silence.is_whole_site:
        return WATCHED
    is_passed_over = silence.sibling is not None and silence.sibling < thresholds.sibling_below
    if silence.alone < thresholds.alone_below:
        return DEGRADED
    if not is_passed_over:
        return 0
    return DEGRADED if silence.alone < thresholds.ticket_below else WATCHED


def _siblings_between(usage: Usage, subject: int, since: datetime, until: datetime) -> int:
    return sum(
        bisect_right(starts, until) - bisect_right(starts, since)
        for connector, starts in usage.starts.items()
        if connector != subject
    )


def _newest_sibling(usage: Usage, subject: int) -> datetime | None:
    newest = [starts[-1] for one, starts in usage.starts.items() if one != subject and starts]
    return max(newest, default=None)


def _firing(
    habit: Habit, silence: Silence, severity: int, snapshot: Snapshot, thresholds: Thresholds
) -> Firing:
    silent = (snapshot.as_of - habit.last) / DAY
    odds = (1 - (1 - thresholds.hazard_a_day) ** silent) / max(silence.alone, 1e-300)
    return Firing(
        state=habit.written(),
        evidence={
            "last_start": habit.last.isoformat(),
            "silent_days": round(silent, 2),
            "usual_starts_a_day": round(habit.rate, 2),
            "missed_starts": round(silence.expected, 1),
            "starts_in_window": habit.own,
            "sibling_starts_in_window": habit.siblings,
            "sibling_starts_since": silence.sibling_starts,
            "chance_of_silence": chances.rounded(silence.alone),
            "chance_never_chosen": chances.rounded(silence.sibling),
            "ticket_below": thresholds.ticket_below,
            "probability_of_fault": round(odds / (1 + odds), 4),
            "is_whole_site_silent": silence.is_whole_site,
        },
        began_at=habit.last,
        # when it was last used well is known, when it ceased to work is not: half the usual gap
        down_since=min(habit.last + DAY / (2 * habit.rate), snapshot.as_of),
        seen_at=snapshot.as_of,
        severity=severity,
        is_down=severity < WATCHED,
        attribution="unknown" if silence.is_whole_site else "charger",
    )
