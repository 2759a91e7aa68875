"""F43: it is our own service that does not hear, so no station is to blame."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, State
from faults.rules.wide import NetworkSnapshot, OwnHealth

CODE = "F43"
TITLE = "Our own service does not hear"
SEVERITY = 2
SCOPE: Scope = "network"
FAMILY = "service"
CAUSE = "network"
IS_IMPAIRING = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How late our own parts may be."""

    queue_lag: timedelta = timedelta(seconds=30)
    beat_age: timedelta = timedelta(seconds=60)
    gateway_age: timedelta = timedelta(seconds=60)
    refused_sockets: int = 20
    fires_after: timedelta = timedelta(0)
    healthy_for: timedelta = timedelta(minutes=5)


def check(snapshot: NetworkSnapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether our own service is ill.

    State: {"since", "well_at"?}.
    """
    if snapshot.own is None:
        return CannotKnow(state=state, reason="nobody_measures_us")
    found = ills(snapshot.own, thresholds)
    since = state.get("since")
    if found:
        kept = {"since": since or snapshot.as_of.isoformat()}
        return _firing(snapshot, thresholds, kept, found)
    if since is None:
        return Clear(state={})
    well_at = datetime.fromisoformat(state.get("well_at") or snapshot.as_of.isoformat())
    healthy_at = well_at + thresholds.healthy_for
    if snapshot.as_of >= healthy_at:
        return Clear(state={}, ended_at=well_at)
    kept = {"since": since, "well_at": well_at.isoformat()}
    return _firing(snapshot, thresholds, kept, {"healthy_since": well_at.isoformat()}, healthy_at)


def ills(own: OwnHealth, thresholds: Thresholds) -> State:
    """Return what of our own service is worse than it may be; nothing where all is well."""
    limits = {
        "queue_lag_s": (own.queue_lag_s, thresholds.queue_lag),
        "beat_age_s": (own.beat_age_s, thresholds.beat_age),
        "gateway_age_s": (own.gateway_age_s, thresholds.gateway_age),
    }
    found: State = {
        name: value
        for name, (value, limit) in limits.items()
        if value is not None and value > limit.total_seconds()
    }
    if not own.is_store_reached:
        found["is_store_reached"] = False
    if own.refused_sockets >= thresholds.refused_sockets:
        found["refused_sockets"] = own.refused_sockets
    return found


def _firing(
    snapshot: NetworkSnapshot,
    thresholds: Thresholds,
    kept: State,
    evidence: State,
    check_at: datetime | None = None,
) -> Firing:
    return Firing(
        state=kept,
        evidence=evidence,
        began_at=datetime.fromisoformat(kept["since"]),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=thresholds.fires_after,
        attribution="network",
        is_down=False,
        check_at=check_at or snapshot.as_of + thresholds.queue_lag,
    )
