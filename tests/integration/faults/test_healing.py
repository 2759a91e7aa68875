"""Healing on rows: one command a step, none in a dry run, none beside a session."""

from datetime import timedelta

import pytest

from faults import healing
from faults.models import Fault, Healing, HealingPolicy, HealingStep
from stations.models import Command, Connector, Session
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    made = cast.make_cast()
    scene.hear(made.dc_station, at=NOON)
    return made


def allow(made: Cast, mode: str = "on") -> None:
    healing.set_policy(
        operator_id=made.operator.pk,
        mode=mode,
        makes_safe=True,
        changed_by=made.cilla,
        as_of=NOON,
    )


def fault_of(made: Cast, code: str = "F36", severity: int = 3) -> Fault:
    return Fault.objects.create(
        operator=made.operator,
        code=code,
        scope="connector",
        scope_key=f"connector:{made.tethered.pk}",
        location=made.location,
        station=made.dc_station,
        connector=made.tethered,
        severity=severity,
        state="firing",
        began_at=NOON,
        opened_at=NOON,
        last_seen_at=NOON,
    )


def charging(made: Cast) -> Session:
    session = scene.charge(made.tethered, made.astrids_token, at=NOON)
    Session.objects.filter(pk=session.pk).update(
        state="open", ended_at=None, completed_at=None, energy_wh=None
    )
    return session


def test_a_step_is_one_command_however_often_it_is_asked_for(made: Cast) -> None:
    allow(made)
    fault = fault_of(made)

    for second in range(3):
        healing.heal_fault(fault_id=fault.pk, as_of=NOON + timedelta(seconds=second))

    command = Command.objects.get()
    assert (command.action, command.payload) == ("reset", {"type": "soft"})
    assert Healing.objects.get().check_at == NOON + minutes(5)


def test_a_dry_run_says_what_it_would_do_and_sends_nothing(made: Cast) -> None:
    fault = fault_of(made)

    healing.heal_fault(fault_id=fault.pk, as_of=NOON)

    assert not Command.objects.exists()
    assert HealingStep.objects.get().is_dry_run


def test_nobody_is_cut_off_and_the_reset_comes_when_they_have_gone(made: Cast) -> None:
    allow(made)
    fault, session = fault_of(made), charging(made)

    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    assert not Command.objects.exists()
    assert Healing.objects.get().why == "somebody_charges"

    session.delete()
    assert healing.sweep_healings(as_of=NOON + minutes(3)) == 1
    assert Command.objects.get().action == "reset"


def test_who_has_just_plugged_in_is_given_time_before_a_reset(made: Cast) -> None:
    allow(made)
    fault = fault_of(made)
    place = Connector.objects.filter(station=made.dc_station)
    place.update(status="Preparing", status_received_at=NOON - minutes(1))

    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    assert not Command.objects.exists()
    assert Healing.objects.get().why == "somebody_at_plug"

    scene.hear(made.dc_station, at=NOON + minutes(5))
    assert healing.sweep_healings(as_of=NOON + minutes(5)) == 1
    assert Command.objects.get().action == "reset"


def test_danger_stops_the_session_and_locks_the_place_whatever_the_mode(made: Cast) -> None:
    fault = fault_of(made, "F21", severity=1)
    charging(made)

    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    healing.sweep_healings(as_of=NOON + minutes(1))
    healing.sweep_healings(as_of=NOON + minutes(9))

    sent = list(Command.objects.order_by("pk").values_list("action", flat=True))
    assert sent == ["remote_stop", "change_availability"]
    assert Command.objects.last().payload["operative"] is False  # type: ignore[union-attr]


def test_what_was_locked_is_opened_again_once_the_fault_is_cleared(made: Cast) -> None:
    fault = fault_of(made, "F21", severity=1)
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=NOON + minutes(60))

    for _ in range(2):
        healing.heal_fault(fault_id=fault.pk, as_of=NOON + minutes(61))

    said = [each.payload["operative"] for each in Command.objects.order_by("pk")]
    assert said == [False, True]


def test_a_place_stays_locked_while_another_danger_holds_there(made: Cast) -> None:
    hot, live = fault_of(made, "F21", severity=1), fault_of(made, "F29", severity=1)
    for fault in (hot, live):
        healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    opened = Command.objects.filter(action="change_availability", payload__operative=True)

    Fault.objects.filter(pk=hot.pk).update(state="cleared", cleared_at=NOON + minutes(5))
    healing.heal_fault(fault_id=hot.pk, as_of=NOON + minutes(5))
    assert not opened.exists()

    Fault.objects.filter(pk=live.pk).update(state="cleared", cleared_at=NOON + minutes(9))
    healing.heal_fault(fault_id=live.pk, as_of=NOON + minutes(9))
    assert opened.count() == 1
    assert not Healing.objects.filter(released_at__isnull=False).exists()

    opened.update(state="accepted", finished_at=NOON + minutes(10))
    healing.sweep_healings(as_of=NOON + minutes(12))
    assert Healing.objects.filter(released_at=NOON + minutes(10)).count() == 2
    assert opened.count() == 1


def test_a_station_is_not_opened_while_one_of_its_plugs_is_in_danger(made: Cast) -> None:
    hot, pressed = fault_of(made, "F21", severity=1), fault_of(made, "F08", severity=1)
    whole = {"connector": None, "scope": "station", "scope_key": f"station:{made.dc_station.pk}"}
    Fault.objects.filter(pk=pressed.pk).update(**whole)
    for fault in (hot, pressed):
        healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    opened = Command.objects.filter(action="change_availability", payload__operative=True)

    Fault.objects.filter(pk=pressed.pk).update(state="cleared", cleared_at=NOON + minutes(5))
    healing.heal_fault(fault_id=pressed.pk, as_of=NOON + minutes(5))
    assert not opened.exists()

    Fault.objects.filter(pk=hot.pk).update(state="cleared", cleared_at=NOON + minutes(9))
    healing.heal_fault(fault_id=hot.pk, as_of=NOON + minutes(9))
    # the whole station, which also opens the plug
    assert {"operative": True} in opened.values_list("payload", flat=True)


def test_what_helped_is_written_down_and_a_real_session_proves_it(made: Cast) -> None:
    allow(made)
    fault = fault_of(made)
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    Command.objects.update(state="accepted")
    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=NOON + minutes(2))
    healing.heal_fault(fault_id=fault.pk, as_of=NOON + minutes(2))
    assert HealingStep.objects.get().has_helped is True
    assert healing.sweep_proofs(as_of=NOON + minutes(3)) == 0

    scene.charge(made.tethered, made.bos_token, at=NOON + minutes(30))

    assert healing.sweep_proofs(as_of=NOON + minutes(90)) == 1
    assert Healing.objects.get().verified_at == NOON + minutes(70)


def test_a_step_nobody_heard_of_helped_nothing(made: Cast) -> None:
    allow(made)
    fault = fault_of(made)
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    Command.objects.update(state="expired")
    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=NOON + minutes(2))

    healing.heal_fault(fault_id=fault.pk, as_of=NOON + minutes(2))

    assert HealingStep.objects.get().has_helped is False
    assert Healing.objects.get().healed_at is None


def test_a_reset_that_never_left_is_tried_again_before_a_harder_one(made: Cast) -> None:
    allow(made)
    fault = fault_of(made, "F02")
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    healing.sweep_healings(as_of=NOON + minutes(2))
    Command.objects.filter(action="reset").update(state="expired")

    healing.sweep_healings(as_of=NOON + minutes(8))

    resets = Command.objects.filter(action="reset").order_by("pk")
    assert [each.payload["type"] for each in resets] == ["soft", "soft"]


def test_a_lost_nudge_is_found_by_the_sweep(made: Cast) -> None:
    allow(made)
    fault_of(made)

    assert healing.sweep_healings(as_of=NOON) == 1

    assert Command.objects.count() == 1


def test_switched_off_is_off(made: Cast) -> None:
    allow(made, HealingPolicy.Mode.OFF)
    fault = fault_of(made)

    healing.heal_fault(fault_id=fault.pk, as_of=NOON)

    assert not HealingStep.objects.exists()


def test_a_place_is_locked_when_its_station_comes_back_and_opened_when_it_comes_back(
    made: Cast,
) -> None:
    fault = fault_of(made, "F21", severity=1)
    station_id, said = made.dc_station.pk, Command.objects.order_by("pk")
    scene.hear(made.dc_station, at=NOON, is_online=False)
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    healing.sweep_healings(as_of=NOON + minutes(60))
    assert not said.exists()
    assert Healing.objects.get().why == "offline"

    scene.hear(made.dc_station, at=NOON + minutes(61))
    healing.heal_station(station_id=station_id, as_of=NOON + minutes(61))
    assert [one.payload["operative"] for one in said] == [False]
    said.update(state="accepted")

    scene.hear(made.dc_station, at=NOON + minutes(62), is_online=False)
    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=NOON + minutes(90))
    healing.heal_fault(fault_id=fault.pk, as_of=NOON + minutes(90))
    assert said.count() == 1

    scene.hear(made.dc_station, at=NOON + minutes(95))
    healing.heal_station(station_id=station_id, as_of=NOON + minutes(95))
    assert [one.payload["operative"] for one in said] == [False, True]


@pytest.mark.parametrize("ending", ["expired", "rejected", "timeout"])
def test_what_a_station_did_not_do_is_told_again_the_lock_and_its_release(
    made: Cast, ending: str
) -> None:
    fault = fault_of(made, "F21", severity=1)
    said = Command.objects.order_by("pk")
    healing.heal_fault(fault_id=fault.pk, as_of=NOON)
    said.update(state=ending)
    healing.sweep_healings(as_of=NOON + minutes(3))
    assert [one.payload["operative"] for one in said] == [False, False]
    said.update(state="accepted")

    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=NOON + minutes(20))
    healing.sweep_healings(as_of=NOON + minutes(20))
    said.filter(payload__operative=True).update(state=ending)
    healing.sweep_healings(as_of=NOON + minutes(23))
    assert [one.payload["operative"] for one in said] == [False, False, True, True]
    assert Healing.objects.get().released_at is None
