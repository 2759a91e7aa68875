"""The one place that asks what time it is; only doors may call it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant, aware, UTC."""
    return datetime.now(UTC)
