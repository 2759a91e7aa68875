"""Instants counted within a sliding window, kept as text in a rule's state."""

from collections.abc import Iterable
from datetime import datetime, timedelta

MOST = 200


def recent(
    instants: Iterable[str], as_of: datetime, window: timedelta, most: int = MOST
) -> list[str]:
    """Return the instants within a window before now, each once, the oldest first."""
    oldest = as_of - window
    found = {one for one in instants if datetime.fromisoformat(one) > oldest}
    return sorted(found, key=datetime.fromisoformat)[-most:]


def leaves_at(instants: list[str], least: int, window: timedelta) -> datetime:
    """Return when fewer than `least` of the instants are left within the window."""
    return datetime.fromisoformat(instants[-least]) + window
