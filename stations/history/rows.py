"""The rows of a session list as sessions, thousands at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from chargenet.core.models import Operator
from stations.history.places import PlaceIds, PlaceKey
from stations.metering.session_list import ListedSession
from stations.models import CableFitting, Session, Token

SOURCE: Final = "import"
# Keeps list ids apart from what stations number themselves.
TRANSACTION_PREFIX: Final = "import:"
TOKENS_AT_ONCE: Final = 2000

# When a cable came to a connector, when it went, and which.
Fitting = tuple[datetime, datetime | None, int]

# One column of values each; what every row shares comes after, in the order of the statement.
COLUMNS: Final = {
    "station_id": "bigint",
    "connector_id": "bigint",
    "cable_id": "bigint",
    "token_id": "bigint",
    "driver_id": "bigint",
    "id_tag": "text",
    "ocpp_transaction_id": "text",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
    "energy_wh": "bigint",
    "flag": "text",
}
# Written by hand: Django's bulk_create quotes the flags of each row by itself, which took longer
# than all the rest. What the sweeps of today look at is today's: history was completed when it
# ended.
INSERT: Final = f"""
INSERT INTO stations_session (
    operator_id, station_id, connector_id, cable_id, token_id, driver_id, id_tag,
    ocpp_transaction_id, state, started_at, ended_at, completed_at, received_at, energy_wh, flags,
    source, parking_s, stop_reason, needs_review
)
SELECT %s, station_id, connector_id, cable_id, token_id, driver_id, id_tag,
    ocpp_transaction_id, CASE WHEN flag = '' THEN %s ELSE %s END, started_at, ended_at, ended_at,
    %s, energy_wh, array_remove(ARRAY[flag], ''), %s, 0, '', false
FROM unnest({", ".join(f"%s::{kind}[]" for kind in COLUMNS.values())}) AS row({", ".join(COLUMNS)})
ON CONFLICT (station_id, ocpp_transaction_id) DO NOTHING
"""  # noqa: S608  the names are ours


def make_tokens(*, operator: Operator, uids: Iterable[str]) -> dict[str, Token]:
    """Return a token for each customer id of a list, made where it is missing."""
    uids = list(uids)
    Token.objects.bulk_create(
        (Token(operator=operator, uid=uid, label=uid[:80]) for uid in uids),
        ignore_conflicts=True,
        batch_size=TOKENS_AT_ONCE,
    )
    keys = {uid.lower(): None for uid in uids}
    known = {
        token.uid_key: token
        for token in Token.objects.filter(operator=operator, uid_key__in=list(keys))
    }
    return {uid: known[uid.lower()] for uid in uids}


def count_known(rows: Sequence[ListedSession], places: Mapping[PlaceKey, PlaceIds]) -> int:
    """Return how many of these rows are stored already."""
    return len(_known(rows, places))


@transaction.atomic
def record_sessions(
    *,
    operator: Operator,
    rows: Sequence[ListedSession],
    flags: Mapping[int, str],
    places: Mapping[PlaceKey, PlaceIds],
    tokens: Mapping[str, Token],
    as_of: datetime,
) -> int:
    """Store rows of a list as sessions; return how many were stored already.

    A flagged row is kept as such and never billed. `flags` goes by line.
    """
    known = _known(rows, places)
    fittings = _fittings({places[row.station, row.connector].connector_id for row in rows})
    missing = [
        _values(row, places[row.station, row.connector], flags.get(row.line, ""), tokens, fittings)
        for row in rows
        if _key(places[row.station, row.connector], row) not in known
    ]
    if missing:
        states = [Session.State.COMPLETED.value, Session.State.FLAGGED.value]
        columns = [list(column) for column in zip(*missing, strict=True)]
        given: list[Any] = [operator.pk, *states, as_of, SOURCE, *columns]
        with connection.cursor() as cursor:
            cursor.execute(INSERT, given)
    return len(known)


def _key(place: PlaceIds, row: ListedSession) -> tuple[int, str]:
    return place.station_id, TRANSACTION_PREFIX + row.session


def _known(
    rows: Sequence[ListedSession], places: Mapping[PlaceKey, PlaceIds]
) -> set[tuple[int, str]]:
    keys = {
        _key(place, row)
        for row in rows
        if (place := places.get((row.station, row.connector))) is not None
    }
    found = Session.objects.filter(
        station_id__in={station_id for station_id, _ in keys},
        ocpp_transaction_id__in=[transaction_id for _, transaction_id in keys],
    )
    return keys & set(found.values_list("station_id", "ocpp_transaction_id"))


def _fittings(connector_ids: Iterable[int]) -> dict[int, list[Fitting]]:
    found: dict[int, list[Fitting]] = {}
    rows = CableFitting.objects.filter(connector_id__in=connector_ids)
    for fitting in rows:
        found.setdefault(fitting.connector_id, []).append(
            (fitting.fitted_at, fitting.removed_at, fitting.cable_id)
        )
    return found


def _cable_at(fittings: Iterable[Fitting], at: datetime) -> int | None:
    for fitted_at, removed_at, cable_id in fittings:
        if fitted_at <= at and (removed_at is None or at < removed_at):
            return cable_id
    return None


def _values(
    row: ListedSession,
    place: PlaceIds,
    flag: str,
    tokens: Mapping[str, Token],
    fittings: Mapping[int, Iterable[Fitting]],
) -> tuple[object, ...]:
    """Return one session in the order of COLUMNS; an end before its start is no end."""
    token = tokens.get(row.customer)
    is_whole = row.ended_at is not None and row.ended_at >= row.started_at
    is_energy = row.energy_wh is not None and row.energy_wh >= 0
    return (
        place.station_id,
        place.connector_id,
        _cable_at(fittings.get(place.connector_id, ()), row.started_at),
        token.pk if token else None,
        token.driver_id if token else None,
        token.uid if token else "",
        TRANSACTION_PREFIX + row.session,
        row.started_at,
        row.ended_at if is_whole else None,
        row.energy_wh if is_energy else None,
        flag,
    )
