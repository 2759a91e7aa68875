"""Reading stations and sessions: frozen facts for the floors above."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from stations import holding
from stations.metering import profile, quirks
from stations.metering.profile import Measured, Sample
from stations.metering.quirks import QuirkRule, Quirks
from stations.metering.session_facts import Held, SessionFacts
from stations.models import KnownQuirk, Quirk, QuirkChoice, Session, Station


class StationUnknown(LookupError):
    """No station has this identity, or several have this name."""


def find_station(identity: str) -> Station:
    """Return a station by its OCPP identity, or by its name where that is unique.

    Stations known only from a list are called by their id in it. Raises StationUnknown.
    """
    station = Station.objects.filter(identity=identity).first()
    if station is not None:
        return station
    named = list(Station.objects.filter(name=identity)[:2])
    if len(named) == 1:
        return named[0]
    how_many = "several stations are" if named else "no station is"
    raise StationUnknown(f"{how_many} called {identity!r}")


class SessionNotCompleted(Exception):
    """The session has no end or no energy yet: there are no facts to judge."""


def session_facts(session_id: int) -> SessionFacts:
    """Return what happened in one session; raises SessionNotCompleted, Session.DoesNotExist."""
    session = Session.objects.select_related("station__location", "connector").get(pk=session_id)
    if session.ended_at is None or session.energy_wh is None:
        raise SessionNotCompleted(f"session {session_id} is {session.state}")
    samples = _samples_by_session([session_id]).get(session_id, [])
    return facts_of(session, samples, holding.held_of([session]).get(session_id, ()))


def facts_of(
    session: Session, samples: Iterable[Sample] = (), held: tuple[Held, ...] = ()
) -> SessionFacts:
    """Return the facts of a completed session whose station, location and connector are read."""
    assert session.ended_at is not None, "facts are asked of completed sessions only"
    assert session.energy_wh is not None, "facts are asked of completed sessions only"
    measured = Measured(
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh,
        parking_s=session.parking_s,
        meter_start_wh=session.meter_start_wh,
        meter_stop_wh=session.meter_stop_wh,
    )
    location = session.station.location
    return SessionFacts(
        time_zone=ZoneInfo(location.timezone),
        started_at=session.started_at,
        ended_at=session.ended_at,
        periods=profile.periods_of(measured, list(samples)),
        session_id=session.pk,
        operator_id=session.operator_id,
        location_id=location.pk,
        station_id=session.station_id,
        evse_id=session.connector.evse_id,
        connector_id=session.connector_id,
        cable_id=session.cable_id,
        token_id=session.token_id,
        held=held,
    )


def facts_by_now(
    sessions: Iterable[Session], as_of: datetime, *, sampled: Collection[int] = ()
) -> Iterator[tuple[Session, SessionFacts]]:
    """Yield sessions with what happened in them, one that goes on as if it ended now.

    Their stations, locations and connectors are read; what cannot be known yet is left out.
    """
    ended = {session: _as_if_ended(session, as_of) for session in sessions}
    known = {session: done for session, done in ended.items() if done is not None}
    facts = facts_of_many(known.values(), sampled=sampled)
    yield from zip(known, facts, strict=True)


def _as_if_ended(session: Session, as_of: datetime) -> Session | None:
    """Return a session as it would stand if it ended now; the row itself is left as it is."""
    if session.ended_at is not None and session.energy_wh is not None:
        return session
    if session.meter_start_wh is None:
        return None
    reached_wh = session.last_register_wh
    energy_wh = 0 if reached_wh is None else max(reached_wh - session.meter_start_wh, 0)
    until = max(session.started_at, as_of)
    parking_s = session.parking_s
    if session.parking_since is not None:
        parking_s += max(int((until - session.parking_since).total_seconds()), 0)
    ended = copy(session)
    ended.ended_at, ended.energy_wh, ended.parking_s = until, energy_wh, parking_s
    return ended


def facts_of_many(
    sessions: Iterable[Session], *, sampled: Collection[int] = ()
) -> Iterator[SessionFacts]:
    """Yield the facts of many completed sessions, with samples for the ids named in `sampled`."""
    asked = list(sessions)
    samples = _samples_by_session(sampled) if sampled else {}
    held = holding.held_of(asked)
    for session in asked:
        yield facts_of(session, samples.get(session.pk, ()), held.get(session.pk, ()))


# One text a session: a reading of its own row would cost more to take in than all it is asked for.
SAMPLES = """
SELECT session_id, json_agg(json_build_array(
    (extract(epoch FROM occurred_at) * 1000000)::bigint, energy_wh, power_w
) ORDER BY occurred_at, id)::text
FROM stations_metervalue
WHERE session_id = ANY(%s) AND energy_wh IS NOT NULL
GROUP BY session_id
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _samples_by_session(session_ids: Collection[int]) -> dict[int, list[Sample]]:
    with connection.cursor() as cursor:
        cursor.execute(SAMPLES, [list(session_ids)])
        return {session_id: _samples(text) for session_id, text in cursor.fetchall()}


def _samples(text: str) -> list[Sample]:
    return [
        Sample(EPOCH + timedelta(microseconds=at), register_wh, power_w)
        for at, register_wh, power_w in json.loads(text)
    ]


METERED_TWICE = """
SELECT s.id, min(o.id)
FROM stations_session s
JOIN stations_session o ON o.connector_id = s.connector_id AND o.id <> s.id
    AND o.state = 'completed'
    AND o.started_at BETWEEN s.started_at - interval '7 days' AND s.ended_at
    AND o.started_at < s.ended_at AND o.ended_at > s.started_at
    AND o.meter_start_wh < s.meter_stop_wh AND o.meter_stop_wh > s.meter_start_wh
WHERE s.id = ANY(%s) AND s.meter_start_wh IS NOT NULL
GROUP BY s.id
"""


def metered_twice(session_ids: Sequence[int]) -> dict[int, int]:
    """Return sessions whose energy another one at the same connector and time counts too.

    A start whose stop came after the next session's is how it happens: session id to the other's.
    """
    if not session_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(METERED_TWICE, [list(session_ids)])
        return dict(cursor.fetchall())


# A jump is weighed against the hour a sampling may be off by, see `metering.registers`.
READ_THROUGH = """
SELECT session_id, count(*) + 1, max(was_wh - energy_wh),
    coalesce(max(was_wh) FILTER (WHERE energy_wh = 0), 0),
    (array_agg(ARRAY[energy_wh - was_wh, took_s]
        ORDER BY (energy_wh - was_wh)::float / (took_s + 3600) DESC))[1:1],
    (array_agg(ARRAY[energy_wh - was_wh, took_s] ORDER BY took_s DESC)
        FILTER (WHERE energy_wh - was_wh >= 1000))[1:1]
FROM (
    SELECT session_id, energy_wh, lag(energy_wh) OVER w AS was_wh,
        extract(epoch FROM occurred_at - lag(occurred_at) OVER w)::bigint AS took_s
    FROM stations_metervalue
    WHERE session_id = ANY(%s) AND energy_wh IS NOT NULL
    WINDOW w AS (PARTITION BY session_id ORDER BY occurred_at, id)
) AS read
WHERE was_wh IS NOT NULL
GROUP BY session_id
"""


@dataclass(frozen=True, slots=True)
class ReadThrough:
    """What a session's register did between its readings, in Wh and s.

    The deepest fall (below 0 where it only rose), what it had reached when it read 0, its steepest
    step, and the longest time between two readings over which 1 kWh or more flowed.
    """

    count: int
    fall_wh: int
    zero_after_wh: int
    jump_wh: int
    jump_s: int
    gap_wh: int
    gap_s: int


def readings_of(session_ids: Sequence[int]) -> dict[int, ReadThrough]:
    """Return what the readings of sessions did, for those that have two or more."""
    if not session_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(READ_THROUGH, [list(session_ids)])
        rows = cursor.fetchall()
    found = {}
    for session_id, count, fall_wh, zero_after_wh, jump, gap in rows:
        (jump_wh, jump_s), (gap_wh, gap_s) = jump[0], gap[0] if gap else (0, 0)
        found[session_id] = ReadThrough(
            count, fall_wh, zero_after_wh, jump_wh, jump_s, gap_wh, gap_s
        )
    return found


def quirks_of(station: Station) -> Quirks:
    """Return the habits of a station's make, as its operator has them switched."""
    words = dict(
        QuirkChoice.objects.filter(operator_id=station.operator_id).values_list(
            "known_id", "is_on"
        )
    )
    shipped = [row for row in KnownQuirk.objects.all() if words.get(row.pk, row.is_on)]
    own = Quirk.objects.filter(operator_id=station.operator_id, is_on=True)
    rules = [
        QuirkRule(
            kind=row.kind,
            value=row.value,
            vendor=row.vendor,
            model=row.model,
            firmware_from=row.firmware_from,
            firmware_to=row.firmware_to,
        )
        for row in (*shipped, *own)
    ]
    return quirks.match(
        rules, vendor=station.vendor, model=station.model, firmware=station.firmware_version
    )
