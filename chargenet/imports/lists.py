"""From a historic session list to the ledger: kept, rated, invoiced, posted, and told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from chargenet.core.models import Operator
from chargenet.imports import books, prices
from chargenet.imports.watching import Watch
from stations import history, recordings
from stations.history import PlaceIds, PlaceKey, Survey
from stations.metering.session_list import FLAGS, Flagger, ListedSession
from stations.recordings import ListMapping, WrongRow

T = TypeVar("T")
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class ListImport:
    """One list to be imported, and how to read and price it."""

    operator: Operator
    path: Path
    mapping: ListMapping
    prices: prices.Prices
    with_invoices: bool = True


@dataclass(frozen=True)
class Told:
    """What came of an import: the list's rows as judged, its sessions' amounts as they stand."""

    rows: int
    sessions: int
    already_there: int
    flagged: dict[str, int]
    errors: list[WrongRow]
    rounded: int
    amounts: books.Amounts


@dataclass(frozen=True)
class _Surveyed:
    survey: Survey
    flags: dict[int, str]
    wrong: list[WrongRow]


def import_sessions(order: ListImport, *, as_of: datetime, watch: Watch) -> Told:
    """Keep every row of a list, then rate, invoice and post its sessions.

    Running it again, or after it was killed, brings the same end. Raises recordings.ListRefused,
    history.PlaceTaken, prices.PricesRefused.
    """
    found = _survey(order, watch)
    operator = order.operator
    tariff = prices.keep_tariff(operator=operator, priced=order.prices)
    places = history.make_places(
        operator=operator, survey=found.survey, time_zone=order.mapping.zone.key
    )
    already_there = _keep(order, found, places, as_of, watch)
    station_ids = {place.station_id for place in places.values()}
    if tariff is not None:
        prices.assign_tariff(tariff=tariff, station_ids=station_ids, survey=found.survey)
    if not order.mapping.has_customers:
        prices.make_collective_customers(
            operator=operator, name=order.prices.collective_customer, station_ids=station_ids
        )
    scope = books.Scope(operator, frozenset(station_ids), order.prices.currency)
    scope.bill(as_of=as_of, watch=watch, with_invoices=order.with_invoices)
    return _told(found, already_there, scope)


def survey_sessions(order: ListImport, *, watch: Watch) -> Told:
    """Say what importing a list would find and flag; write nothing."""
    found = _survey(order, watch)
    places = history.find_places(order.operator, found.survey)
    rows = watch(_rows(order), total=found.survey.rows, label="comparing")
    already_there = sum(history.count_known(batch, places) for batch in _in_batches(rows))
    station_ids = frozenset(place.station_id for place in places.values())
    scope = books.Scope(order.operator, station_ids, order.prices.currency)
    return _told(found, already_there, scope)


def _survey(order: ListImport, watch: Watch) -> _Surveyed:
    flagger, survey = Flagger(), Survey()
    wrong: list[WrongRow] = []
    read = recordings.read_session_list(order.path, order.mapping)
    for row in watch(read, total=0, label="reading"):
        if isinstance(row, WrongRow):
            wrong.append(row)
        else:
            flagger.add(row)
            survey.add(row)
    return _Surveyed(survey, flagger.flags(), wrong)


def _keep(
    order: ListImport,
    found: _Surveyed,
    places: Mapping[PlaceKey, PlaceIds],
    as_of: datetime,
    watch: Watch,
) -> int:
    """Store the rows, some thousands in one transaction; return how many were there already."""
    tokens = history.make_tokens(operator=order.operator, uids=found.survey.customers)
    if found.survey.first_start is not None:
        prices.make_contracts(tokens=tokens, valid_from=found.survey.first_start)
    rows = watch(_rows(order), total=found.survey.rows, label="keeping")
    return sum(
        history.record_sessions(
            operator=order.operator,
            rows=batch,
            flags=found.flags,
            places=places,
            tokens=tokens,
            as_of=as_of,
        )
        for batch in _in_batches(rows)
    )


def _rows(order: ListImport) -> Iterator[ListedSession]:
    for row in recordings.read_session_list(order.path, order.mapping):
        if isinstance(row, ListedSession):
            yield row


def _in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        yield batch


def _told(found: _Surveyed, already_there: int, scope: books.Scope) -> Told:
    counts = Counter(found.flags.values())
    return Told(
        rows=found.survey.rows + len(found.wrong),
        sessions=found.survey.rows - len(found.flags),
        already_there=already_there,
        flagged={flag: counts[flag] for flag in FLAGS if counts[flag]},
        errors=found.wrong,
        rounded=found.survey.rounded,
        amounts=scope.amounts(),
    )
