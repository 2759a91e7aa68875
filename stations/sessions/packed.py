"""Columns of values as PostgreSQL arrays in binary: packed in one go, read without parsing.

A column that cannot be packed, or holds nothing, goes as text; the statement takes either.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import chain, repeat

Column = bytes | str

BOOL, BYTEA, INT8, INT2, INT4, TEXT, TIMESTAMPTZ, JSONB = 16, 17, 20, 21, 23, 25, 1184, 3802
NOTHING = "{}"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = b"\xff\xff\xff\xff"
# The length before each value, ready for all but the longest.
_SIZES = [struct.pack("!i", size) for size in range(4096)]


def _head(count: int, oid: int, *, has_null: bool) -> bytes:
    return struct.pack("!iiIii", 1, has_null, oid, count, 1)


@cache
def _packer(count: int, letter: str) -> struct.Struct:
    return struct.Struct("!" + f"i{letter}" * count)


def _fixed(values: Sequence[int | None], oid: int, letter: str, size: int) -> Column:
    """Return numbers of one size; of nothing at all an empty array, which reads as nothing."""
    nothing = values.count(None)
    if nothing == len(values):
        return NOTHING
    if not nothing:
        pairs = chain.from_iterable(zip(repeat(size), values, strict=False))
        return _head(len(values), oid, has_null=False) + _packer(len(values), letter).pack(*pairs)
    one = struct.Struct(f"!i{letter}")
    cells = [_NULL if value is None else one.pack(size, value) for value in values]
    return _head(len(values), oid, has_null=True) + b"".join(cells)


def bigints(values: Sequence[int | None]) -> Column:
    """Return 64-bit integers."""
    return _fixed(values, INT8, "q", 8)


def ints(values: Sequence[int | None]) -> Column:
    """Return 32-bit integers."""
    return _fixed(values, INT4, "i", 4)


def smallints(values: Sequence[int | None]) -> Column:
    """Return 16-bit integers."""
    return _fixed(values, INT2, "h", 2)


def instants(values: Sequence[datetime | None]) -> Column:
    """Return aware instants, as microseconds since 2000."""
    return _fixed([None if v is None else _micros(v) for v in values], TIMESTAMPTZ, "q", 8)


def _micros(instant: datetime) -> int:
    past = instant - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def booleans(values: Iterable[bool]) -> Column:
    """Return truth values."""
    cells = [b"\0\0\0\1\1" if value else b"\0\0\0\1\0" for value in values]
    return _head(len(cells), BOOL, has_null=False) + b"".join(cells)


def _bytes(values: Sequence[bytes | None], oid: int) -> Column:
    nothing = values.count(None)
    if nothing == len(values):
        return NOTHING
    cells = []
    for value in values:
        if value is None:
            cells.append(_NULL)
        else:
            size = len(value)
            cells.append(_SIZES[size] if size < 4096 else struct.pack("!i", size))
            cells.append(value)
    return _head(len(values), oid, has_null=nothing > 0) + b"".join(cells)


def blobs(values: Sequence[bytes | None]) -> Column:
    """Return byte strings."""
    return _bytes(values, BYTEA)


def texts(values: Iterable[str | None]) -> Column:
    """Return texts."""
    return _bytes([None if value is None else value.encode() for value in values], TEXT)


def jsons(values: Iterable[bytes | None]) -> Column:
    """Return JSON that is written already; the leading byte is the version of the format."""
    return _bytes([None if value is None else b"\x01" + value for value in values], JSONB)


def numbers(values: Sequence[Decimal | None]) -> Column:
    """Return decimal numbers, as text: the binary form is made of base 10,000 digits."""
    if values.count(None) == len(values):
        return NOTHING
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
