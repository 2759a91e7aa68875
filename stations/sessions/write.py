"""The statements of a batch: one a table, whatever the number of stations."""

import json
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from stations.metering.facts import Reading
from stations.metering.lifecycle import SessionState
from stations.sessions import packed
from stations.sessions import statements as sql
from stations.sessions.arrays import integers, texts
from stations.sessions.changes import Changes, Sampled
from stations.sessions.known import Known
from stations.sessions.reports import report_statements
from stations.sessions.talk import Talk
from stations.sessions.write_states import state_statements

Statement = tuple[str, tuple[packed.Column, ...]]

_KINDS: dict[str, Callable[[Sequence[Any]], packed.Column]] = {
    "bigint": packed.bigints,
    "int": packed.ints,
    "smallint": packed.smallints,
    "numeric": packed.numbers,
    "text": packed.texts,
    "timestamptz": packed.instants,
    "boolean": packed.booleans,
}
_READINGS = [_KINDS[kind] for _, kind in sql.METER_COLUMNS]
_reading_values = attrgetter(*(name for name, _ in sql.METER_COLUMNS))
_SESSIONS = [_KINDS[kind] for name, kind in sql.SESSION_TYPES.items() if name != "flags"]
_session_values = attrgetter(*(name for name in sql.SESSION_TYPES if name != "flags"))
_FLAGS_AT = list(sql.SESSION_TYPES).index("flags")
# Numbers are drawn ahead, so that a session that begins costs no wait of its own.
DRAWN = 500


async def write_changes(talk: Talk, changes: Changes, known: Known) -> None:
    """Let everything leave that a batch decided; it is written when the talk ends."""
    if changes.begun:
        await _draw_ids(talk, changes.begun, known.places.ids)
    begun = {session.id for session in changes.begun}
    touched = [s for s in known.sessions.values() if s.id not in begun]
    changed = [s for s in touched if s.is_changed]
    metered = [s for s in touched if s.is_metered and not s.is_changed]
    for text, values in _statements(changes, changed, metered):
        talk.ask(text, values)
    for session in changes.begun:
        session.is_changed = True
    known.settle()


async def _draw_ids(talk: Talk, sessions: list[SessionState], ids: list[int]) -> None:
    if len(ids) < len(sessions):
        drawn = talk.ask(sql.DRAW_SESSION_IDS, (str(DRAWN + len(sessions)),))
        await talk.hear()
        ids[:0] = [number for (number,) in reversed(talk.rows(drawn))]
    for session in sessions:
        session.id = ids.pop()


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
                packed.bigints([s.id for s in metered]),
                packed.bigints([s.last_register_wh for s in metered]),
                packed.ints([s.last_power_w for s in metered]),
                packed.smallints([s.last_soc_percent for s in metered]),
                packed.instants([s.last_meter_at for s in metered]),
            ),
        )
    if changes.samples:
        yield sql.INSERT_METER_VALUES, _sample_columns(changes.samples)
        yield from _meters(changes.samples)
    yield from _frames(changes)
    yield from _inbox(changes)
    yield from report_statements(changes.reports)
    yield from state_statements(changes)


def _session_columns(sessions: list[SessionState]) -> tuple[packed.Column, ...]:
    rows = zip(*map(_session_values, sessions), strict=True)
    columns = [pack(row) for pack, row in zip(_SESSIONS, rows, strict=True)]
    # a list of lists cannot be unnested row by row, so each row's flags travel as a literal
    columns.insert(_FLAGS_AT, packed.texts([texts(s.flags) for s in sessions]))
    return tuple(columns)


def _sample_columns(samples: list[Sampled]) -> tuple[packed.Column, ...]:
    readings = [sample.reading for sample in samples]
    stations = [sample.arrival.station for sample in samples]
    rows = zip(*map(_reading_values, readings), strict=True)
    return (
        packed.bigints([station.operator_id for station in stations]),
        packed.bigints([station.id for station in stations]),
        packed.bigints([sample.connector_id for sample in samples]),
        packed.bigints([sample.session.id if sample.session else None for sample in samples]),
        packed.instants([reading.occurred_at for reading in readings]),
        packed.instants([sample.arrival.received_at for sample in samples]),
        packed.texts([reading.context for reading in readings]),
        *(pack(row) for pack, row in zip(_READINGS, rows, strict=True)),
        packed.jsons([_extra(reading) for reading in readings]),
    )


def _extra(reading: Reading) -> bytes | None:
    pair_c = reading.temperature_pair_c
    if not reading.flags and not reading.other and pair_c is None:
        return None
    kept: dict[str, Any] = {"flags": list(dict.fromkeys(reading.flags)), "other": reading.other}
    if pair_c is not None:
        kept["pair_c"] = float(pair_c)
    return json.dumps(kept).encode()


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
                packed.bigints(list(newest)),
                packed.bigints([row[0] for row in rows]),
                packed.ints([row[1] for row in rows]),
                packed.instants([row[2] for row in rows]),
            ),
        )


def _frames(changes: Changes) -> Iterable[Statement]:
    if not changes.frames:
        return
    arrivals = [arrival for arrival, _ in changes.frames]
    yield (
        sql.INSERT_FRAMES,
        (
            packed.bigints([arrival.station.operator_id for arrival in arrivals]),
            packed.bigints([arrival.station.id for arrival in arrivals]),
            packed.instants([arrival.received_at for arrival in arrivals]),
            packed.texts([arrival.action[:40] for arrival in arrivals]),
            packed.texts([arrival.message_id[:36] for arrival in arrivals]),
            packed.texts([arrival.error[:40] for arrival in arrivals]),
            packed.blobs([arrival.raw for arrival in arrivals]),
            packed.blobs([answer or None for _, answer in changes.frames]),
        ),
    )


def _inbox(changes: Changes) -> Iterable[Statement]:
    if changes.answered:
        rows = changes.answered
        yield (
            sql.INSERT_INBOX,
            (
                packed.bigints([row.arrival.station.operator_id for row in rows]),
                packed.bigints([row.arrival.station.id for row in rows]),
                packed.texts([row.key for row in rows]),
                packed.blobs([row.arrival.payload_hash for row in rows]),
                packed.texts([row.arrival.action[:40] for row in rows]),
                packed.jsons([row.recorded.answer for row in rows]),
                packed.bigints([row.session.id if row.session else None for row in rows]),
                packed.instants([row.arrival.received_at for row in rows]),
                packed.texts([row.recorded.state for row in rows]),
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
