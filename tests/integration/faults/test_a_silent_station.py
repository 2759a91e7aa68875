"""A station says nothing: it is asked, believed lost, looked for, and heard again."""

from datetime import datetime

import pytest

from faults import detection
from faults.models import Downtime, Fault, Notice, RuleState, Ticket
from stations.models import Command, Impairment, Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    people = cast.make_cast()
    scene.hear(people.ac_station, at=NOON)
    Station.objects.filter(pk=people.ac_station.pk).update(check_after=NOON + minutes(10.5))
    return people


def sweep(minute: float) -> int:
    return detection.sweep_silent(as_of=NOON + minutes(minute))


def check_after(made: Cast) -> datetime | None:
    return Station.objects.get(pk=made.ac_station.pk).check_after


def test_a_silent_station_is_asked_once_before_it_is_called_offline(made: Cast) -> None:
    assert sweep(10) == 0
    assert sweep(11) == 1

    asked = Command.objects.get()
    assert (asked.action, asked.payload) == ("trigger_message", {"message": "Heartbeat"})
    assert asked.expires_at == NOON + minutes(11.5)
    assert check_after(made) == NOON + minutes(12)
    assert not Fault.objects.exists()
    assert not RuleState.objects.get(code="F01").is_knowing
    assert sweep(11.2) == 0


def test_a_station_that_does_not_answer_fires_at_15_and_becomes_work_at_60(made: Cast) -> None:
    sweep(11)
    Command.objects.update(state="timeout", sent_at=NOON + minutes(11))

    sweep(12)
    fault = Fault.objects.get()
    assert (fault.code, fault.state, fault.began_at) == ("F01", "pending", NOON)
    minute = 12
    while minute < 61:
        minute += 1
        sweep(minute)
        if minute == 16:
            assert Fault.objects.get().state == "firing"
            assert not Ticket.objects.exists()

    ticket = Ticket.objects.get()
    assert (ticket.severity, ticket.scope_key) == (2, f"station:{made.ac_station.pk}")
    assert Notice.objects.count() == 2
    assert Downtime.objects.filter(started_at=NOON).count() == 2
    assert not Impairment.objects.exists(), "a station without a line may still charge"
    assert Command.objects.count() == 1


def test_an_offline_station_that_is_heard_for_two_minutes_is_back(made: Cast) -> None:
    scene.hear(made.ac_station, at=NOON, is_online=False)
    for minute in (11, 15, 60):
        sweep(minute)
    assert Ticket.objects.get().state == "new"
    scene.hear(made.ac_station, at=NOON + minutes(70))

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(70.1))
    assert Fault.objects.get().state == "firing"
    sweep(72.1)

    fault = Fault.objects.get()
    assert (fault.state, fault.cleared_at) == ("cleared", NOON + minutes(70))
    assert Ticket.objects.get().state == "closed"
    assert Downtime.objects.filter(ended_at=NOON + minutes(70)).count() == 2


def test_silence_of_everybody_is_our_own_and_no_fault(made: Cast) -> None:
    sweep(11)
    Command.objects.update(state="expired")

    for minute in range(12, 90):
        sweep(minute)

    assert not Fault.objects.exists()
    assert RuleState.objects.get(code="F01").is_knowing is False


def test_a_question_no_gateway_took_while_others_are_heard_means_offline(made: Cast) -> None:
    sweep(11)
    Command.objects.update(state="expired")
    scene.hear(made.dc_station, at=NOON + minutes(11.9))

    sweep(12)

    assert Fault.objects.get().evidence["proof"] == "probe_not_sent"


def test_a_station_that_was_heard_meanwhile_keeps_the_gateways_time(made: Cast) -> None:
    sweep(11)
    scene.hear(made.ac_station, at=NOON + minutes(11.5))
    Station.objects.filter(pk=made.ac_station.pk).update(check_after=NOON + minutes(22))

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(12))

    assert check_after(made) == NOON + minutes(22)
    assert not Fault.objects.exists()


def test_a_blip_shorter_than_a_quarter_of_an_hour_is_no_fault(made: Cast) -> None:
    scene.hear(made.ac_station, at=NOON, is_online=False)
    sweep(11)
    assert Fault.objects.get().state == "pending"
    scene.hear(made.ac_station, at=NOON + minutes(13))
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(13))
    for minute in (15, 16, 17):
        sweep(minute)
    assert not Fault.objects.exists()
    assert not Ticket.objects.exists()
