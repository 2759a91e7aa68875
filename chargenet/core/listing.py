"""A list page: filters, sort and page live in the address, and the same list leaves as CSV."""

import csv
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from chargenet.core import formats

COUNT_LIMIT = 10_000  # beyond it a list says "10 000+": counting everything helps nobody
CSV_LIMIT = 100_000
CSV_CHUNK = 2_000  # described at a time: sessions with their places weigh some kB each
MAX_SEARCH = 80
Value = str | int | Decimal | datetime | bool | None
Where = Q | Callable[[Any], bool]  # of a table's rows, or of rows in memory (core.held)
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Column:
    """One column: how it is headed, sorted and written to a file."""

    key: str
    label: str
    order_by: tuple[str, ...] = ()
    is_number: bool = False
    csv: Callable[[Any], Value] | None = None


@dataclass(frozen=True)
class Filter:
    """One choice a reader may make; each value carries the condition it means."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    where: Callable[[str], Where]


@dataclass(frozen=True)
class Spec:
    """What a list can do."""

    name: str
    columns: tuple[Column, ...]
    default_sort: str
    filters: tuple[Filter, ...] = ()
    search: Callable[[str], Where] | None = None
    search_label: str = ""
    per_page: int = 50


@dataclass(frozen=True)
class State:
    """What the address asks for; nonsense in it is read as if it were not there."""

    sort: str
    page: int
    search: str
    chosen: dict[str, str]
    is_csv: bool


@dataclass(frozen=True)
class Heading:
    """One column's head with the address that sorts by it."""

    key: str
    label: str
    is_number: bool
    href: str = ""
    direction: str = ""  # ascending, descending or nothing: aria-sort


@dataclass(frozen=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class FilterView:
    """One filter as the page draws it."""

    name: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class ListPage:
    """One page of a list, ready for parts/list.html."""

    name: str
    headings: list[Heading]
    rows: list[Any]
    filters: list[FilterView]
    search: str
    search_label: str
    sort: str
    total: int
    is_capped: bool
    first: int
    last: int
    previous_href: str
    next_href: str
    csv_href: str
    is_filtered: bool
    hidden: list[tuple[str, str]] = field(default_factory=list)


def read_state(query: QueryDict, spec: Spec) -> State:
    """Read the list's state from an address."""
    sortable = {column.key for column in spec.columns if column.order_by}
    sort = query.get("sort", "")
    page = query.get("page", "1")
    chosen = {
        choice.name: value
        for choice in spec.filters
        if (value := query.get(choice.name, ""))
        and value in {allowed for allowed, _label in choice.choices}
    }
    return State(
        sort=sort if sort.removeprefix("-") in sortable else spec.default_sort,
        page=max(1, min(int(page), COUNT_LIMIT)) if page.isdecimal() and len(page) < 7 else 1,
        search=query.get("q", "").replace("\0", "").strip()[:MAX_SEARCH],
        chosen=chosen,
        is_csv=query.get("format") == "csv",
    )


def narrow(rows: models.QuerySet[M], state: State, spec: Spec) -> models.QuerySet[M]:
    """Return the rows the state asks for, in its order; the key last makes the order total."""
    for choice in spec.filters:
        if choice.name in state.chosen:
            rows = rows.filter(choice.where(state.chosen[choice.name]))
    if spec.search and state.search:
        rows = rows.filter(spec.search(state.search))
    columns = {column.key: column.order_by for column in spec.columns}
    order = columns[state.sort.removeprefix("-")]
    if state.sort.startswith("-"):
        order = tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)
    return rows.order_by(*order, "-pk")


def take_page(
    rows: models.QuerySet[M],
    *,
    query: QueryDict,
    spec: Spec,
    describe: Callable[[Sequence[M]], list[Any]],
) -> ListPage:
    """Read one page in two queries: the rows, and how many there are (up to 10 000)."""
    state = read_state(query, spec)
    rows = narrow(rows, state, spec)
    total = rows.order_by()[: COUNT_LIMIT + 1].count()
    start = (state.page - 1) * spec.per_page
    found = list(rows[start : start + spec.per_page + 1])
    shown = describe(found[: spec.per_page])
    return ListPage(
        name=spec.name,
        headings=[_heading(column, state, query) for column in spec.columns],
        rows=shown,
        filters=[_filter_view(choice, state) for choice in spec.filters],
        search=state.search,
        search_label=spec.search_label if spec.search else "",
        sort=state.sort,
        total=min(total, COUNT_LIMIT),
        is_capped=total > COUNT_LIMIT,
        first=start + 1 if shown else 0,
        last=start + len(shown),
        previous_href=address(query, page=state.page - 1) if state.page > 1 else "",
        next_href=address(query, page=state.page + 1) if len(found) > spec.per_page else "",
        csv_href=address(query, page=None, format="csv"),
        is_filtered=bool(state.chosen or state.search),
        hidden=_hidden_fields(query, spec),
    )


def address(query: QueryDict, **changes: str | int | None) -> str:
    """Return the same address with some of its parameters changed; None takes one away."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


def _heading(column: Column, state: State, query: QueryDict) -> Heading:
    if not column.order_by:
        return Heading(column.key, column.label, column.is_number)
    is_current = state.sort.removeprefix("-") == column.key
    is_descending = is_current and state.sort.startswith("-")
    # Figures are first asked for from the top, words from A.
    first = f"-{column.key}" if column.is_number else column.key
    turned = column.key if is_descending else f"-{column.key}"
    return Heading(
        key=column.key,
        label=column.label,
        is_number=column.is_number,
        href=address(query, sort=turned if is_current else first, page=None),
        direction=("descending" if is_descending else "ascending") if is_current else "",
    )


def _filter_view(choice: Filter, state: State) -> FilterView:
    chosen = state.chosen.get(choice.name, "")
    return FilterView(
        choice.name,
        choice.label,
        [Choice(value, label, value == chosen) for value, label in choice.choices],
    )


def _hidden_fields(query: QueryDict, spec: Spec) -> list[tuple[str, str]]:
    shown = {choice.name for choice in spec.filters} | {"q", "page", "format"}
    return [(name, str(value)) for name, value in query.items() if name not in shown]


def csv_response(
    rows: models.QuerySet[M],
    *,
    request: HttpRequest,
    spec: Spec,
    describe: Callable[[Sequence[M]], list[Any]],
) -> HttpResponse:
    """Return the whole filtered list as a file that the reader's spreadsheet opens as it is.

    Of a list longer than CSV_LIMIT the file holds the first rows, and says so in its last line.
    """
    narrowed = _lean(narrow(rows, read_state(request.GET, spec), spec))
    columns = [column for column in spec.columns if column.csv]
    lines: Iterable[list[str]] = (
        [cell(column.csv(row)) for column in columns if column.csv]
        for found in _parts(narrowed[:CSV_LIMIT].iterator(chunk_size=CSV_CHUNK))
        for row in describe(found)
    )
    if narrowed[CSV_LIMIT : CSV_LIMIT + 1]:
        goes_on = gettext("Only the first %(count)s rows: narrow the list to get the rest.")
        lines = itertools.chain(lines, [[goes_on % {"count": formats.number(CSV_LIMIT)}]])
    name = f"{spec.name}-{timezone.localdate().isoformat()}.csv"
    return csv_file(name, [column.label for column in columns], lines)


def _lean(rows: models.QuerySet[M]) -> models.QuerySet[M]:
    """Read what rows refer to once a part: thousands of rows share one station."""
    asked = rows.query.select_related
    if not isinstance(asked, dict):
        return rows
    return rows.select_related(None).prefetch_related(*_paths(asked))


def _paths(asked: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, deeper in asked.items():
        yield f"{before}{name}"
        yield from _paths(deeper, f"{before}{name}__")


def _parts(rows: Iterator[M]) -> Iterator[list[M]]:
    while part := list(itertools.islice(rows, CSV_CHUNK)):
        yield part


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Return rows as a file: BOM and semicolons in Swedish, commas in English."""
    # Written whole: a response that streams is read when the person's scope and clock are gone.
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    writer = csv.writer(response, delimiter=";" if formats.is_swedish() else ",")
    writer.writerow(head)
    writer.writerows(rows)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def cell(value: Value) -> str:
    """Write one value for a spreadsheet; text that would run there gets a quote before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Decimal):
        return str(value).replace(".", ",") if formats.is_swedish() else str(value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return str(value)
