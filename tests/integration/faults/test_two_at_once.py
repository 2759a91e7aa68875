"""Two workers, two relays, two people: at the same moment, committed for real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from chargenet.core.models import Outbox
from faults import detection, notifications, tickets
from faults.models import Fault, Notice, Ticket, TicketNote
from tests import cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.usefixtures("committed_db")


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Do things at the same moment, each on a connection of its own."""
    gate = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_many_examinations_of_one_station_are_one_fault_and_one_ticket() -> None:
    made = cast.make_cast()
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")

    def look() -> None:
        detection.reconcile_faults(station_id=made.ac_station.pk, as_of=NOON + minutes(1))

    at_once([look] * 6)

    assert Fault.objects.count() == Ticket.objects.count() == 1
    assert Notice.objects.count() == 2


def test_tickets_opened_at_the_same_moment_are_numbered_without_gap_or_twin() -> None:
    made = cast.make_cast()
    stations = [cast.make_station(made.location, f"NORD-AC-1{n}") for n in range(6)]
    for _, (socket,) in stations:
        scene.say(socket, "Faulted", at=NOON, code="ReaderFailure")

    at_once(
        [
            partial(detection.reconcile_faults, station_id=station.pk, as_of=NOON)
            for station, _ in stations
        ]
    )

    assert sorted(Ticket.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_two_relays_send_each_letter_once() -> None:
    made = cast.make_cast()
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.reconcile_faults(station_id=made.ac_station.pk, as_of=NOON)
    before = len(mail.outbox)
    soon = NOON + scene.GATHERED

    gathered = at_once([lambda: notifications.gather_due(as_of=soon)] * 4)
    sent = at_once([lambda: notifications.relay_due(as_of=soon)] * 4)

    assert sum(gathered) == 2

    assert sum(sent) == 2
    assert len(mail.outbox) - before == 2


def test_a_button_pressed_by_two_at_once_is_one_step() -> None:
    made = cast.make_cast()
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.reconcile_faults(station_id=made.ac_station.pk, as_of=NOON)
    resolve = partial(
        tickets.resolve_ticket,
        ticket_id=Ticket.objects.get().pk,
        actor_id=made.dag.pk,
        resolution="Done",
        finding=scene.REPAIRED,
        as_of=NOON,
    )

    at_once([resolve] * 5)

    assert TicketNote.objects.filter(detail__verb="resolve").count() == 1


def test_an_examination_that_is_killed_before_its_commit_is_made_good_by_the_next(
    monkeypatch,
) -> None:
    made = cast.make_cast()
    scene.say(made.socket, "Faulted", at=NOON, code="PowerSwitchFailure")
    scene.say(made.socket, "Available", at=NOON + minutes(0.1))

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("faults.downtimes.record", die)
        with pytest.raises(KeyboardInterrupt):
            detection.reconcile_faults(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    assert not Ticket.objects.exists()
    assert not Outbox.objects.exists()

    detection.reconcile_faults(station_id=made.ac_station.pk, as_of=NOON + minutes(2))

    assert Fault.objects.get().severity == 1
    assert Ticket.objects.count() == 1
    assert Outbox.objects.count() == 2
