"""The statements of a batch: one a table, whatever the number of stations."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from psycopg import AsyncConnection

from stations.metering.facts import Reading
from stations.metering.lifecycle import SessionState
from stations.sessions import statements as sql
from stations.sessions.arrays import blobs, booleans, instants, integers, text_lists, texts
from stations.sessions.changes import Changes, Reported, Sampled
from stations.sessions.reports import report_statements

Connection = AsyncConnection[Any]
Column = Callable[[Iterable[Any]], str]
Statement = tuple[str, tuple[str, ...]]

_KINDS: dict[str, Column] = {
    "bigint": integers,
    "int": integers,
    "smallint": integers,
    "numeric": integers,
    "text": texts,
    "timestamptz": instants,
    "boolean": booleans,
}


async def write_changes(
    connection: Connection, changes: Changes, touched: Iterable[SessionState]
) -> None:
    """Write everything a batch decided, once the new sessions have their ids."""
    if changes.begun:
        await _draw_ids(connection, changes.begun)
    begun = {session.id for session in changes.begun}
    changed = [s for s in touched if s.is_changed and s.id not in begun]
    metered = [s for s in touched if s.is_metered and not s.is_changed and s.id not in begun]
    for text, values in _statements(changes, changed, metered):
        await connection.execute(text, values)


async def _draw_ids(connection: Connection, sessions: list[SessionState]) -> None:
    rows = await connection.execute(sql.DRAW_SESSION_IDS, (len(sessions),))
    for session, (number,) in zip(sessions, await rows.fetchall(), strict=True):
        session.id = number


def _statements(
    changes: Changes, changed: list[SessionState], metered: list[SessionState]
) -> Iterable[Statement]:
    if changes.begun:
        yield sql.INSERT_SESSIONS, _session_columns(changes.begun)
    if changed:
        yield sql.UPDATE_SESSIONS, _session_columns(changed)
    if metered:
        yield (
            sql.UPDATE_METERED,
            (
                integers([s.id for s in metered]),
                integers([s.last_register_wh for s in metered]),
                integers([s.last_power_w for s in metered]),
                integers([s.last_soc_percent for s in metered]),
                instants([s.last_meter_at for s in metered]),
            ),
        )
    if changes.samples:
        yield sql.INSERT_METER_VALUES, _sample_columns(changes.samples)
        yield from _meters(changes.samples)
    yield from _frames(changes)
    yield from _inbox(changes)
    yield from _statuses(changes)
    yield from _notices(changes)
    yield from report_statements(changes.reports)
    yield from _stations(changes)


def _session_columns(sessions: list[SessionState]) -> tuple[str, ...]:
    return tuple(
        text_lists([s.flags for s in sessions])
        if name == "flags"
        else _KINDS[kind]([getattr(s, name) for s in sessions])
        for name, kind in sql.SESSION_TYPES.items()
    )


def _sample_columns(samples: list[Sampled]) -> tuple[str, ...]:
    readings = [sample.reading for sample in samples]
    stations = [sample.arrival.station for sample in samples]
    return (
        integers([station.operator_id for station in stations]),
        integers([station.id for station in stations]),
        integers([sample.connector_id for sample in samples]),
        integers([sample.session.id if sample.session else None for sample in samples]),
        instants([reading.occurred_at for reading in readings]),
        instants([sample.arrival.received_at for sample in samples]),
        texts([reading.context for reading in readings]),
        *(integers([getattr(r, name) for r in readings]) for name, _ in sql.METER_COLUMNS),
        texts([_extra(reading) for reading in readings]),
    )


def _extra(reading: Reading) -> str | None:
    if not reading.flags and not reading.other:
        return None
    return json.dumps({"flags": list(dict.fromkeys(reading.flags)), "other": reading.other})


def _meters(samples: list[Sampled]) -> Iterable[Statement]:
    """Keep the newest believed register and power of each connector."""
    newest: dict[int, list[Any]] = {}
    for sample in samples:
        reading = sample.reading
        if sample.session is not None and not sample.session.is_open:
            continue
        row = newest.setdefault(sample.connector_id, [None, None, reading.occurred_at])
        if reading.energy_wh is not None and not reading.flags and reading.energy_wh >= 0:
            row[0] = reading.energy_wh
        row[1] = row[1] if reading.power_w is None else reading.power_w
        row[2] = max(row[2], reading.occurred_at)
    if newest:
        rows = list(newest.values())
        yield (
            sql.UPDATE_METERS,
            (
                integers(list(newest)),
                integers([row[0] for row in rows]),
                integers([row[1] for row in rows]),
                instants([row[2] for row in rows]),
            ),
        )


def _frames(changes: Changes) -> Iterable[Statement]:
    if not changes.frames:
        return
    arrivals = [arrival for arrival, _ in changes.frames]
    yield (
        sql.INSERT_FRAMES,
        (
            integers([arrival.station.operator_id for arrival in arrivals]),
            integers([arrival.station.id for arrival in arrivals]),
            instants([arrival.received_at for arrival in arrivals]),
            texts([arrival.action[:40] for arrival in arrivals]),
            texts([arrival.message_id[:36] for arrival in arrivals]),
            texts([arrival.error[:40] for arrival in arrivals]),
            blobs([arrival.raw for arrival in arrivals]),
            blobs([answer or None for _, answer in changes.frames]),
        ),
    )


def _inbox(changes: Changes) -> Iterable[Statement]:
    if changes.answered:
        rows = changes.answered
        yield (
            sql.INSERT_INBOX,
            (
                integers([row.arrival.station.operator_id for row in rows]),
                integers([row.arrival.station.id for row in rows]),
                texts([row.key for row in rows]),
                blobs([row.arrival.payload_hash for row in rows]),
                texts([row.arrival.action[:40] for row in rows]),
                texts([row.recorded.answer.decode() for row in rows]),
                integers([row.session.id if row.session else None for row in rows]),
                instants([row.arrival.received_at for row in rows]),
                texts([row.recorded.state for row in rows]),
            ),
        )
    if changes.duplicates:
        yield (
            sql.COUNT_DUPLICATES,
            (
                integers([arrival.station.id for arrival in changes.duplicates]),
                texts([arrival.facts.key for arrival in changes.duplicates]),
            ),
        )
    if changes.conflicts:
        yield (
            sql.KEEP_CONFLICTS,
            (
                integers([arrival.station.id for arrival, _ in changes.conflicts]),
                texts([arrival.facts.key for arrival, _ in changes.conflicts]),
                texts([content for _, content in changes.conflicts]),
            ),
        )


def _statuses(changes: Changes) -> Iterable[Statement]:
    if not changes.statuses:
        return
    rows = changes.statuses
    facts = [row.fact for row in rows]
    yield (
        sql.INSERT_STATUS_CHANGES,
        (
            integers([row.arrival.station.operator_id for row in rows]),
            integers([row.arrival.station.id for row in rows]),
            integers([row.connector_id for row in rows]),
            texts([fact.status for fact in facts]),
            texts([fact.error_code for fact in facts]),
            texts([fact.vendor_id for fact in facts]),
            texts([fact.vendor_error_code for fact in facts]),
            texts([fact.info for fact in facts]),
            instants([fact.occurred_at for fact in facts]),
            instants([row.arrival.received_at for row in rows]),
        ),
    )
    yield from _present_states(rows)


def _present_states(rows: list[Reported]) -> Iterable[Statement]:
    placed = [row for row in rows if row.connector_id is not None]
    if placed:
        yield (
            sql.UPDATE_CONNECTORS,
            (
                integers([row.connector_id for row in placed]),
                texts([row.fact.status for row in placed]),
                texts([row.fact.error_code for row in placed]),
                texts([row.fact.vendor_error_code for row in placed]),
                instants([row.fact.occurred_at for row in placed]),
                instants([row.arrival.received_at for row in placed]),
            ),
        )
    whole = [row for row in rows if row.fact.place.is_station]
    if whole:
        yield (
            sql.UPDATE_STATION_STATUS,
            (
                integers([row.arrival.station.id for row in whole]),
                texts([row.fact.status for row in whole]),
                texts([row.fact.error_code for row in whole]),
            ),
        )


def _notices(changes: Changes) -> Iterable[Statement]:
    if changes.notices:
        rows = changes.notices
        yield (
            sql.INSERT_OBSERVATIONS,
            (
                integers([row.arrival.station.operator_id for row in rows]),
                integers([row.arrival.station.id for row in rows]),
                integers([row.connector_id for row in rows]),
                texts([row.notice.kind for row in rows]),
                texts([row.notice.source_id for row in rows]),
                texts([json.dumps(row.notice.detail) for row in rows]),
                instants([row.notice.occurred_at for row in rows]),
                instants([row.arrival.received_at for row in rows]),
            ),
        )
    if changes.orphans:
        stops = [fact for _, fact in changes.orphans]
        arrivals = [arrival for arrival, _ in changes.orphans]
        yield (
            sql.INSERT_ORPHANS,
            (
                integers([arrival.station.operator_id for arrival in arrivals]),
                integers([arrival.station.id for arrival in arrivals]),
                texts([fact.transaction for fact in stops]),
                texts([fact.token.uid if fact.token else "" for fact in stops]),
                integers([fact.register_wh for fact in stops]),
                texts([fact.reason for fact in stops]),
                instants([fact.occurred_at for fact in stops]),
                instants([arrival.received_at for arrival in arrivals]),
                texts([json.dumps({"flags": arrival.facts.flags}) for arrival in arrivals]),
            ),
        )


def _stations(changes: Changes) -> Iterable[Statement]:
    if changes.boots:
        facts = [fact for _, fact in changes.boots]
        yield (
            sql.UPDATE_BOOTED,
            (
                integers([arrival.station.id for arrival, _ in changes.boots]),
                texts([fact.vendor for fact in facts]),
                texts([fact.model for fact in facts]),
                texts([fact.serial_number for fact in facts]),
                texts([fact.firmware_version for fact in facts]),
                instants([arrival.received_at for arrival, _ in changes.boots]),
            ),
        )
    if changes.seen:
        yield (
            sql.UPDATE_SEEN,
            (integers(list(changes.seen)), instants(list(changes.seen.values()))),
        )
