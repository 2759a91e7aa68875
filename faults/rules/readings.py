"""A remarkable reading as the gateway told of it, made a sample again."""

from collections.abc import Iterator
from typing import Any

from faults.rules.facts import Notice, Sample

READING = "reading"
_NAMES = frozenset(Sample.__slots__) - {"at", "phases_a", "phases_v"}
_NO_PHASES = (None, None, None)


def readings_of(notices: tuple[Notice, ...]) -> Iterator[tuple[Notice, Sample]]:
    """Yield the remarkable readings among notices, each beside its notice, the oldest first."""
    found = sorted(
        (one for one in notices if one.kind == READING),
        key=lambda one: (one.occurred_at, one.id),
    )
    for notice in found:
        yield notice, sample_of(notice)


def sample_of(notice: Notice) -> Sample:
    """Return the sample a reading tells of."""
    said = {name: value for name, value in notice.detail.items() if name in _NAMES}
    phases: dict[str, Any] = {
        name: tuple(notice.detail.get(name) or _NO_PHASES) for name in ("phases_a", "phases_v")
    }
    return Sample(at=notice.occurred_at, **said, **phases)


def remarks_of(notice: Notice) -> frozenset[str]:
    """Return the words of `stations.metering.remarkable` for a reading; none where all is well."""
    return frozenset(notice.detail.get("remarks", ()))


def is_in_session(notice: Notice) -> bool:
    """Return whether a session went on when the reading was taken."""
    return notice.detail.get("in_session") is True
