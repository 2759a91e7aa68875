"""A clock that was never set still runs: what it counts is put where it belongs."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from stations.metering.facts import ClockFact, Facts, StationView
from stations.ocpp.instants import EARLIEST
from stations.ocpp.kept import Handle
from stations.ocpp.words import children, wire_instant

# Before this no clock counts from: it is the zero of a language, not a time.
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LISTS: Final = ("meterValue", "transactionData")
# What the line and the queue make of two equal offsets.
NOISE: Final = timedelta(seconds=5)
UNSET: Final = "clock_unset"


def put_right(
    handle: Handle,
    station: StationView,
    received_at: datetime,
    payload: dict[str, Any],
    facts: Facts,
) -> Facts:
    """Return the facts of a frame whose times were counted from a start nobody set.

    The newest time of a frame cannot be later than when it came: the smallest distance seen on a
    connection is how far the clock is off, exact once one frame was not queued. A session that
    began before a smaller one was seen is moved by the difference.
    """
    stamps = [at for at in map(_counted, _stamps(payload)) if at is not None]
    if not stamps:
        return facts
    before, offset = station.clock_offset, received_at - max(stamps)
    if before is None:
        station.clock_since = received_at
    station.clock_offset = offset if before is None else min(before, offset)
    right = handle(station, received_at, _moved(payload, station.clock_offset))
    shift = before - station.clock_offset if before is not None else timedelta(0)
    moved = (ClockFact(shift, station.clock_since),) if shift > NOISE else ()
    flags = (*right.flags, UNSET if before is None else "clock_repaired")
    # The key is the frame's own: the same frame again has the same one, whatever is known by then.
    return msgspec.structs.replace(
        right, facts=(*right.facts, *moved), key=facts.key, flags=tuple(dict.fromkeys(flags))
    )


def _stamps(payload: dict[str, Any]) -> list[object]:
    values = [value for name in LISTS for value in children(payload, name)]
    return [payload.get("timestamp"), *(value.get("timestamp") for value in values)]


def _counted(stamp: object) -> datetime | None:
    """Return the time of an unset clock that runs, or None: midnight sharp is a default."""
    if not isinstance(stamp, str):
        return None
    try:
        at = datetime.fromisoformat(stamp.strip())
    except ValueError:
        return None
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    runs = EPOCH <= at < EARLIEST and at.time() != EPOCH.time()
    return at if runs else None


def _moved(payload: dict[str, Any], offset: timedelta) -> dict[str, Any]:
    moved = {**payload, "timestamp": _shifted(payload.get("timestamp"), offset)}
    if moved["timestamp"] is None:
        del moved["timestamp"]
    for name in LISTS:
        if name in payload:
            moved[name] = [
                {**value, "timestamp": _shifted(value.get("timestamp"), offset)}
                for value in children(payload, name)
            ]
    return moved


def _shifted(stamp: object, offset: timedelta) -> object:
    at = _counted(stamp)
    return stamp if at is None else wire_instant(at + offset)
