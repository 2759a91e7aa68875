"""The rarer statements of a batch: states, notices, orphan stops, boots, signs of life."""

import json
from collections.abc import Iterable

from stations.sessions import statements as sql
from stations.sessions.arrays import instants, integers, texts
from stations.sessions.changes import Changes, Reported

Statement = tuple[str, tuple[str, ...]]


def state_statements(changes: Changes) -> Iterable[Statement]:
    """Yield what a batch says of places and stations."""
    yield from _statuses(changes)
    yield from _notices(changes)
    yield from _stations(changes)


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
