"""Recordings played to a fleet in memory: conversations and session lists, without a store."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from faults import rules
from faults.engine.fleet import ConnectFact, DisconnectFact, Fleet, StationPlace, tuning
from faults.engine.memory import Held
from faults.rules import needs
from stations import recordings
from stations.metering.session_list import Flagger, ListedSession
from stations.recordings import ListMapping, RecordedRow
from stations.replay import hearing
from stations.replay.hearing import Heard

# What a session list tells: a rule that wants more is blind on it, and is not asked.
LISTED_SIGNALS = frozenset({"sessions", "energy"})
# A list is judged by the day; every third hour is soon enough, and costs a third.
LISTED_USAGE_EVERY = timedelta(hours=3)


def fleet_for_lists(
    places: Iterable[StationPlace] = (), *, thresholds: tuning.Changed | None = None
) -> Fleet:
    """Return a fleet that hears session lists: it asks the rules that can hear them."""
    hearing = [rule for rule in rules.RULES if _hears_lists(rule.code)]
    return Fleet(places, thresholds=thresholds, asked=hearing, usage_every=LISTED_USAGE_EVERY)


def _hears_lists(code: str) -> bool:
    wanted = needs.NEEDS[code].signals
    return bool(wanted) and LISTED_SIGNALS.issuperset(wanted)


def play_conversation(fleet: Fleet, rows: Iterable[RecordedRow]) -> Iterator[datetime]:
    """Let a fleet hear a recorded conversation; yields how far its clock came."""
    asked: dict[tuple[str, str], str] = {}
    for heard in hearing.hear_rows(rows):
        row = heard.row
        fleet.add(StationPlace(name=row.station, version=row.version or "1.6"))
        if heard.names is not None:
            ours = asked.pop((row.station, heard.names[0]), "")
            fleet.name_session(row.station, ours, heard.names[1])
        if heard.interval_s is not None:
            fleet.beat_every(row.station, heard.interval_s)
        number = _hear(fleet, heard)
        if heard.asks:
            asked[row.station, heard.asks] = number
        yield row.at


def _hear(fleet: Fleet, heard: Heard) -> str:
    row = heard.row
    if heard.event == "connect":
        return fleet.take(row.station, row.at, [ConnectFact(row.version)])
    if heard.event == "disconnect":
        return fleet.take(row.station, row.at, [DisconnectFact()])
    if heard.is_ours and not heard.facts.facts:
        fleet.advance(row.at)
        return ""
    return fleet.take(row.station, row.at, heard.facts)


def play_sessions(
    fleet: Fleet, path: Path, mapping: ListMapping, *, until: datetime | None = None
) -> Iterator[datetime]:
    """Let a fleet hear the completed sessions of a list, in the order they ended."""
    whole = _whole(path, mapping)
    sites = _sites(whole)
    for row, ended_at, energy_wh in whole:
        if until is not None and ended_at > until:
            break
        fleet.add(
            StationPlace(
                name=row.station,
                site=sites[row.station],
                model=row.model,
                time_zone=mapping.zone.key,
            )
        )
        fleet.take_session(
            row.station,
            row.connector,
            ended_at,
            token=row.customer,
            started_at=row.started_at,
            ended_at=ended_at,
            energy_wh=energy_wh,
        )
        yield ended_at


def _sites(whole: Iterable[tuple[ListedSession, datetime, int]]) -> dict[str, str]:
    """Return the site of each station: lists spell one in several ways, most rows in one."""
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for row, _, _ in whole:
        named[row.station][row.site] += 1
    return {station: names.most_common(1)[0][0] for station, names in named.items()}


def _whole(path: Path, mapping: ListMapping) -> list[tuple[ListedSession, datetime, int]]:
    """Return the rows nothing is wrong with, in the order they ended."""
    flagger = Flagger()
    listed = [
        row
        for row in recordings.read_session_list(path, mapping)
        if isinstance(row, ListedSession)
    ]
    for row in listed:
        flagger.add(row)
    flags = flagger.flags()
    whole = [
        (row, row.ended_at, row.energy_wh)
        for row in listed
        if row.line not in flags and row.ended_at is not None and row.energy_wh is not None
    ]
    return sorted(whole, key=lambda one: (one[1], one[0].line))


def found(fleet: Fleet) -> list[dict[str, Any]]:
    """Return what a fleet found, one object a fault, by when it opened."""
    opened = [one for one in fleet.conditions() if one.opened_at is not None]
    opened.sort(key=lambda one: (one.opened_at, one.code, one.scope_key))
    return [shown(fleet, one) for one in opened]


def shown(fleet: Fleet, held: Held) -> dict[str, Any]:
    """Return one condition as `detect_faults` writes it."""
    where = fleet.where(held.place)
    ticket = None
    if held.job is not None:
        ticket = {"number": held.job.number, "opened": held.job.opened_at, "code": held.job.code}
    explained = {"explained_by": held.inhibited_by} if held.inhibited_by else {}
    return {
        "code": held.code,
        "scope": held.scope,
        "site": where.site,
        "station": where.station,
        "connector": where.connector,
        "began": held.began_at,
        "opened": held.opened_at,
        "cleared": held.cleared_at,
        "severity": held.severity,
        "attribution": held.attribution,
        "reopened": held.reopened,
        "evidence": {**held.evidence, **explained, "ticket": ticket},
    }
