"""F42: stations of many sites went silent together: their APN, their gateway, a vendor's cloud."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt

from faults.rules.protocol import Clear, Firing, Result, Scope, State
from faults.rules.wide import NetworkSnapshot, StationSeen

CODE = "F42"
TITLE = "Network outage"
SEVERITY = 2
SCOPE: Scope = "network"
FAMILY = "network"
CAUSE = "network"
IS_IMPAIRING = False
# A bin of the usual number of stations that go silent.
BIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """More silent stations, at more sites, than any usual ten minutes bring."""

    least_stations: int = 5
    least_sites: int = 3
    deviations: float = 3.0
    within: timedelta = BIN
    memory_bins: int = 1008
    fires_after: timedelta = timedelta(minutes=5)
    ticket_after: timedelta = timedelta(minutes=5)
    settles_in: timedelta = timedelta(minutes=10)
    # Back is a network of which fewer than this share of the group is still away.
    back_share: float = 0.2


def check(snapshot: NetworkSnapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a network is out.

    State: {"usual": {"mean", "square", "bin", "count"}, "since"?, "group"?}.
    """
    usual = _counted(snapshot, thresholds, state.get("usual"))
    least = threshold_of(usual, thresholds)
    if "group" in state:
        return _going_on(snapshot, thresholds, state, usual, least)
    together = _together(snapshot, thresholds)
    sites = {one.site_id for one in together}
    if len(together) < least or len(sites) < thresholds.least_sites:
        return Clear(state={"usual": usual})
    since = min(one.gone_at for one in together if one.gone_at is not None)
    kept = {"since": since.isoformat(), "group": sorted(one.id for one in together)}
    return _firing(snapshot, thresholds, {"usual": usual, **kept}, least)


def threshold_of(usual: State, thresholds: Thresholds) -> int:
    """Return how many stations silent within ten minutes are more than usual."""
    deviation = sqrt(max(usual["square"] - usual["mean"] ** 2, 0.0))
    unusual = ceil(usual["mean"] + thresholds.deviations * deviation)
    return int(max(thresholds.least_stations, unusual))


def _going_on(
    snapshot: NetworkSnapshot, thresholds: Thresholds, state: State, usual: State, least: int
) -> Result:
    since, group = datetime.fromisoformat(state["since"]), set(state["group"])
    group |= {
        one.id
        for one in snapshot.stations
        if one.gone_at is not None and since <= one.gone_at <= since + thresholds.within
    }
    known = [one for one in snapshot.stations if one.id in group]
    away = [one for one in known if one.gone_at is not None]
    back_at = max((one.back_at for one in known if one.back_at is not None), default=None)
    kept = {"usual": usual, "since": state["since"], "group": sorted(group)}
    settles_at = None
    if len(away) <= thresholds.back_share * len(group):
        settles_at = (back_at or snapshot.as_of) + thresholds.settles_in
        if not away or snapshot.as_of >= settles_at:
            return Clear(state={"usual": usual}, ended_at=back_at)
    return _firing(snapshot, thresholds, kept, least, settles_at)


def _together(snapshot: NetworkSnapshot, thresholds: Thresholds) -> list[StationSeen]:
    """Return the largest set of stations that went within the window; a dark site counts not."""
    gone = sorted(
        (
            one
            for one in snapshot.stations
            if one.gone_at is not None and one.site_id not in snapshot.dark_sites
        ),
        key=lambda one: one.gone_at or snapshot.as_of,
    )
    best: list[StationSeen] = []
    first = 0
    for last, one in enumerate(gone):
        assert one.gone_at is not None, "only stations that are gone are looked at"
        while (gone[first].gone_at or one.gone_at) < one.gone_at - thresholds.within:
            first += 1
        if last - first + 1 > len(best):
            best = gone[first : last + 1]
    return best


def _counted(snapshot: NetworkSnapshot, thresholds: Thresholds, usual: State | None) -> State:
    """Return the usual number of stations that go silent in ten minutes, with the bins passed."""
    now_bin = int(snapshot.as_of.timestamp() // BIN.total_seconds())
    if usual is None:
        return {"mean": 0.0, "square": 0.0, "bin": now_bin, "count": 0}
    mean, square, before = usual["mean"], usual["square"], usual["bin"]
    passed = now_bin - before
    if passed > 0:
        keep = 1 - 1 / thresholds.memory_bins
        # an outage is no part of what is usual
        count = min(usual["count"], thresholds.least_stations)
        mean, square = mean * keep + count * (1 - keep), square * keep + count**2 * (1 - keep)
        mean, square = mean * keep ** (passed - 1), square * keep ** (passed - 1)
    starts = now_bin * BIN.total_seconds()
    count = sum(
        1
        for one in snapshot.stations
        if one.gone_at is not None and one.gone_at.timestamp() >= starts
    )
    count = max(count, usual["count"]) if passed <= 0 else count
    return {"mean": mean, "square": square, "bin": max(now_bin, before), "count": count}


def _firing(
    snapshot: NetworkSnapshot,
    thresholds: Thresholds,
    kept: State,
    least: int,
    settles_at: datetime | None = None,
) -> Firing:
    group = set(kept["group"])
    away = [one for one in snapshot.stations if one.id in group and one.gone_at is not None]
    return Firing(
        state=kept,
        evidence={
            "network": snapshot.key,
            "stations": sorted(group),
            "still_away": sorted(one.id for one in away),
            "sites": sorted({one.site_id for one in snapshot.stations if one.id in group}),
            "more_than": least,
            "usual_in_ten_minutes": round(kept["usual"]["mean"], 2),
        },
        began_at=datetime.fromisoformat(kept["since"]),
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=thresholds.fires_after,
        ticket_after=thresholds.ticket_after,
        attribution="network",
        is_down=False,
        check_at=settles_at,
    )
