"""What a lost nudge left is found by query, and a day without news costs nothing."""

import pytest

from chargenet import wiring
from chargenet.celery import app
from faults import detection, queries, tasks, tickets
from faults.models import Fault, RuleState, Ticket
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def unexamined(minute: float) -> list[int]:
    return queries.unexamined_station_ids(NOON + minutes(minute), 100)


def look_at_both(made: Cast, minute: float) -> None:
    for station in (made.ac_station, made.dc_station):
        detection.examine_station(station_id=station.pk, as_of=NOON + minutes(minute))


def test_a_station_without_news_is_left_alone(made: Cast) -> None:
    assert unexamined(9) == []


def test_a_status_whose_nudge_was_lost_is_found_after_a_minute(made: Cast) -> None:
    look_at_both(made, -9)
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    assert unexamined(0.5) == []
    assert unexamined(2) == [made.ac_station.pk]

    assert detection.sweep_unexamined(as_of=NOON + minutes(2)) == 1

    assert Fault.objects.get().code == "F36"
    assert unexamined(9) == []


def test_an_event_and_a_session_whose_nudges_were_lost_are_found(made: Cast) -> None:
    scene.report(made.tethered, "PowerContactor", at=NOON)
    scene.charge(made.socket, None, at=NOON - minutes(40))
    assert sorted(unexamined(2)) == sorted([made.ac_station.pk, made.dc_station.pk])
    look_at_both(made, 3)
    assert unexamined(9) == []


def test_a_repair_whose_nudge_was_lost_is_found(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="PowerSwitchFailure")
    scene.say(made.socket, "Available", at=NOON + minutes(1))
    look_at_both(made, 2)
    ticket = Ticket.objects.get()
    tickets.resolve_ticket(
        ticket_id=ticket.pk,
        actor_id=made.dag.pk,
        resolution="Safe",
        finding=scene.REPAIRED,
        as_of=NOON + minutes(20),
    )
    assert unexamined(22) == [made.ac_station.pk]
    detection.sweep_unexamined(as_of=NOON + minutes(22))
    assert Fault.objects.get().state == "cleared"
    assert unexamined(30) == []


def test_every_sweep_is_in_the_timetable_and_every_nudge_has_a_task() -> None:
    wanted = {task for _, (task, _) in wiring.BEAT.items() if task.startswith("faults.")}
    wanted |= {
        task
        for tasks_of in wiring.SUBSCRIBERS.values()
        for task in tasks_of
        if task.startswith("faults.")
    }
    mine = {name for name in app.tasks if name.startswith("faults.")}
    # what sweeps hand out
    parts = {"faults.tasks.examine_part", "faults.tasks.examine_usage"}
    assert wanted == mine - parts


def test_tasks_run_with_whatever_ids_the_news_carries(made: Cast) -> None:
    scene.say(made.socket, "Available", at=NOON)
    tasks.examine_station(station_id=made.ac_station.pk, session_id=4, ticket_id=9)
    tasks.examine_station(ticket_id=9)
    tasks.sweep_silent_stations()
    tasks.sweep_unexamined()
    tasks.relay_outbox()


def test_of_many_nudges_one_is_a_look(made: Cast, django_assert_max_num_queries) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_if_news(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    assert Fault.objects.count() == 1

    with django_assert_max_num_queries(4):
        detection.examine_if_news(station_id=made.ac_station.pk, as_of=NOON + minutes(2))

    scene.charge(made.socket, None, at=NOON - minutes(30))
    assert queries.has_news(made.ac_station.pk)


def test_a_rule_that_waits_is_found_when_its_time_has_come(made: Cast) -> None:
    look_at_both(made, 0)
    RuleState.objects.create(
        operator=made.operator,
        code="F36",
        scope_key=f"station:{made.ac_station.pk}",
        station=made.ac_station,
        state={},
        check_at=NOON + minutes(3),
        updated_at=NOON,
    )
    assert queries.waiting_station_ids(NOON + minutes(2), 10) == []
    assert queries.waiting_station_ids(NOON + minutes(3), 10) == [made.ac_station.pk]

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(3))

    assert queries.waiting_station_ids(NOON + minutes(4), 10) == []


def test_a_station_that_cannot_be_examined_does_not_hold_up_the_others(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for station in (made.ac_station, made.dc_station):
        type(station).objects.filter(pk=station.pk).update(check_after=NOON)
    looked: list[int] = []

    def examine(*, station_id: int, as_of: object, **_: object) -> None:
        looked.append(station_id)
        if station_id == made.ac_station.pk:
            raise ValueError(as_of)

    monkeypatch.setattr("faults.detection.sweeps.examine_station", examine)

    detection.sweep_silent(as_of=NOON)

    assert sorted(looked) == sorted([made.ac_station.pk, made.dc_station.pk])
    assert queries.silent_station_ids(NOON, 10) == [made.dc_station.pk]


def test_whoever_spoke_first_is_looked_at_first(made: Cast) -> None:
    scene.say(made.tethered, "Faulted", at=NOON, code="ReaderFailure")
    scene.say(made.socket, "Faulted", at=NOON + minutes(1), code="ReaderFailure")

    assert unexamined(5) == [made.dc_station.pk, made.ac_station.pk]
