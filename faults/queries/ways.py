"""An operator's ways out as their page shows them: where to, and how the last message fared."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from chargenet.core.models import Operator, Outbox
from faults.models import WayOut

# Of how many messages is looked for the newest of each way.
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class WayRow:
    """One way out; what its address carries behind the host may be a key, and is not shown."""

    id: int
    kind: str
    label: str
    address: str
    sender: str
    least: int
    created_at: datetime
    state: str
    at: datetime | None
    error: str
    attempts: int


def ways_of(operator: Operator) -> list[WayRow]:
    """Return an operator's ways out that are on, the oldest first."""
    ways = WayOut.objects.filter(operator=operator, is_active=True).order_by("pk")
    newest = _newest(operator)
    return [_row(way, newest.get(way.pk)) for way in ways]


def _newest(operator: Operator) -> dict[int, Outbox]:
    rows = Outbox.objects.filter(operator=operator, kind__in=WayOut.Kind.values)
    found: dict[int, Outbox] = {}
    for row in rows.order_by("-pk")[:LOOKED_AT]:
        found.setdefault(row.payload.get("way_id", 0), row)
    return found


def _row(way: WayOut, last: Outbox | None) -> WayRow:
    parts = urlsplit(way.url)
    return WayRow(
        id=way.pk,
        kind=way.kind,
        label=str(WayOut.Kind(way.kind).label),
        address=f"{parts.scheme}://{parts.netloc}/…",
        sender=way.sender,
        least=way.least,
        created_at=way.created_at,
        state=_state(last),
        at=(last.sent_at or last.failed_at or last.created_at) if last else None,
        error=last.last_error[:200] if last else "",
        attempts=last.attempts if last else 0,
    )


def _state(last: Outbox | None) -> str:
    if last is None:
        return "unused"
    if last.sent_at is not None:
        return "sent"
    return "failed" if last.failed_at is not None else "waiting"
