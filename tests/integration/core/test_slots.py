from datetime import UTC, datetime, timedelta

import pytest

from chargenet.core import clock, slots
from chargenet.core.models import PeriodicRun

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_slot_is_claimed_once_and_the_next_one_again() -> None:
    first = slots.claim_slot(name="sweep", every_s=60, as_of=NOON)
    twin = slots.claim_slot(name="sweep", every_s=60, as_of=NOON + timedelta(seconds=59))
    following = slots.claim_slot(name="sweep", every_s=60, as_of=NOON + timedelta(seconds=60))
    other = slots.claim_slot(name="other", every_s=60, as_of=NOON)

    assert (first, twin, following, other) == (True, False, True, True)


def test_old_slots_are_forgotten() -> None:
    slots.claim_slot(name="sweep", every_s=60, as_of=NOON - timedelta(days=8))
    slots.claim_slot(name="sweep", every_s=60, as_of=NOON)

    assert PeriodicRun.objects.count() == 1


def test_a_periodic_task_runs_once_a_slot_and_whenever_a_person_asks(monkeypatch) -> None:
    swept: list[datetime] = []

    @slots.once_a_slot
    def sweep(as_of: datetime) -> None:
        swept.append(as_of)

    monkeypatch.setattr(clock, "now", lambda: NOON)
    sweep(every_s=60)
    sweep(every_s=60, of_a_later_release=True)
    assert swept == [NOON]

    sweep()
    assert swept == [NOON, NOON]
    assert sweep.__name__ == "sweep"
