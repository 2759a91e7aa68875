"""A worker killed (-9) at each write of a step of healing: never two commands for a step."""

from datetime import timedelta

import pytest

from faults import healing
from faults.models import Fault, Healing, HealingStep
from stations.models import Command
from tests.cast import Cast, make_cast
from tests.chaos.conftest import Report
from tests.chaos.killed import kill_at_every_write
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]


def ill(made: Cast) -> Fault:
    """A station in reach, whose operator lets it be mended, with a fault that a restart mends."""
    scene.hear(made.dc_station, at=NOON)
    healing.set_policy(
        operator_id=made.operator.pk,
        mode="on",
        makes_safe=True,
        changed_by=made.cilla,
        as_of=NOON,
    )
    return Fault.objects.create(
        operator=made.operator,
        code="F36",
        scope="connector",
        scope_key=f"connector:{made.tethered.pk}",
        location=made.location,
        station=made.dc_station,
        connector=made.tethered,
        severity=3,
        state="firing",
        began_at=NOON,
        opened_at=NOON,
        last_seen_at=NOON,
    )


def test_a_step_that_is_killed_is_taken_once(report: Report) -> None:
    fault = ill(make_cast())

    deaths = kill_at_every_write(lambda: healing.heal_fault(fault_id=fault.pk, as_of=NOON))

    assert deaths >= 3, "the healing, the command and the step are three writes"
    # who was nudged twice, and the sweep behind both, find it taken
    healing.heal_fault(fault_id=fault.pk, as_of=NOON + timedelta(seconds=1))
    healing.sweep_healings(as_of=NOON + timedelta(seconds=2))
    step = HealingStep.objects.get()
    assert step.command == Command.objects.get()
    assert Healing.objects.get().check_at == NOON + minutes(5)
    report("killed: a step of healing", deaths=deaths, twice=0)


def test_the_end_of_a_healing_that_is_killed_is_written_once(report: Report) -> None:
    made = make_cast()
    fault = ill(made)
    Fault.objects.filter(pk=fault.pk).update(code="F21", severity=1)
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=NOON + minutes(60))

    deaths = kill_at_every_write(
        lambda: healing.heal_fault(fault_id=fault.pk, as_of=NOON + minutes(61))
    )

    assert deaths >= 2, "the release and the healing are two writes"
    healing.heal_fault(fault_id=fault.pk, as_of=NOON + minutes(62))
    said = [each.payload["operative"] for each in Command.objects.order_by("pk")]
    assert said == [False, True], "locked once and opened once"
    report("killed: the end of a healing", deaths=deaths, twice=0)
