"""Rows in memory that a list narrows, orders, pages and writes to a file as it does a table's."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar, overload

R = TypeVar("R")


def as_rows(rows: Sequence[Any]) -> Any:
    """Return rows as a list takes them: in place of a table's."""
    return Held(rows)


class Held(Generic[R]):
    """A few hundred rows at most: each question goes through all of them.

    Filters and searches of its Spec return a function of a row instead of a condition.
    """

    def __init__(self, rows: Sequence[R]) -> None:
        self._rows = list(rows)

    @property
    def query(self) -> "Held[R]":
        """Return what a list asks how a table's rows are read: nothing is read here."""
        return self

    @property
    def select_related(self) -> bool:
        """Say that no row refers to what must be read."""
        return False

    def filter(self, where: Callable[[R], bool]) -> "Held[R]":
        """Return the rows that fit."""
        return Held([row for row in self._rows if where(row)])

    def order_by(self, *names: str) -> "Held[R]":
        """Return the rows in the order of some attributes; the last one weighs least."""
        rows = list(self._rows)
        for name in reversed([name for name in names if not name.endswith("pk")]):
            rows.sort(key=attrgetter(name.removeprefix("-")), reverse=name.startswith("-"))
        return Held(rows)

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def iterator(self, **_: int) -> Iterator[R]:
        """Yield the rows; in which parts they are read is no question here."""
        return iter(self._rows)

    @overload
    def __getitem__(self, wanted: int) -> R: ...
    @overload
    def __getitem__(self, wanted: slice) -> "Held[R]": ...
    def __getitem__(self, wanted: int | slice) -> Any:
        found = self._rows[wanted]
        return Held(found) if isinstance(found, list) else found

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
