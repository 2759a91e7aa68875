"""F44: stations of one model and firmware fail more than the others; or a site's limits are wrong.

Two proportions are compared, the worst station of the cohort left out: one broken connector is
no bad firmware.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import erfc, sqrt

from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, State
from faults.rules.wide import CohortSnapshot, SiteSnapshot, Supply, Tally

CODE = "F44"
TITLE = "Firmware or site limit at fault"
SEVERITY = 3
SCOPE: Scope = "cohort"
SCOPES: tuple[Scope, ...] = ("cohort", "site")
FAMILY = "cohort"
CAUSE = "station"
IS_IMPAIRING = False
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a cohort is worse than chance, and by how much it must be worse to matter."""

    highest_p: float = 1e-4
    least_lift: float = 2.0
    clear_lift: float = 1.3
    least_stations: int = 5
    least_failing_stations: int = 3
    least_tries: int = 50
    # The rest is taken to fail at least this often: nobody is measured against perfection.
    least_rest_rate: float = 0.01
    unfair_for: timedelta = timedelta(minutes=30)
    least_free_share: float = 0.2


@dataclass(frozen=True, slots=True)
class Comparison:
    """A cohort beside the rest: failure rates, lift and one-sided p."""

    rate: float
    rest_rate: float
    lift: float
    p: float


def check(snapshot: CohortSnapshot | SiteSnapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a cohort fails, or whether a site's power is shared out wrongly."""
    if isinstance(snapshot, SiteSnapshot):
        return _check_supply(snapshot, thresholds, state)
    return _check_cohort(snapshot, thresholds, state)


def compare(cohort: Tally, rest: Tally, thresholds: Thresholds) -> Comparison:
    """Return how a cohort, but for its worst station, fails beside the rest."""
    failed, tried = cohort.without(_worst(cohort))
    rest_failed, rest_tried = rest.without(None)
    rate = failed / tried
    rest_rate = max(rest_failed / rest_tried, thresholds.least_rest_rate)
    pooled = min((failed + rest_rate * rest_tried) / (tried + rest_tried), 1.0)
    spread = sqrt(pooled * (1 - pooled) * (1 / tried + 1 / rest_tried))
    z = (rate - rest_rate) / spread if spread else 0.0
    return Comparison(rate, rest_rate, rate / rest_rate, 0.5 * erfc(z / sqrt(2)))


def _worst(cohort: Tally) -> int | None:
    return max(cohort.failed, key=lambda one: cohort.failed[one], default=None)


def _rest(snapshot: CohortSnapshot, thresholds: Thresholds) -> Tally | None:
    """Return whom to compare with: the same model with other firmware, else everybody else."""
    for rest in (snapshot.peers, snapshot.others):
        if sum(rest.tried.values()) >= thresholds.least_tries:
            return rest
    return None


def _check_cohort(snapshot: CohortSnapshot, thresholds: Thresholds, state: State) -> Result:
    rest = _rest(snapshot, thresholds)
    tried = snapshot.cohort.without(_worst(snapshot.cohort))[1]
    if rest is None or tried < thresholds.least_tries:
        return CannotKnow(state=state, reason="too_few_sessions")
    if snapshot.cohort.stations < thresholds.least_stations:
        return Clear(state={})
    found = compare(snapshot.cohort, rest, thresholds)
    failing = sum(1 for count in snapshot.cohort.failed.values() if count)
    is_bad = (
        found.p < thresholds.highest_p
        and found.lift >= thresholds.least_lift
        and failing >= thresholds.least_failing_stations
    )
    goes_on = bool(state) and found.lift >= thresholds.clear_lift
    if not is_bad and not goes_on:
        return Clear(state={})
    since = state.get("since") or snapshot.as_of.isoformat()
    return Firing(
        state={"since": since},
        evidence={
            "model": snapshot.model,
            "firmware": snapshot.firmware,
            "stations": sorted(snapshot.cohort.tried),
            "failing_stations": failing,
            "rate": round(found.rate, 4),
            "rest_rate": round(found.rest_rate, 4),
            "lift": round(found.lift, 2),
            "p": found.p,
            "compared_with": "peers" if rest is snapshot.peers else "others",
        },
        began_at=datetime.fromisoformat(since),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        attribution="charger",
        is_down=False,
    )


def _check_supply(snapshot: SiteSnapshot, thresholds: Thresholds, state: State) -> Result:
    if snapshot.supply is None:
        return CannotKnow(state=state, reason="supply_unknown")
    wrong = _wrong(snapshot.supply, thresholds)
    # nothing is said when a limit is shared out anew: it is looked at now and then
    again_at = snapshot.as_of + SEEN_EVERY
    if not wrong:
        return Clear(state={}, check_at=again_at)
    since = state.get("since") or snapshot.as_of.isoformat()
    return Firing(
        state={"since": since},
        evidence=wrong,
        began_at=datetime.fromisoformat(since),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=thresholds.unfair_for,
        ticket_after=thresholds.unfair_for,
        attribution="network",
        is_down=False,
        check_at=again_at,
    )


def _wrong(supply: Supply, thresholds: Thresholds) -> State:
    """Return what is wrong with how a site's power is shared, nothing where all is well."""
    limit, granted, used = supply.connection_w, supply.granted_w, supply.used_w
    if limit is None:
        return {}
    if granted is not None and granted > limit:
        return {"fuse": supply.name, "connection_w": limit, "granted_w": granted}
    is_free = used is not None and used < limit * (1 - thresholds.least_free_share)
    if supply.starved and is_free:
        return {
            "fuse": supply.name,
            "connection_w": limit,
            "used_w": used,
            "starved": supply.starved,
        }
    return {}
