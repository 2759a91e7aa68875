from datetime import UTC, datetime, timedelta

import pytest

from chargenet.core import slots
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
