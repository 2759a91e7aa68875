"""Stations of a site that go silent together: what F40 and F41 have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from faults.rules.protocol import State
from faults.rules.wide import SiteSnapshot, StationSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many stations of a site, how soon after each other; and when a return is a return."""

    least_share: float = 0.5
    least_stations: int = 2
    within: timedelta = timedelta(minutes=10)
    fires_after: timedelta = timedelta(minutes=10)
    ticket_after: timedelta = timedelta(minutes=15)
    # Stations come back one by one, and the first minutes after are no time to judge the rest.
    settles_in: timedelta = timedelta(minutes=10)
    # Evidence of lost mains counts from this long before to this long after the silence.
    power_before: timedelta = timedelta(minutes=10)
    power_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Darkness:
    """A group of stations that went silent together, and which of them still are."""

    since: datetime
    group: frozenset[int]
    away: frozenset[int]
    powerless: frozenset[int]
    # When the last of those that came back did.
    back_at: datetime | None = None
    # Too few are away, and the others have settled.
    is_over: bool = False
    settles_at: datetime | None = None
    # When as many were silent as make it a group: the first may have reasons of its own.
    enough_at: datetime | None = None


def read(snapshot: SiteSnapshot, thresholds: Thresholds, state: State) -> Darkness | None:
    """Return the group that is silent together, as it was known or as it is now found.

    State: {"since", "group", "enough_at"}.
    """
    if state:
        since = datetime.fromisoformat(state["since"])
        known = _known(snapshot, thresholds, since, frozenset(state["group"]))
        enough_at = datetime.fromisoformat(str(state.get("enough_at", state["since"])))
        return replace(known, enough_at=enough_at)
    return _found(snapshot, thresholds)


def patience(darkness: Darkness, usual: timedelta) -> timedelta:
    """Return how long after its first station a group must be silent.

    It counts from when it was one; where most came back, until the rest has settled.
    """
    wanted = usual + ((darkness.enough_at or darkness.since) - darkness.since)
    if darkness.settles_at is None:
        return wanted
    # once it has settled it is over, or dark again
    return max(wanted, darkness.settles_at - darkness.since + timedelta(seconds=1))


def written(darkness: Darkness) -> State:
    """Return a group as JSON."""
    enough_at = darkness.enough_at or darkness.since
    return {
        "since": darkness.since.isoformat(),
        "group": sorted(darkness.group),
        "enough_at": enough_at.isoformat(),
    }


def shown(darkness: Darkness, snapshot: SiteSnapshot) -> State:
    """Return the evidence of a group."""
    return {
        "stations": sorted(darkness.group),
        "still_away": sorted(darkness.away),
        "of_stations": len(snapshot.stations),
        "since": darkness.since.isoformat(),
        "power_lost_at_stations": sorted(darkness.powerless),
        "is_outage_known": snapshot.is_outage_known,
    }


def _found(snapshot: SiteSnapshot, thresholds: Thresholds) -> Darkness | None:
    gone = sorted(
        (one for one in snapshot.stations if one.gone_at is not None),
        key=lambda one: one.gone_at or snapshot.as_of,
    )
    for first, one in enumerate(gone):
        assert one.gone_at is not None, "only stations that are gone are looked at"
        together = [
            other
            for other in gone[first:]
            if other.gone_at is not None and other.gone_at <= one.gone_at + thresholds.within
        ]
        # those silent for longer were no part of it, and are not missed now
        could = len(snapshot.stations) - first
        least = _least(could, thresholds)
        if len(together) >= least:
            ids = frozenset(other.id for other in together)
            powerless = _powerless(together, thresholds, one.gone_at)
            enough_at = together[least - 1].gone_at
            return Darkness(one.gone_at, ids, ids, powerless, enough_at=enough_at)
    return None


def _known(
    snapshot: SiteSnapshot, thresholds: Thresholds, since: datetime, group: frozenset[int]
) -> Darkness:
    late = since + thresholds.within
    joined = [
        one
        for one in snapshot.stations
        if one.id in group or (one.gone_at is not None and since <= one.gone_at <= late)
    ]
    ids = group | {one.id for one in joined}
    away = frozenset(one.id for one in joined if one.gone_at is not None)
    backs = [one.back_at for one in joined if one.back_at is not None and one.id not in away]
    back_at = max(backs, default=None)
    settles_at = None
    is_over = not away
    if away and len(away) < _least(len(ids), thresholds):
        settles_at = (back_at or snapshot.as_of) + thresholds.settles_in
        is_over = snapshot.as_of >= settles_at
    powerless = _powerless(joined, thresholds, since)
    return Darkness(since, ids, away, powerless, back_at, is_over, settles_at)


def _least(stations: int, thresholds: Thresholds) -> int:
    return max(thresholds.least_stations, ceil(thresholds.least_share * stations))


def _powerless(
    stations: Sequence[StationSeen], thresholds: Thresholds, since: datetime
) -> frozenset[int]:
    """Return which stations gave evidence of lost mains, when they went or when they came back."""
    found = set()
    for one in stations:
        at = one.power_lost_at
        if at is None or at < since - thresholds.power_before:
            continue
        until = (one.back_at or at) if one.gone_at is None else at
        if at <= max(until, since) + thresholds.power_after:
            found.add(one.id)
    return frozenset(found)
