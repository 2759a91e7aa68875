"""The station's clock, as far as it can be believed."""

from datetime import UTC, datetime, timedelta

# Before this a clock was never set: 1970, 0001 and 2014 are seen in the field.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
FAR_AHEAD = timedelta(days=1)


def read_instant(text: object, received_at: datetime, flags: list[str]) -> datetime:
    """Return when the station says it was, or when we heard of it where that cannot be.

    A time without zone is UTC; any offset and any number of decimals is read. What was odd is
    added to `flags`.
    """
    if not isinstance(text, str) or not text:
        flags.append("time_missing")
        return received_at
    try:
        instant = datetime.fromisoformat(text.strip())
        if instant.tzinfo is None:
            flags.append("time_without_zone")
            instant = instant.replace(tzinfo=UTC)
        instant = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        flags.append("time_unreadable")
        return received_at
    if instant < EARLIEST:
        flags.append("clock_unset")
        return received_at
    if instant > received_at + AHEAD:
        if instant > received_at + FAR_AHEAD:
            flags.append("clock_wrong")
            return received_at
        flags.append("clock_ahead")
    return instant
