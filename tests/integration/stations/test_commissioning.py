from datetime import timedelta

import pytest
from django.utils import timezone

from stations import commissioning
from stations.commissioning import profile
from stations.models import (
    Command,
    Commissioning,
    CommissioningStep,
    DeviceMonitor,
    DeviceVariable,
    Observation,
    Session,
    Station,
)
from stations.variables import Address
from tests.cast import Cast, make_cast
from tests.integration.stations.answering import Answering
from tests.integration.stations.commissioned import (
    KEYS,
    Keys,
    Simulated,
    come_online,
    dc_spec,
    set_up,
    states,
    step,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    come_online(made.ac_station)
    come_online(made.dc_station)
    return made


def boot(box: Answering) -> None:
    box.report("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
    box.follow()


def test_the_first_boot_sets_a_station_up_only_where_it_differs(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)

    boot(box)
    [due] = Commissioning.objects.all()
    assert commissioning.find_due(as_of=box.now) == []
    box.now += commissioning.QUIET
    assert commissioning.find_due(as_of=box.now) == [due.pk]
    commissioning.advance(commissioning_id=due.pk, as_of=box.now)
    box.settle()

    due.refresh_from_db()
    assert (due.state, due.risks) == ("done", [])
    assert box.values["TransactionMessageAttempts"] == "10"
    assert box.values["WebSocketPingInterval"] == "60"
    changed = {said["key"] for action, said in box.heard if action == "ChangeConfiguration"}
    # A heartbeat within 300 to 900 s, and more samples than we want, are left alone.
    assert not changed & {"HeartbeatInterval", "MeterValueSampleInterval", "MinimumStatusDuration"}
    assert states(due)["HeartbeatInterval"] == "already"
    assert states(due)["TransactionMessageAttempts"] == "done"
    assert states(due)["StopTransactionOnInvalidId"] == "unknown"


def test_what_the_station_measures_already_stays_and_the_unsupported_is_found(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    box.measures = {
        *("Energy.Active.Import.Register", "Power.Offered", "Power.Active.Import"),
        *("Current.Import", "Voltage", "Temperature"),
    }

    done = set_up(box)

    kept = set(box.values["MeterValuesSampledData"].split(","))
    assert kept == box.measures
    chosen = step(done, "MeterValuesSampledData")
    assert (chosen.state, chosen.answer) == ("done", "SoC, Current.Offered")


def test_a_value_accepted_and_not_kept_is_told_apart(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS, WebSocketPingInterval="Forgets")

    done = set_up(box)

    ping = step(done, "WebSocketPingInterval")
    assert (ping.state, ping.found) == ("ignored", "0")


def test_a_refused_number_of_attempts_is_a_risk_and_a_rule_hears_of_it(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS, TransactionMessageAttempts="Rejected")

    done = set_up(box)

    assert done.risks == ["few_attempts", "short_retry"]
    assert step(done, "TransactionMessageAttempts").state == "refused"
    assert Observation.objects.filter(kind="config_refused", station=made.ac_station).exists()


def test_one_call_at_a_time_and_none_while_the_station_is_away(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    begun = commissioning.begin_commissioning(
        station=made.ac_station, reason="asked", as_of=box.now
    )
    Station.objects.filter(pk=made.ac_station.pk).update(is_online=False)
    later = box.now + timedelta(minutes=1)
    commissioning.advance(commissioning_id=begun.pk, as_of=later)
    assert not Command.objects.exists()
    Station.objects.filter(pk=made.ac_station.pk).update(is_online=True)

    for _ in range(3):
        commissioning.advance(commissioning_id=begun.pk, as_of=later)

    assert Command.objects.filter(state="queued").count() == 1


def test_a_round_goes_on_after_a_crash_between_the_answer_and_what_it_means(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    begun = commissioning.begin_commissioning(
        station=made.ac_station, reason="asked", as_of=box.now
    )
    later = box.now + timedelta(minutes=1)
    commissioning.advance(commissioning_id=begun.pk, as_of=later)
    # The answer is followed, and the worker dies before the round hears of it.
    Command.objects.update(
        state="accepted",
        answer=box.tell({}),
        finished_at=later,
        followed_at=later,
    )

    box.now = later
    commissioning.advance(commissioning_id=begun.pk, as_of=later)
    box.settle()

    begun.refresh_from_db()
    assert begun.state == "done"


def test_no_answer_is_asked_again_three_times_and_then_left(made: Cast) -> None:
    silent = Answering(made.ac_station, {"GetConfiguration": lambda _: None}, timezone.now())
    begun = commissioning.begin_commissioning(
        station=made.ac_station, reason="asked", as_of=silent.now
    )

    for _ in range(4):
        silent.now += timedelta(minutes=1)
        commissioning.advance(commissioning_id=begun.pk, as_of=silent.now)
        silent.settle()

    asked = [action for action, _ in silent.heard if action == "GetConfiguration"]
    assert len(asked) == 3
    assert begun.steps.get(position=1).state == "failed"


def test_a_station_that_restarts_at_our_calls_is_left_alone(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    begun = commissioning.begin_commissioning(
        station=made.ac_station, reason="asked", as_of=box.now
    )

    for _ in range(2):
        box.now += commissioning.QUIET
        commissioning.advance(commissioning_id=begun.pk, as_of=box.now)
        box.now += timedelta(seconds=5)
        boot(box)

    begun.refresh_from_db()
    assert (begun.state, begun.note) == ("stopped", "restarts")
    blamed = begun.steps.filter(state="failed").values_list("answer", flat=True)
    assert list(blamed) == ["restarted", "restarted"]
    assert not begun.steps.filter(state__in=["waiting", "asked"]).exists()


def test_new_firmware_is_set_up_anew_and_the_same_is_not(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    set_up(box)
    boot(box)
    assert Commissioning.objects.count() == 1

    Station.objects.filter(pk=made.ac_station.pk).update(firmware_version="2.0")
    boot(box)

    assert Commissioning.objects.filter(reason="firmware", state="running").count() == 1


def test_a_station_that_never_boots_again_is_found_by_the_sweep(made: Cast) -> None:
    now = timezone.now()
    found = commissioning.find_new(as_of=now)
    assert {each.pk for each in found} == {made.ac_station.pk, made.dc_station.pk}

    for station in found:
        commissioning.begin_due(station=station, as_of=now)
        commissioning.begin_due(station=station, as_of=now)

    assert Commissioning.objects.count() == 2
    assert commissioning.find_new(as_of=now) == []


def test_what_needs_a_restart_waits_while_somebody_charges(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    session = Session.objects.create(
        operator=made.operator,
        station=made.ac_station,
        connector=made.socket,
        ocpp_transaction_id="1",
        started_at=box.now,
        received_at=box.now,
        state="open",
    )
    wanted = profile.Wanted(Address("WebSocketPingInterval"), "60", needs_reboot=True)
    begun = commissioning.begin_commissioning(
        station=made.ac_station, reason="template", settings=[wanted], as_of=box.now
    )
    later = box.now + timedelta(minutes=1)
    commissioning.advance(commissioning_id=begun.pk, as_of=later)
    assert not Command.objects.exists()

    Session.objects.filter(pk=session.pk).update(state="flagged")
    later += timedelta(minutes=10)
    commissioning.advance(commissioning_id=begun.pk, as_of=later)

    assert Command.objects.get().action == "ChangeConfiguration"
    assert CommissioningStep.objects.get(kind="set").state == "asked"


def test_a_2_station_is_read_whole_set_up_and_watched(made: Cast) -> None:
    box = Simulated(made.dc_station, dc_spec())

    done = set_up(box)

    assert done.state == "done"
    ended = states(done)
    assert ended["MessageAttempts"] == "done"
    assert ended["WebSocketPingInterval"] == "already"
    assert box.charger.settings.values["TransactionMessageAttempts"] == "10"
    measured = step(done, "TxUpdatedMeasurands")
    assert (measured.state, measured.answer) == ("already", "Current.Offered")
    assert done.risks == []
    base = DeviceVariable.objects.get(variable="ActiveMonitoringBase")
    assert base.value == "All"
    watched = DeviceMonitor.objects.filter(station=made.dc_station)
    at_cable = watched.filter(component="TemperatureSensor", evse=1, connector=1)
    assert set(at_cable.values_list("kind", "value", "severity", "only_in_transaction")) == {
        ("UpperThreshold", "80", 4, False),
        ("UpperThreshold", "90", 1, False),
        ("Periodic", "60", 6, True),
    }
    cabinet = watched.filter(component="TemperatureSensor", evse=0)
    assert {each.value for each in cabinet} == {"60", "70"}
    assert watched.filter(component="ConnectorPlugRetentionLock", kind="Delta").count() == 1
    assert done.steps.filter(kind="monitors").get().state == "done"


def test_set_up_again_a_2_station_is_told_nothing(made: Cast) -> None:
    box = Simulated(made.dc_station, dc_spec())
    set_up(box)
    box.heard.clear()
    box.now += timedelta(hours=1)

    again = set_up(box, "asked")

    asked = {action for action, _ in box.heard}
    said = [said for action, said in box.heard if action == "SetVariableMonitoring"]
    assert said == []
    assert asked == {"GetBaseReport", "GetMonitoringReport", "SetVariables"}
    # Only what it refused is tried again.
    tried = [said for action, said in box.heard if action == "SetVariables"]
    assert len(tried) == 1
    assert states(again)["MessageAttempts"] == "already"


def test_an_inventory_that_never_ends_is_left_and_the_rest_is_done(made: Cast) -> None:
    box = Simulated(made.dc_station, dc_spec())
    box.answers = {**box.answers, "GetBaseReport": lambda _: {"status": "Accepted"}}
    begun = set_up(box)
    assert begun.state == "running"

    box.now += timedelta(minutes=5)
    commissioning.advance(commissioning_id=begun.pk, as_of=box.now)
    box.settle()

    begun.refresh_from_db()
    assert begun.state == "done"
    assert begun.steps.get(position=1).state == "failed"
    assert states(begun)["MessageAttempts"] == "done"
