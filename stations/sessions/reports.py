"""Reports: what a station says that a worker reads after it was answered."""

import json
from collections.abc import Iterable, Mapping

from stations.metering.facts import ReportFact
from stations.sessions.arrays import booleans, instants, integers, texts
from stations.sessions.arrivals import Arrival

INSERT_REPORTS = """
INSERT INTO stations_stationreport (operator_id, station_id, kind, request_id, seq_no, is_last,
    payload, received_at, attempts, error)
SELECT o, s, k, r, n, l, p, t, 0, ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::boolean[],
    %s::jsonb[], %s::timestamptz[]) AS v(o, s, k, r, n, l, p, t)
"""


def report_statements(
    reports: list[tuple[Arrival, ReportFact]],
) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Yield the statement that keeps a batch's reports, if there are any."""
    if not reports:
        return
    arrivals, facts = [a for a, _ in reports], [f for _, f in reports]
    yield (
        INSERT_REPORTS,
        (
            integers([a.station.operator_id for a in arrivals]),
            integers([a.station.id for a in arrivals]),
            texts([f.kind for f in facts]),
            integers([f.request_id for f in facts]),
            integers([f.seq_no for f in facts]),
            booleans([f.is_last for f in facts]),
            texts([json.dumps(storable(f.payload)) for f in facts]),
            instants([a.received_at for a in arrivals]),
        ),
    )


def storable(value: object) -> object:
    """Return a JSON value without what a JSON column cannot hold: NUL and half a character."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(storable(name)): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value
