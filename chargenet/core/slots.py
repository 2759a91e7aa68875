"""Periodic work that must run once, however many beats ask for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection

from chargenet.core import clock
from chargenet.core.models import PeriodicRun

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
KEPT_FOR = timedelta(days=7)
NAMES = ("__module__", "__name__", "__qualname__", "__doc__")


def once_a_slot(sweep: Callable[[datetime], None]) -> Callable[..., None]:
    """Make a periodic task of a sweep: of all the beats that ask, one runs it, told the instant.

    The period comes with the call, from the wiring; a call without one, a person's, always runs.
    """
    name = f"{sweep.__module__}.{sweep.__name__}"

    def run(*, every_s: int | None = None, **_: object) -> None:
        as_of = clock.now()
        if every_s is None or claim_slot(name=name, every_s=every_s, as_of=as_of):
            sweep(as_of)

    # Not functools.wraps: who looks at the task must see what it takes, not what the sweep takes.
    for part in NAMES:
        setattr(run, part, getattr(sweep, part))
    return run


def claim_slot(*, name: str, every_s: int, as_of: datetime) -> bool:
    """Take the slot an instant falls in; only the first of all callers gets True."""
    passed_s = int((as_of - EPOCH).total_seconds())
    slot = EPOCH + timedelta(seconds=passed_s - passed_s % every_s)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_periodicrun (name, slot, started_at) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [name, slot, as_of],
        )
        is_mine: bool = cursor.rowcount == 1
    if is_mine:
        PeriodicRun.objects.filter(name=name, slot__lt=as_of - KEPT_FOR).delete()
    return is_mine
