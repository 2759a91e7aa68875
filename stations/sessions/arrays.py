"""Columns of values as PostgreSQL array literals: one text each, whatever the length.

The driver would pick an array type by the largest number in it, so that one statement became
many prepared ones.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal


def integers(values: Iterable[int | Decimal | None]) -> str:
    """Return an array of numbers."""
    return "{" + ",".join(["NULL" if v is None else str(v) for v in values]) + "}"


def booleans(values: Iterable[bool]) -> str:
    """Return an array of truth values."""
    return "{" + ",".join(["t" if v else "f" for v in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    """Return an array of texts."""
    return "{" + ",".join([_quoted(v) for v in values]) + "}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


def instants(values: Iterable[datetime | None]) -> str:
    """Return an array of instants."""
    return "{" + ",".join(["NULL" if v is None else f'"{v.isoformat()}"' for v in values]) + "}"


def blobs(values: Iterable[bytes | None]) -> str:
    """Return an array of byte strings."""
    return "{" + ",".join(["NULL" if v is None else f'"\\\\x{v.hex()}"' for v in values]) + "}"
