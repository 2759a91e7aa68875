"""What an examination makes of a station, whatever order things come in."""

from datetime import timedelta

import pytest

from faults import detection, tickets
from faults.models import Downtime, Fault, Notice, RuleState, Ticket, TicketNote
from stations.models import Cable, CableFitting, Impairment, Location
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def look(made: Cast, minute: float) -> None:
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(minute))


def look_at_dc(made: Cast, minute: float) -> None:
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON + minutes(minute))


def test_looking_twice_changes_nothing(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")

    look(made, 1)
    counts = [model.objects.count() for model in (Fault, Ticket, TicketNote, Notice, Downtime)]
    look(made, 1)
    look(made, 9)

    assert counts == [1, 1, 2, 2, 1]
    assert counts == [
        model.objects.count() for model in (Fault, Ticket, TicketNote, Notice, Downtime)
    ]


def test_a_fault_that_must_stand_two_minutes_is_watched_first(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="InternalError")

    look(made, 1)

    fault = Fault.objects.get()
    assert (fault.state, fault.check_at) == ("pending", NOON + minutes(2))
    assert not Ticket.objects.exists()
    assert detection.sweep_silent(as_of=NOON + minutes(1.5)) == 0
    assert detection.sweep_silent(as_of=NOON + minutes(2)) == 1
    assert Fault.objects.get().state == "firing"
    assert Ticket.objects.get().severity == 2


def test_a_fault_that_ends_while_watched_leaves_no_trace(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="InternalError")
    look(made, 1)
    scene.say(made.socket, "Available", at=NOON + minutes(1.5))

    look(made, 2)

    assert not Fault.objects.exists()
    assert not Ticket.objects.exists()


def test_late_facts_that_had_already_ended_open_nothing_and_are_a_closed_downtime(
    made: Cast,
) -> None:
    told_at = NOON + timedelta(hours=3)
    scene.say(made.socket, "Faulted", at=NOON, code="PowerSwitchFailure", received_at=told_at)
    scene.say(made.socket, "Available", at=NOON + minutes(20), received_at=told_at)

    detection.examine_station(station_id=made.ac_station.pk, as_of=told_at + minutes(1))

    assert not Fault.objects.exists()
    assert not Ticket.objects.exists()
    down = Downtime.objects.get()
    assert (down.reason_code, down.connector) == ("F29", made.socket)
    assert (down.started_at, down.ended_at) == (NOON, NOON + minutes(20))
    assert Impairment.objects.get().ended_at == NOON + minutes(20)


def test_late_facts_that_still_hold_open_with_their_true_beginning(made: Cast) -> None:
    told_at = NOON + timedelta(hours=3)
    scene.say(made.socket, "Faulted", at=NOON, code="InternalError", received_at=told_at)

    detection.examine_station(station_id=made.ac_station.pk, as_of=told_at)

    assert Fault.objects.get().began_at == NOON
    assert Downtime.objects.get().started_at == NOON


def test_the_ticket_nobody_began_closes_when_the_fault_is_gone(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    look(made, 1)
    scene.say(made.socket, "Available", at=NOON + minutes(5))

    look(made, 6)

    assert Ticket.objects.get().state == "closed"
    assert Fault.objects.get().cleared_at == NOON + minutes(5)
    assert Downtime.objects.get().ended_at == NOON + minutes(5)
    assert Impairment.objects.get().ended_at == NOON + minutes(5)


def test_the_person_at_work_is_told_that_the_fault_is_gone(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    look(made, 1)
    ticket = Ticket.objects.get()
    tickets.assign_ticket(
        ticket_id=ticket.pk,
        assignee_id=made.dag.pk,
        actor_id=made.cilla.pk,
        as_of=NOON + minutes(2),
    )
    scene.say(made.socket, "Available", at=NOON + minutes(5))

    look(made, 6)

    ticket.refresh_from_db()
    assert ticket.state == "assigned"
    assert Notice.objects.get(event="cleared").user == made.dag


def test_the_same_fault_within_a_day_is_the_same_ticket_again(made: Cast) -> None:
    for minute in (0, 60):
        scene.say(made.socket, "Faulted", at=NOON + minutes(minute), code="ReaderFailure")
        look(made, minute + 1)
        scene.say(made.socket, "Available", at=NOON + minutes(minute + 5))
        look(made, minute + 6)

    fault, ticket = Fault.objects.get(), Ticket.objects.get()
    assert (fault.reopened, ticket.reopened, ticket.state) == (1, 1, "closed")
    assert len(fault.evidence["earlier"]) == 1
    assert Downtime.objects.count() == 2
    assert Notice.objects.filter(event="opened").count() == 2, "nobody is told twice"


def test_a_day_later_it_is_a_new_ticket(made: Cast) -> None:
    for hour in (0, 30):
        at = NOON + timedelta(hours=hour)
        scene.say(made.socket, "Faulted", at=at, code="ReaderFailure")
        look(made, hour * 60 + 1)
        scene.say(made.socket, "Available", at=at + minutes(5))
        look(made, hour * 60 + 6)

    assert [ticket.number for ticket in Ticket.objects.order_by("pk")] == [1, 2]


def test_a_warning_that_becomes_an_outage_is_told_and_counted_as_down(made: Cast) -> None:
    scene.say(made.socket, "Charging", at=NOON, code="HighTemperature")
    look(made, 1)
    assert Ticket.objects.get().severity == 4
    assert not Notice.objects.exists()
    assert not Downtime.objects.exists()
    scene.say(made.socket, "Faulted", at=NOON + minutes(5), code="HighTemperature")

    look(made, 6)

    assert Ticket.objects.get().severity == 2
    assert Notice.objects.filter(event="raised").count() == 2
    assert Downtime.objects.get().started_at == NOON + minutes(5)
    scene.say(made.socket, "Charging", at=NOON + minutes(9), code="HighTemperature")
    look(made, 9)
    assert Downtime.objects.get().ended_at == NOON + minutes(9)
    scene.say(made.socket, "Faulted", at=NOON + minutes(12), code="HighTemperature")
    look(made, 12)
    assert [row.started_at for row in Downtime.objects.order_by("pk")] == [
        NOON + minutes(5),
        NOON + minutes(12),
    ]


def test_a_dead_reader_on_a_connector_that_charges_is_work_but_no_downtime(made: Cast) -> None:
    scene.say(made.socket, "Available", at=NOON, code="ReaderFailure")
    look(made, 1)
    assert Ticket.objects.get().severity == 3
    assert not Downtime.objects.exists()
    assert not Impairment.objects.exists()


def test_a_cable_fault_names_the_cable_fitted_when_it_began(made: Cast) -> None:
    fitting = CableFitting.objects.get()
    CableFitting.objects.filter(pk=fitting.pk).update(removed_at=NOON + minutes(30))
    new = Cable.objects.create(operator=made.operator, serial_number="K-0002", type="ccs2")
    CableFitting.objects.create(
        operator=made.operator, cable=new, connector=made.tethered, fitted_at=NOON + minutes(30)
    )
    told_at = NOON + minutes(40)
    scene.say(made.tethered, "Faulted", at=NOON, code="ConnectorLockFailure", received_at=told_at)

    look_at_dc(made, 41)

    assert Fault.objects.get().cable == made.cable
    assert Ticket.objects.get().cable == made.cable


def test_a_stations_fault_names_no_cable(made: Cast) -> None:
    scene.say(made.tethered, "Faulted", at=NOON, code="ReaderFailure")
    look_at_dc(made, 1)
    assert Fault.objects.get().cable is None


def test_a_newer_station_says_faulted_first_and_why_a_moment_later(made: Cast) -> None:
    scene.say(made.tethered, "Faulted", at=NOON)
    look_at_dc(made, 0.1)
    assert Fault.objects.get().state == "pending"
    scene.report(made.tethered, "ConnectorPlugRetentionLock", at=NOON + minutes(0.2))

    look_at_dc(made, 0.3)
    look_at_dc(made, 3)

    assert [(fault.code, fault.severity) for fault in Fault.objects.all()] == [("F26", 3)]
    scene.say(made.tethered, "Available", at=NOON + minutes(5))
    lock = "ConnectorPlugRetentionLock"
    scene.report(made.tethered, lock, at=NOON + minutes(5), is_cleared=True)
    look_at_dc(made, 6)
    assert Fault.objects.get().state == "cleared"


def test_two_faults_of_one_family_at_one_place_are_one_ticket(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="OtherError", vendor="CX023,CX025")

    look(made, 3)

    assert {fault.code for fault in Fault.objects.all()} == {"F26", "F27"}
    assert Ticket.objects.count() == 1


def test_a_repair_that_did_not_help_opens_the_ticket_again(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    look(made, 1)
    ticket = Ticket.objects.get()
    tickets.resolve_ticket(
        ticket_id=ticket.pk,
        actor_id=made.dag.pk,
        resolution="Cleaned the reader",
        finding=scene.REPAIRED,
        as_of=NOON + minutes(10),
    )

    look(made, 11)
    assert Fault.objects.get().check_at == NOON + minutes(25)
    assert Ticket.objects.get().state == "resolved"
    look(made, 25)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.reopened) == ("new", 1)


def test_facts_of_the_same_moment_that_are_committed_later_are_counted_too(made: Cast) -> None:
    scene.say(made.socket, "Available", at=NOON)
    look(made, 0.5)
    scene.say(made.socket, "Faulted", at=NOON - minutes(0.2), code="ReaderFailure")
    scene.say(made.socket, "Available", at=NOON)

    look(made, 1)

    mark = RuleState.objects.get(code="examined").state["signs"]
    assert len(mark["ids"]) == 3


def test_an_examination_without_news_costs_few_queries(
    made: Cast, django_assert_max_num_queries
) -> None:
    scene.hear(made.ac_station, at=NOON)
    scene.charge(made.socket, made.astrids_token, at=NOON - minutes(90))
    scene.say(made.socket, "Available", at=NOON)
    look(made, 0.2)
    # station, rules, facts of seven kinds, thresholds, demotions: each once
    with django_assert_max_num_queries(17):
        look(made, 0.3)


def test_a_station_that_does_not_exist_is_nothing_to_look_at() -> None:
    detection.examine_station(station_id=404, as_of=NOON)
    assert not RuleState.objects.exists()


def test_another_operators_faults_have_numbers_of_their_own(made: Cast) -> None:
    other = made.other_operator
    site = Location.objects.create(operator=other, name="Torget")
    station, (socket,) = cast.make_station(site, "SYD-AC-1")
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    scene.say(socket, "Faulted", at=NOON, code="ReaderFailure")
    look(made, 1)
    detection.examine_station(station_id=station.pk, as_of=NOON + minutes(1))
    assert [ticket.number for ticket in Ticket.objects.order_by("pk")] == [1, 1]
    assert {row.user.email for row in Notice.objects.filter(operator=other)} == {
        "erik@example.org"
    }
