"""Letting somebody look on while a long import works."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Watch(Protocol):
    """Passes things on; whoever looks sees how far they came. A total of 0 is not known."""

    def __call__(self, items: Iterable[T], *, total: int, label: str) -> Iterator[T]:
        """Yield each item."""
        ...


def unwatched(items: Iterable[T], *, total: int, label: str) -> Iterator[T]:  # noqa: ARG001
    """Pass things on; nobody looks."""
    yield from items
