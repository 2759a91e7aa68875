"""The worker of faults away for twenty minutes, and killed (-9) in the middle of a look (X35).

What was said meanwhile is found by query; every fault is found once, one station's in the order
they happened, and a look that died is as if it had never begun.
"""

import os
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection

from faults import detection
from faults.models import Downtime, Fault, RuleState, Ticket, TicketNote
from tests.cast import Cast, make_cast, make_station
from tests.chaos.conftest import IS_LONG, Report
from tests.chaos.killed import kill_at_every_write
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
STATIONS = 120 if IS_LONG else 12
AWAY = minutes(20)
CODES = ("ReaderFailure", "PowerMeterFailure", "GroundFailure")


def say_all(made: Cast) -> dict[int, list[str]]:
    """Each station says one trouble after the other, and takes the first back; returns whom."""
    said: dict[int, list[str]] = {}
    for number in range(STATIONS):
        station, (connector,) = make_station(made.location, f"X35-{number}")
        scene.hear(station, at=NOON + AWAY)
        for turn, code in enumerate(CODES):
            at = NOON + timedelta(seconds=number + 60 * turn)
            scene.say(connector, "Faulted", at=at, code=code)
        said[station.pk] = list(CODES)
    return said


def sweep_in_parallel(workers: int, as_of: datetime) -> None:
    """Several workers come back at once and find the same work."""
    connection.close()
    children = []
    for _ in range(workers):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                detection.sweep_unexamined(as_of=as_of)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    for child in children:
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0


def test_a_worker_that_was_away_finds_every_fault_once(report: Report) -> None:
    made = make_cast()
    said = say_all(made)
    back_at = NOON + AWAY + minutes(2)
    began = time.monotonic()

    sweep_in_parallel(3, back_at)

    lag_s = time.monotonic() - began
    faults = Fault.objects.filter(station_id__in=said)
    assert not RuleState.objects.filter(check_at__lt=back_at - minutes(1)).exists()
    # of each place the last word stands, and the safety fault before it waits for a person
    open_codes = faults.exclude(state="cleared").values_list("station_id", "code")
    assert len(open_codes) == len(set(open_codes))
    assert {station for station, _ in open_codes} == set(said)
    tickets = Ticket.objects.filter(station_id__in=said)
    keys = list(tickets.values_list("scope_key", "family"))
    assert len(keys) == len(set(keys)), "two tickets for one thing"
    assert tickets.count() >= STATIONS
    counts = (faults.count(), tickets.count(), TicketNote.objects.count())
    sweep_in_parallel(2, back_at + minutes(3))
    assert counts == (faults.count(), tickets.count(), TicketNote.objects.count())
    report(
        "X35 faults worker away 20 min",
        stations=STATIONS,
        faults=counts[0],
        tickets=counts[1],
        twice=0,
        caught_up_s=round(lag_s, 1),
    )


def test_a_look_that_is_killed_leaves_nothing_and_is_made_again(report: Report) -> None:
    made = make_cast()
    (station, (connector,)) = make_station(made.location, "X35-KILL")
    scene.hear(station, at=NOON)
    for turn, code in enumerate(CODES):
        scene.say(connector, "Faulted", at=NOON + minutes(turn), code=code)

    deaths = kill_at_every_write(
        lambda: detection.examine_station(station_id=station.pk, as_of=NOON + minutes(4))
    )

    held = Fault.objects.filter(station=station).exclude(state="cleared")
    codes = list(held.values_list("code", flat=True))
    assert len(codes) == len(set(codes))
    assert "F30" in codes, "the safety fault was lost"
    opened = Ticket.objects.filter(station=station)
    assert len(set(opened.values_list("scope_key", "family"))) == opened.count()
    down = Downtime.objects.filter(connector=connector, ended_at=None)
    assert len(set(down.values_list("fault_id", flat=True))) == down.count()
    report("killed: a look at a station", deaths=deaths, twice=0, lost=0)
