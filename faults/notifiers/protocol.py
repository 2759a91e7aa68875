"""What every way out of the house has in common."""

from collections.abc import Callable, Mapping
from typing import Any

# Payload and key of one outbox row; the key is the same however often it is sent.
Notifier = Callable[[Mapping[str, Any], str], None]


class NotifierError(Exception):
    """It did not go out; `permanent` says that trying again is of no use."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent
